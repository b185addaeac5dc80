# SPDX-License-Identifier: Apache-2.0
"""The only place that configures an XML parser, and the one that writes canonical text.

Everything that arrives from outside is parsed here: no document type declaration, no entities, no
network, bounded depth and attributes. Small things become lxml trees (`parse`); what may be large
streams through expat (`StreamParser`), which keeps nothing. The writing half escapes text so that
what is written already is its own canonical form (Exclusive XML Canonicalization 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.parsers import expat

from lxml import etree

from gateway.errors import Fault, GatewayError

MAX_DEPTH = 64  # a signed SOAP header needs 12, an UBL invoice 10
MAX_ATTRIBUTES = 64  # of one element; the protocols here use at most 6
MAX_NAMES = 10_000  # different names in one stream; all of UBL has about 2,000
MAX_TOKEN = 256 * 1024  # one tag or comment; expat holds it whole until its end arrives
_EXPAT_BUFFER = 256 * 1024
_ENOUGH_HEAD = 100  # byte order mark and opening of the declaration; expat reports the rest

_TOO_MUCH = "the XML is nested too deep or has too many attributes"
_UTF_8 = ("UTF-8", "US-ASCII", "ASCII")
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?[^?]*(?:\?(?!>)[^?]*)*\?>|<!--[^-]*(?:-(?!->)[^-]*)*-->)*"
)
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_TOO_DEEP = etree.XPath(
    # By steps and positions, not by counting: that costs a tenth.
    f"boolean({'/*' * (MAX_DEPTH + 1)} | //@*[{MAX_ATTRIBUTES + 1}])"
)
_NOT_XML_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MalformedXMLError(GatewayError):
    """Bytes that should be XML are not, or use what is refused here (DTD, entities, depth)."""

    code = "malformed_xml"
    fault = Fault.CALLER


class UnwritableTextError(GatewayError):
    """A text holds a character that XML cannot carry, escaped or not."""

    code = "malformed_request"
    fault = Fault.CALLER


def parse(data: bytes) -> etree._Element:
    """Parse a small document in UTF-8 whole; comments, blanks and instructions are kept.

    Raises `MalformedXMLError` for a document type declaration, another encoding, broken XML, or
    nesting and attributes beyond the limits above.
    """
    refuse_doctype(data)
    refuse_other_encoding(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXMLError(f"not well-formed XML: {_first_line(error)}") from error
    if _TOO_DEEP(root):
        raise MalformedXMLError(_TOO_MUCH)
    return root


def refuse_doctype(head: bytes) -> None:
    """Raise `MalformedXMLError` if a document type declaration stands before the root element."""
    prolog = _PROLOG.match(head)
    if head[prolog.end() if prolog else 0 :].startswith(b"<!"):
        raise MalformedXMLError("a document type declaration is not allowed")


def refuse_other_encoding(head: bytes) -> None:
    """Raise `MalformedXMLError` unless the XML is UTF-8 by its first bytes and declaration."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
        raise MalformedXMLError("the XML is not encoded in UTF-8")
    declared = _DECLARED_ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    _refuse_declared("", declared.group(1).decode() if declared else None, -1)


def canonicalise(
    element: etree._Element,
    *,
    exclusive: bool = True,
    inclusive_prefixes: Sequence[str] = (),
) -> bytes:
    """Canonical form without comments of an element as it stands in its tree.

    Inclusive form of an element below the root is right only after `reparsed` (lxml puts a wrong
    `xmlns=""` on grandchildren otherwise).
    """
    prefixes = list(inclusive_prefixes) or None
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=False,
        inclusive_ns_prefixes=prefixes,
    )


def reparsed(element: etree._Element) -> etree._Element:
    """The element alone, as root of a tree of its own with all namespaces in scope on it."""
    return parse(etree.tostring(element, with_tail=False))


