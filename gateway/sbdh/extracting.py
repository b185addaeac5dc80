# SPDX-License-Identifier: Apache-2.0
"""Take the business document out of its envelope again, byte for byte, whatever its size.

What comes out is an XML declaration, a line feed and the bytes between the header and the end of
the envelope, outer blanks cut; so it is what the sender's system wrote, its own declaration and
byte order mark aside. Only where the document leans on a namespace that is declared outside of it
the declaration is added, at the element that needs it. Wrapped content comes out decoded.
"""

from __future__ import annotations

import binascii
import re

from gateway.safexml import MalformedXMLError, StreamParser, attribute
from gateway.sbdh.envelope import BINARY, NAMESPACE, TEXT, EnvelopeError
from gateway.sbdh.reading import MAX_DEPTH

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_BLANKS = b" \t\r\n"
_MAX_BLANKS = 64 * 1024  # kept between the document and a comment after it; more is dropped
_END_OF_NAME = re.compile(rb"[ \t\r\n/>]")
_DOCUMENT = 2  # its depth
_HEADER = f"{NAMESPACE} StandardBusinessDocumentHeader"


class DocumentExtractor:
    """Feed an envelope that `EnvelopeReader` took; `feed` and `close` give the document's bytes.

    Raises `EnvelopeError` for what is not such an envelope.
    """

    def __init__(self) -> None:
        self._raw = bytearray()  # what was fed and not given out, from byte `_base` on
        self._base = 0
        self._depth = 0
        self._from: int | None = None  # where the header ends
        self._to: int | None = None  # where the end tag of the envelope begins
        self._document_ended = False
        self._started = False
        self._held = b""
        self._insertions: list[tuple[int, bytes]] = []
        self._scopes = _Scopes()
        self._wrapped: _Base64Decoder | _TextEncoder | None = None
        self._parser = StreamParser(
            start=self._start, end=self._end, scope=self._scopes.change, max_depth=MAX_DEPTH
        )
        self._parser.want_characters(None)

    def feed(self, chunk: bytes) -> bytes:
        """Read on; gives what of the document is certain by now."""
        self._raw += chunk
        try:
            self._parser.feed(chunk)
        except MalformedXMLError as error:
            raise EnvelopeError(error.detail.partition(":")[0]) from error
        return self._drain()

    def close(self) -> bytes:
        """The envelope ends here; gives the rest of the document."""
        try:
            self._parser.close()
        except MalformedXMLError as error:
            raise EnvelopeError(error.detail.partition(":")[0]) from error
        rest = self._drain()
        if not self._document_ended:
            raise EnvelopeError("there is no business document in the envelope")
        return rest

    def _start(self, name: str, attributes: list[str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self._scopes.outer_is_complete()
        elif self._from is not None:
            if (added := self._scopes.needed(name, attributes, depth=self._depth)) != "":
                self._insert(added)
            if self._depth == _DOCUMENT:
                self._start_document(_plain(name))

    def _start_document(self, name: str) -> None:
        if name in (BINARY, TEXT):
            self._wrapped = _Base64Decoder() if name == BINARY else _TextEncoder()
            self._parser.want_characters(self._wrapped.add)
        elif self._scopes.complete:
            self._parser.skip()

    def _insert(self, declarations: str) -> None:
        start = self._parser.offset - self._base
        found = _END_OF_NAME.search(self._raw, start)
        assert found is not None, "the parser saw the whole tag"
        self._insertions.append((self._base + found.start(), declarations.encode()))

    def _end(self, name: str) -> None:
        self._scopes.leave(self._depth)
        self._depth -= 1
        if self._depth == 0:
            self._to = self._parser.offset
        elif self._depth == 1 and self._from is not None:
            self._document_ended = True
            self._parser.want_characters(None)
        elif self._depth == 1 and _plain(name) == _HEADER:
            tag = self._parser.offset - self._base
            self._from = self._base + self._raw.index(b">", tag) + 1

    def _drain(self) -> bytes:
        if self._from is None:
            self._drop(self._parser.offset)
            return b""
        self._drop(self._from)
        data = self._take(self._parser.offset if self._to is None else self._to)
        if self._wrapped is not None:
            return self._wrapped.take(final=self._to is not None)
        if not self._started:
            data = data.lstrip(_BLANKS)
            if data:
                self._started = True
                data = _DECLARATION + data
        if self._document_ended:
            data = self._held + data
            kept = data.rstrip(_BLANKS)
            self._held = data[len(kept) :][:_MAX_BLANKS]
            return kept
        return data

    def _drop(self, until: int) -> None:
        if until > self._base:
            del self._raw[: until - self._base]
            self._base = until

    def _take(self, until: int) -> bytes:
        """The raw bytes up to there with what was inserted; nothing if they are out already."""
        pieces: list[bytes] = []
        for at, inserted in self._insertions:
            pieces += (bytes(self._raw[: at - self._base]), inserted)
            self._drop(at)
        self._insertions.clear()
        if until > self._base:
            pieces.append(bytes(self._raw[: until - self._base]))
            self._drop(until)
        return b"".join(pieces)


class _Scopes:
    """Which namespace declarations of the envelope's root the document leans on."""

    def __init__(self) -> None:
        self._declared: dict[str, list[str]] = {}
        self._outer: dict[str, str] = {}
        self._lacking: set[str] = set()  # prefixes that only the envelope's root declares
        self._added: list[tuple[int, list[str]]] = []

    def change(self, prefix: str, namespace: str | None) -> None:
        """A declaration begins to count, or with None ceases to."""
        declared = self._declared.setdefault(prefix, [])
        if namespace is None:
            declared.pop()
        else:
            declared.append(namespace)
        if prefix in self._outer:
            (self._lacking.add if len(declared) == 1 else self._lacking.discard)(prefix)

    def outer_is_complete(self) -> None:
        """The declarations so far are those of the envelope's root."""
        self._outer = {prefix: uris[-1] for prefix, uris in self._declared.items()}
        self._lacking = set(self._outer)

    def needed(self, name: str, attributes: list[str], *, depth: int) -> str:
        """Declarations that an element of the document needs to stand alone, as attributes."""
        used = {_prefix(name)}
        if attributes:
            used.update(key.split(" ")[2] for key in attributes[::2] if key.count(" ") > 1)
        if used.isdisjoint(self._lacking):
            return ""
        added = sorted(
            prefix
            for prefix in self._lacking
            if prefix in used or self._outer[prefix] not in ("", NAMESPACE)
        )
        for prefix in added:
            self.change(prefix, self._outer[prefix])
        self._added.append((depth, added))
        return "".join(
            f' xmlns{":" if prefix else ""}{prefix}="{attribute(self._outer[prefix])}"'
            for prefix in added
        )

    @property
    def complete(self) -> bool:
        """Whether the document by now declares all that the root does; no later one can lack."""
        return not self._lacking

    def leave(self, depth: int) -> None:
        """The element at that depth ends, and with it what was added there."""
        if self._added and self._added[-1][0] == depth:
            for prefix in self._added.pop()[1]:
                self.change(prefix, None)


class _Base64Decoder:
    """Streamed base64 to bytes."""

    def __init__(self) -> None:
        self._letters = ""

    def add(self, text: str) -> None:
        """The next piece of the text."""
        self._letters += "".join(text.split())

    def take(self, *, final: bool) -> bytes:
        """What can be decoded by now."""
        whole = len(self._letters) if final else len(self._letters) // 4 * 4
        letters, self._letters = self._letters[:whole], self._letters[whole:]
        try:
            return binascii.a2b_base64(letters)
        except (binascii.Error, ValueError) as error:
            raise EnvelopeError("the wrapped content is not base64") from error


class _TextEncoder:
    """Streamed text to UTF-8."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, text: str) -> None:
        """The next piece of the text."""
        self._pieces.append(text)

    def take(self, *, final: bool) -> bytes:
        """What came since the last call; `final` changes nothing here."""
        del final
        text = "".join(self._pieces)
        self._pieces.clear()
        return text.encode()


def _plain(name: str) -> str:
    """The name without its prefix."""
    return " ".join(name.split(" ")[:2])


def _prefix(name: str) -> str | None:
    """The prefix of an element, empty for the default namespace, None for no namespace."""
    parts = name.split(" ")
    if len(parts) == 1:
        return None
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004  namespace, name, prefix
