# SPDX-License-Identifier: Apache-2.0
"""The reference engine: stylesheets on Saxon, official ones as published and ours alike.

Saxon holds the interpreter lock and does not survive a fork: create it in a process that was
spawned or comes from a fork server, once, and never use it in a forked child. It writes the text
of errors to the standard error stream whatever its caller does. `saxonche` is imported when the
first `Saxon` is created, so that processes without one do not pay for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from lxml import etree

from gateway import safexml
from gateway.schematron.errors import EngineError, SchemaError
from gateway.schematron.svrl import read_svrl
from gateway.schematron.verdict import Verdict

if TYPE_CHECKING:
    from saxonche import PyXdmNode, PyXsltExecutable

_FEATURE = "http://saxon.sf.net/feature/"
# A rule set reads nothing but the document and calls nothing outside of its own functions.
_CLOSED = {"allowedProtocols": "", "allow-external-functions": "false"}
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml\s[^>]*?\?>")
_FILE = re.compile(r" of file:\S*?(?=:? |:?$)")
_LONGEST_ERROR = 300  # characters


@dataclass(frozen=True, slots=True)
class SaxonDocument:
    """A document that Saxon has parsed; all layers judge the same one."""

    node: PyXdmNode


class SaxonLayer:
    """One compiled stylesheet."""

    def __init__(self, compile_it: Callable[[], PyXsltExecutable]) -> None:
        self._compile = compile_it
        self._executable = compile_it()
        self._is_fresh = True

    def report(self, document: SaxonDocument) -> bytes:
        """The SVRL report as the stylesheet writes it. Raises `EngineError` for a dynamic error.

        After some documents Saxon evaluates variables ahead that were needed so far. An error in
        one that this document does not need would then be an error of its predecessors' making.
        So an error counts when a freshly compiled stylesheet gives it, too.
        """
        try:
            return self._run(document)
        except EngineError:
            if self._is_fresh:
                raise
        finally:
            self._is_fresh = False
        self._executable = self._compile()
        return self._run(document)

    def _run(self, document: SaxonDocument) -> bytes:
        try:
            report = self._executable.transform_to_string(xdm_node=document.node)
        except _saxonche().PySaxonApiError as error:
            raise EngineError(_said(error)) from error
        if report is None:
            raise EngineError(self._executable.error_message or "the stylesheet wrote nothing")
        return _DECLARATION.sub("", report).encode()

    def judge(self, document: SaxonDocument, root: etree._Element) -> Verdict:
        """Judge a document; `root` is the same document as lxml tree, for the places in it.

        A dynamic error is a verdict of its own and has no failures.
        """
        try:
            return Verdict(failures=read_svrl(self.report(document), root))
        except EngineError as error:
            return Verdict(error=error.detail)


class Saxon:
    """One Saxon processor with the implicit time zone UTC; a process needs one.

    Raises `EngineError` where `saxonche` is not installed.
    """

    def __init__(self) -> None:
        library = _saxonche()
        with _in_utc():
            self._processor = library.PySaxonProcessor(license=False)
            zone = self._processor.new_xpath_processor().evaluate_single("implicit-timezone()")
        if str(zone) != "PT0S":
            raise EngineError(f"Saxon's implicit time zone is {zone}, not UTC")
        for feature, value in _CLOSED.items():
            self._processor.set_configuration_property(_FEATURE + feature, value)
        self._compiler = self._processor.new_xslt30_processor()

    def compile(self, stylesheet: bytes) -> SaxonLayer:
        """Compile a stylesheet that stands alone. Raises `SchemaError` for a broken one."""
        try:
            text = _DECLARATION.sub("", safexml.as_utf_8(stylesheet).decode())
            return SaxonLayer(lambda: self._compiler.compile_stylesheet(stylesheet_text=text))
        except (safexml.MalformedXMLError, UnicodeError) as error:
            raise SchemaError("the stylesheet is not in the encoding it declares") from error
        except _saxonche().PySaxonApiError as error:
            raise SchemaError(f"Saxon does not compile it: {_said(error)}") from error

    def parse(self, document: bytes) -> SaxonDocument:
        """Parse a document once for all layers; it may be in any encoding that it declares.

        Raises `MalformedXMLError` for broken XML and for a document type declaration. Bound the
        size and the depth of what comes from outside before: `safexml.parse_document` does.
        """
        data = safexml.as_utf_8(document)
        safexml.refuse_doctype(data)
        try:
            text = _DECLARATION.sub("", data.decode())
            return SaxonDocument(self._processor.parse_xml(xml_text=text))
        except (_saxonche().PySaxonApiError, UnicodeError) as error:
            raise safexml.MalformedXMLError(f"not well-formed XML: {_said(error)}") from error


def _saxonche() -> ModuleType:
    try:
        import saxonche  # noqa: PLC0415 - 50 MB that only a process with this engine should load
    except ImportError as error:
        raise EngineError(
            "the engine saxon needs the package saxonche, which is not installed",
            advice="Install saxonche, or choose the engine fast.",
        ) from error
    library: ModuleType = saxonche
    return library


@contextmanager
def _in_utc() -> Iterator[None]:
    """Saxon takes the time zone of the process when it first needs one, and keeps it."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before


def _said(error: Exception) -> str:
    """What Saxon says, in one line and without the paths of this machine."""
    return _FILE.sub("", " ".join(str(error).split()))[:_LONGEST_ERROR].rstrip()
