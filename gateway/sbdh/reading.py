# SPDX-License-Identifier: Apache-2.0
"""The envelope, read in one pass whatever its size; what is kept is its header.

Every refusal is an `EnvelopeError` in constant words. The numbers in comments are those of the
checks on receipt as docs/architecture.md lists them: 1 and 2 are done while streaming, 3 to 12
when the business document begins, the rest of 2 at the end.

Peppol Business Message Envelope 2.0.1, section 2.
"""

from __future__ import annotations

import re

from gateway.safexml import MalformedXMLError, StreamParser
from gateway.sbdh.checks import judge
from gateway.sbdh.envelope import BINARY, NAMESPACE, TEXT, Envelope, EnvelopeError
from gateway.sbdh.structure import Header, Open, Scope, begin

# Oxalis, too, wants the header within the first 64 KiB; a header has about 2 KiB.
MAX_HEADER_BYTES = 64 * 1024
MAX_DEPTH = 102  # a business document of depth 100 inside two elements

_SBD = f"{NAMESPACE} StandardBusinessDocument"
_SBDH = f"{NAMESPACE} StandardBusinessDocumentHeader"
_LATE = "the header does not end within the first 64 KiB"
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/= \t\r\n]")


class EnvelopeReader:
    """Reads one envelope from its bytes: `feed` them all, then `close`.

    `header` is there as soon as the business document has begun; it is not proof of anything
    before the whole message is. After an error the reader only repeats it.
    """

    def __init__(self) -> None:
        self.header: Envelope | None = None
        self._error: EnvelopeError | None = None
        self._read = Header()
        self._seen_header = False
        self._open: list[Open] = []  # open elements, but for the business document's
        self._text: list[str] = []  # since the last tag
        self._authority: str | None = None
        self._in_document = False
        self._binary: _Base64Check | None = None
        self._fed = 0
        self._parser = StreamParser(
            start=self._start, end=self._end, characters=self._text.append, max_depth=MAX_DEPTH
        )

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises `EnvelopeError`."""
        self._guard(chunk)
        self._fed += len(chunk)
        if self.header is None and self._fed > MAX_HEADER_BYTES:
            self._error = EnvelopeError(_LATE)
            raise self._error

    def close(self) -> Envelope:
        """The bytes end here. Raises `EnvelopeError` unless they were one whole envelope."""
        self._guard(None)
        assert self.header is not None, "the end of the root element checked it"
        return self.header

    def _guard(self, chunk: bytes | None) -> None:
        if self._error is not None:
            raise self._error
        try:
            if chunk is None:
                self._parser.close()
            else:
                self._parser.feed(chunk)
        except EnvelopeError as error:
            self._error = error
            raise
        except MalformedXMLError as error:  # 1
            self._error = EnvelopeError(error.detail.partition(":")[0])
            raise self._error from error

    def _start(self, name: str, attributes: list[str]) -> None:
        if self.header is not None:  # 2
            raise EnvelopeError(
                "the wrapped content has elements inside"
                if self._in_document
                else "there is more than one element after the header"
            )
        if self._parser.offset > MAX_HEADER_BYTES:
            raise EnvelopeError(_LATE)
        if self._text:
            self._open[-1].refuse_text("".join(self._text))
            self._text.clear()
        if len(self._open) != 1:
            self._start_in_header(name, attributes)
        elif self._seen_header:
            self._start_document(name, attributes)
        elif name == _SBDH:
            self._seen_header = True
            self._open.append(begin(name, attributes, parent=None))
        else:  # 2
            raise EnvelopeError("StandardBusinessDocument lacks its header")

    def _start_in_header(self, name: str, attributes: list[str]) -> None:
        if not self._open and name != _SBD:  # 1
            raise EnvelopeError("the root element is not StandardBusinessDocument")
        opened = begin(name, attributes, parent=self._open[-1] if self._open else None)
        self._open.append(opened)
        if opened.name == "Scope":
            self._read.scopes.append(Scope())
        elif opened.name == "Identifier":
            named = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self._authority = named.get("Authority")

    def _start_document(self, name: str, attributes: list[str]) -> None:
        namespace = name.rpartition(" ")[0]
        if not namespace or namespace == NAMESPACE:  # 2
            raise EnvelopeError("the element after the header is not a business document")
        self.header = judge(self._read, root=name, attributes=attributes)  # 3 to 12
        self._in_document = True
        self._parser.want_characters(None)
        if name == BINARY:
            self._binary = _Base64Check()
            self._parser.want_characters(self._binary.add)
        elif name != TEXT:
            self._parser.skip()

    def _end(self, _name: str) -> None:
        if self._in_document:
            self._in_document = False
            self._parser.want_characters(self._after_document)
            if self._binary is not None:
                self._binary.finish()
            return
        value = "".join(self._text)
        self._text.clear()
        closed = self._open.pop()
        closed.finish(value)
        self._keep(closed.name, closed.parent, value)
        if not self._open and self.header is None:  # 2
            raise EnvelopeError("there is no business document after the header")

    def _after_document(self, text: str) -> None:
        self._open[-1].refuse_text(text)

    def _keep(self, name: str, parent: str, value: str) -> None:
        if parent == "Scope":
            scope = self._read.scopes[-1]
            if name == "Type":
                scope.key = value
            elif name == "InstanceIdentifier":
                scope.value = value
            elif name == "Identifier":
                scope.scheme = value
        elif parent == "DocumentIdentification":
            self._read.identification[name] = value
        elif name == "Identifier":
            partners = self._read.senders if parent == "Sender" else self._read.receivers
            partners.append((self._authority, value))
        elif name == "HeaderVersion":
            self._read.version = value


class _Base64Check:
    """Whether streamed text is base64; decodes nothing."""

    def __init__(self) -> None:
        self._length = 0
        self._padding = 0

    def add(self, text: str) -> None:
        """The next piece of the text."""
        if _NOT_BASE64.search(text):
            raise EnvelopeError("the wrapped content is not base64")
        letters = "".join(text.split())
        body = letters.rstrip("=")
        if "=" in body or (self._padding and body):
            raise EnvelopeError("the wrapped content is not base64")
        self._length += len(letters)
        self._padding += len(letters) - len(body)

    def finish(self) -> None:
        """The text ended."""
        if self._length % 4 or self._padding > 2:  # noqa: PLR2004  base64 counts in fours
            raise EnvelopeError("the wrapped content is not base64")
