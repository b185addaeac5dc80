# SPDX-License-Identifier: Apache-2.0
"""Documents of any size through expat, piece by piece; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from gateway.safexml.limits import (
    MAX_ATTRIBUTES,
    MAX_NAMES,
    MAX_TOKEN,
    TOO_MUCH,
    MalformedXMLError,
    first_line,
)
from gateway.safexml.prolog import refuse_declared, refuse_other_encoding

_EXPAT_BUFFER = 256 * 1024
_ENOUGH_HEAD = 100  # byte order mark and opening of the declaration; expat reports the rest


class StreamParser:
    """A document of any size, in pieces, through expat; memory does not grow with it.

    The handlers get names as `namespace local` with one blank between (no blank without a
    namespace), attributes as a flat list `[name, value, …]`. With a `scope` handler, which is told
    of each namespace declaration (prefix, namespace) before its element and (prefix, None) after
    it, names that have a prefix become `namespace local prefix`. With `transcoded` the bytes are
    UTF-8 whatever the declaration says, for somebody rewrote them. `offset` is the byte offset of
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
        transcoded: bool = False,
    ) -> None:
        self._start = start
        self._end = end
        self._depth = 0
        self._max_depth = max_depth
        self._head = b""
        self._checked = transcoded
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
        if not transcoded:
            parser.XmlDeclHandler = refuse_declared
        parser.StartNamespaceDeclHandler = self._declared  # also counts prefixes into the names
        if scope is not None:
            parser.namespace_prefixes = True
            parser.EndNamespaceDeclHandler = self._undeclared
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
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

    @property
    def column(self) -> int:
        """The column of the event at hand, in characters from 1."""
        return self._parser.CurrentColumnNumber + 1

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
                raise MalformedXMLError(TOO_MUCH)

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
            raise MalformedXMLError(f"not well-formed XML: {first_line(error)}") from error
        self._fed += len(chunk)
        if len(self._names) > MAX_NAMES:
            raise MalformedXMLError("the XML uses too many different names")
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN and not final:
            raise MalformedXMLError("a tag or comment of the XML is too long")

    def _started(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth > self._max_depth or len(attributes) > 2 * MAX_ATTRIBUTES:
            raise MalformedXMLError(TOO_MUCH)
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


def _refuse_doctype(*_: object) -> None:
    raise MalformedXMLError("a document type declaration is not allowed")
