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
from gateway.sbdh.checks import Header, Scope, judge
from gateway.sbdh.envelope import BINARY, NAMESPACE, TEXT, Envelope, EnvelopeError
from gateway.sbdh.structure import Open, begin

# Oxalis, too, wants the header within the first 64 KiB; a header has about 2 KiB.
MAX_HEADER_BYTES = 64 * 1024
MAX_DEPTH = 102  # a business document of depth 100 inside two elements

_SBD = f"{NAMESPACE} StandardBusinessDocument"
_SBDH = f"{NAMESPACE} StandardBusinessDocumentHeader"
_BLANKS = " \t\r\n"
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
        self._open: list[Open] = []  # open elements of the header
        self._authority: str | None = None
        self._seen_root = False
        self._seen_header = False
        self._depth = 0  # open elements of the business document
        self._binary: _Base64Check | None = None
        self._wrapped = False
        self._fed = 0
        self._parser = StreamParser(
            start=self._start, end=self._end, characters=self._between, max_depth=MAX_DEPTH
        )

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises `EnvelopeError`."""
        self._guard(chunk)
        self._fed += len(chunk)
        if self.header is None and self._fed > MAX_HEADER_BYTES:
            self._error = EnvelopeError("the header does not end within the first 64 KiB")
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
        if self._depth:
            if self._wrapped:
                raise EnvelopeError("the wrapped content has elements inside")
            self._depth += 1
        elif not self._seen_root:
            self._start_root(name, attributes)
        elif self._open:
            self._start_in_header(name, attributes)
        elif not self._seen_header:
            if name != _SBDH:  # 2
                raise EnvelopeError("StandardBusinessDocument lacks its header")
            self._seen_header = True
            self._start_in_header(name, attributes)
        else:
            self._start_document(name, attributes)

    def _start_root(self, name: str, attributes: list[str]) -> None:
        if name != _SBD:  # 1
            raise EnvelopeError("the root element is not StandardBusinessDocument")
        begin(name, attributes, parent=None)
        self._seen_root = True

    def _start_in_header(self, name: str, attributes: list[str]) -> None:
        if self._parser.offset > MAX_HEADER_BYTES:
            raise EnvelopeError("the header does not end within the first 64 KiB")
        opened = begin(name, attributes, parent=self._open[-1] if self._open else None)
        self._open.append(opened)
        self._parser.want_characters(opened.add)
        if opened.name == "Scope":
            self._read.scopes.append(Scope())
        elif opened.name == "Identifier":
            named = dict(zip(attributes[::2], attributes[1::2], strict=True))
            self._authority = named.get("Authority")

    def _start_document(self, name: str, attributes: list[str]) -> None:
        namespace = name.rpartition(" ")[0]
        if self.header is not None:  # 2
            raise EnvelopeError("there is more than one element after the header")
        if not namespace or namespace == NAMESPACE:
            raise EnvelopeError("the element after the header is not a business document")
        if self._parser.offset > MAX_HEADER_BYTES:
            raise EnvelopeError("the header does not end within the first 64 KiB")
        self.header = judge(self._read, root=name, attributes=attributes)  # 3 to 12
        self._depth = 1
        self._wrapped = name in (BINARY, TEXT)
        self._binary = _Base64Check() if name == BINARY else None
        self._parser.want_characters(self._binary.add if self._binary else None)

    def _end(self, _name: str) -> None:
        if self._depth:
            self._depth -= 1
            if not self._depth:
                self._end_document()
        elif self._open:
            closed = self._open.pop()
            self._keep(closed.name, closed.parent, closed.finish())
            self._parser.want_characters(self._open[-1].add if self._open else self._between)
        elif self.header is None:  # 2
            raise EnvelopeError("there is no business document after the header")

    def _end_document(self) -> None:
        if self._binary is not None:
            self._binary.finish()
        self._parser.want_characters(self._between)

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

    def _between(self, text: str) -> None:
        if text.strip(_BLANKS):  # 2
            raise EnvelopeError("StandardBusinessDocument has text between its elements")


class _Base64Check:
    """Whether streamed text is base64; decodes nothing."""

    def __init__(self) -> None:
        self._length = 0
        self._padding = 0

    def add(self, text: str) -> None:
        """The next piece of the text."""
        if _NOT_BASE64.search(text):
            raise EnvelopeError("the wrapped content is not base64")
        letters = text.translate(_NO_BLANKS)
        body = letters.rstrip("=")
        if "=" in body or (self._padding and body):
            raise EnvelopeError("the wrapped content is not base64")
        self._length += len(letters)
        self._padding += len(letters) - len(body)

    def finish(self) -> None:
        """The text ended."""
        if self._length % 4 or self._padding > 2:  # noqa: PLR2004  base64 counts in fours
            raise EnvelopeError("the wrapped content is not base64")


_NO_BLANKS = dict.fromkeys(map(ord, _BLANKS))
