# SPDX-License-Identifier: Apache-2.0
"""Takes a multipart body apart while it arrives: bytes in, part headers and part data out.

It knows nothing of what the parts mean. What it holds back is at most one boundary line and one
header block. Source: RFC 2046, 5.1.1; lines end in CR LF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from gateway.as4.errors import MimeInconsistencyError, Step
from gateway.as4.limits import CHUNK, MAX_PADDING_BYTES, MAX_PART_HEADER_BYTES, MAX_PARTS
from gateway.as4.mime import PartHeaders, parse_part_headers

_LINE_END = b"\r\n"
_HEADER_WINDOW = MAX_PART_HEADER_BYTES + 3 * len(_LINE_END)  # one before the block, two behind
_REST_OF_LINE = re.compile(rb"[ \t]*\r\n")
_MAYBE_LINE = re.compile(rb"[ \t]*\r?|-")


@dataclass(frozen=True, slots=True)
class PartData:
    """A piece of the content of the current part, at most `CHUNK` bytes."""

    data: bytes


class Mark(Enum):
    """What has no bytes of its own: a part is complete, the closing boundary was read."""

    PART_END = auto()
    BODY_END = auto()


SplitEvent = PartHeaders | PartData | Mark


class _State(Enum):
    PREAMBLE = auto()
    HEADERS = auto()
    CONTENT = auto()
    CLOSING = auto()
    EPILOGUE = auto()


class Splitter:
    """One multipart body: `feed` bytes, then take events until there is none."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = _LINE_END + b"--" + boundary
        # A boundary may stand at the very beginning; the line end before it is made up.
        self._buffer = bytearray(_LINE_END)
        self._made_up = len(_LINE_END)  # bytes at the front that are not content
        self._state = _State.PREAMBLE
        self._parts = 0

    def feed(self, chunk: bytes) -> None:
        """Add bytes; behind the closing boundary they are dropped."""
        if self._state is not _State.EPILOGUE:
            self._buffer += chunk

    def next_event(self) -> SplitEvent | None:
        """What comes next; None if more bytes are needed. Raises `MimeInconsistencyError`."""
        match self._state:
            case _State.PREAMBLE:
                return self._skip_preamble()
            case _State.HEADERS:
                return self._take_headers()
            case _State.CONTENT:
                return self._take_content()
            case _State.CLOSING:
                self._state = _State.EPILOGUE
                self._buffer.clear()
                return Mark.BODY_END
            case _:
                return None

    def _skip_preamble(self) -> SplitEvent | None:
        while self._state is _State.PREAMBLE:
            event = self._take_content()
            if event is None:
                return None
        return self.next_event()

    def _take_headers(self) -> PartHeaders | None:
        # The line end of the boundary line is still there, so an empty block is found as well.
        end = self._buffer.find(b"\r\n\r\n", 0, _HEADER_WINDOW)
        if end < 0:
            if len(self._buffer) >= _HEADER_WINDOW:
                raise MimeInconsistencyError("a part's header block is too long", step=Step.MIME)
            return None
        block = bytes(self._buffer[2:end])
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise MimeInconsistencyError("the message has too many parts", step=Step.MIME)
        # The empty line's end stays: it is the boundary's own if there is no content at all.
        del self._buffer[: end + 2]
        self._made_up = len(_LINE_END)
        self._state = _State.CONTENT
        return parse_part_headers(block)

    def _take_content(self) -> SplitEvent | None:
        window = CHUNK + len(self._delimiter)
        position, length = self._find_boundary(window)
        if position >= 0:
            safe = position
        else:
            safe = min(len(self._buffer), window) - len(self._delimiter) + 1
        if safe > self._made_up:
            end = min(safe, self._made_up + CHUNK)
            data = bytes(self._buffer[self._made_up : end])
            del self._buffer[:end]
            self._made_up = 0
            return PartData(data)
        if not length:
            return None
        closing = self._buffer[len(self._delimiter) + position :].startswith(b"--")
        del self._buffer[: position + length]
        self._state = _State.CLOSING if closing else _State.HEADERS
        return Mark.PART_END

    def _find_boundary(self, window: int) -> tuple[int, int]:
        """Where a boundary begins (-1: nowhere) and its length (0: not all of it is there)."""
        position = self._buffer.find(self._delimiter, 0, window)
        while position >= 0:
            after = position + len(self._delimiter)
            rest = self._buffer[after : after + MAX_PADDING_BYTES]
            if rest.startswith(b"--"):
                return position, len(self._delimiter) + 2
            line = _REST_OF_LINE.match(rest)
            if line:
                return position, len(self._delimiter) + line.end() - len(_LINE_END)
            if len(rest) < MAX_PADDING_BYTES and _MAYBE_LINE.fullmatch(rest):
                return position, 0
            # The line goes on with other text: it is content (RFC 2046: the boundary ends there).
            position = self._buffer.find(self._delimiter, position + 1, window)
        return -1, 0