def serialise(element: etree._Element) -> bytes:
    """The element as UTF-8 document with an XML declaration, nothing re-indented."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def text(value: str) -> str:
    """Escape `value` as canonical element content. Raises `UnwritableTextError`."""
    _refuse_unwritable(value)
    return (
        value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
    )


def attribute(value: str) -> str:
    """Escape `value` as canonical attribute content, quotes not included."""
    _refuse_unwritable(value)
    return (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\t", "&#x9;")
        .replace("\n", "&#xA;")
        .replace("\r", "&#xD;")
    )


class StreamParser:
    """A document of any size, in pieces, through expat; memory does not grow with it.

    The handlers get names as `namespace local` with one blank between (no blank without a
    namespace), attributes as a flat list `[name, value, …]`. With a `scope` handler, which is told
    of each namespace declaration (prefix, namespace) before its element and (prefix, None) after
    it, names that have a prefix become `namespace local prefix`. `offset` is the byte offset of
    the event being handled, from the first byte fed.
    """

    def __init__(
        self,
        *,
        start: Callable[[str, list[str]], None],
        end: Callable[[str], None],
        characters: Callable[[str], None] | None = None,
        scope: Callable[[str, str | None], None] | None = None,
        max_depth: int = 100,
    ) -> None:
        self._start = start
        self._end = end
        self._depth = 0
        self._max_depth = max_depth
        self._head = b""
        self._checked = False
        self._fed = 0
        self._scope = scope
        self._names: dict[str, str] = {}  # pyexpat keeps every name here for good
        parser = expat.ParserCreate("UTF-8", namespace_separator=" ", intern=self._names)
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.buffer_size = _EXPAT_BUFFER
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = characters
        parser.XmlDeclHandler = _refuse_declared
        parser.StartNamespaceDeclHandler = self._declared  # also counts prefixes into the names
        if scope is not None:
            parser.namespace_prefixes = True
            parser.EndNamespaceDeclHandler = self._undeclared
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser = parser

    @property
    def offset(self) -> int:
        """Where the event at hand begins, in bytes."""
        return self._parser.CurrentByteIndex

    @property
    def line(self) -> int:
        """The line of the event at hand, from 1."""
        return self._parser.CurrentLineNumber

    def want_characters(self, handler: Callable[[str], None] | None) -> None:
        """Switch the text handler while parsing; None skips text at full speed."""
        self._parser.CharacterDataHandler = handler

    def skip(self) -> None:
        """Called while an element starts: pass over all inside it, the next event is its end."""
        depth = self._depth
        limit = self._max_depth
        parser = self._parser

        def started(_name: str, _attributes: list[str]) -> None:
            nonlocal depth
            depth += 1
            if depth > limit:
                raise MalformedXMLError(_TOO_MUCH)

        def ended(name: str) -> None:
            nonlocal depth
            depth -= 1
            if depth < self._depth:
                parser.StartElementHandler = self._started
                parser.EndElementHandler = self._ended
                self._ended(name)

        parser.StartElementHandler = started
        parser.EndElementHandler = ended

    def feed(self, chunk: bytes) -> None:
        """Parse the next piece. Raises `MalformedXMLError`."""
        if not self._checked:
            self._head += chunk[:256]
            if len(self._head) >= _ENOUGH_HEAD or b">" in self._head:
                refuse_other_encoding(self._head)
                self._checked, self._head = True, b""
        self._parse(chunk, final=False)

    def close(self) -> None:
        """The document ends here. Raises `MalformedXMLError` if it is not complete."""
        self._parse(b"", final=True)

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise MalformedXMLError(f"not well-formed XML: {_first_line(error)}") from error
        self._fed += len(chunk)
        if len(self._names) > MAX_NAMES:
            raise MalformedXMLError("the XML uses too many different names")
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN and not final:
            raise MalformedXMLError("a tag or comment of the XML is too long")

    def _started(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth > self._max_depth or len(attributes) > 2 * MAX_ATTRIBUTES:
            raise MalformedXMLError(_TOO_MUCH)
        self._start(name, attributes)

    def _declared(self, prefix: str | None, namespace: str | None) -> None:
        if self._scope is not None:
            self._scope(prefix or "", namespace or "")

    def _undeclared(self, prefix: str | None) -> None:
        if self._scope is not None:
            self._scope(prefix or "", None)

    def _ended(self, name: str) -> None:
        self._depth -= 1
        self._end(name)


def _refuse(*_: object) -> None:
    raise MalformedXMLError("a document type declaration is not allowed")


def _refuse_declared(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.upper() not in _UTF_8:
        raise MalformedXMLError("the XML declares an encoding other than UTF-8")


def _refuse_unwritable(value: str) -> None:
    if _NOT_XML_CHAR.search(value):
        raise UnwritableTextError("the text holds a control character that XML cannot carry")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
