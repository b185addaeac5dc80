# SPDX-License-Identifier: Apache-2.0
"""Sets the attachments of a large document aside, in one pass, so that judging it costs little.

Behind a tag called EmbeddedDocumentBinaryObject whole groups of base64 (RFC 4648) are taken out,
all but the first. The end of the text, and everything from the first byte on that is not base64,
stays as it is: whoever judges the rest says the same as of the whole, and refuses base64 that is
broken at the same place. Line breaks stay, so that lines are those of the document as given; `Cuts`
puts the columns right. Bytes are looked at, not trees: what is written in an unusual way is left
alone, and the parser that comes after sees all that is not an attachment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

import msgspec

from gateway.ubl.report import Finding, Report

_TAG = re.compile(
    rb"<(?:[A-Za-z_][\w.-]*:)?EmbeddedDocumentBinaryObject"
    rb"(?:\s(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*)?(?<!/)>"
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/ \t\r\n]*")
_LETTER = re.compile(rb"[A-Za-z0-9+/]")
_GROUP = 4
_BLANKS = b" \t\r\n"
_ALL_BUT_BREAKS = bytes(set(range(256)) - set(b"\r\n"))
_CONTINUATIONS = bytes(range(0x80, 0xC0))  # further bytes of one character in UTF-8
_LONGEST_TAG = 4096
_FAR = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Where bytes were taken out: line, column in the rest, and how much wider the document was."""

    places: tuple[tuple[int, int, int], ...] = ()

    def restored(self, report: Report) -> Report:
        """The report with the columns of the document as given."""
        if not self.places:
            return report
        moved = tuple(self._moved(one) for one in report.findings)
        return msgspec.structs.replace(report, findings=moved)

    def _moved(self, finding: Finding) -> Finding:
        if finding.line is None or finding.column is None:
            return finding
        column = self.column(finding.line, finding.column)
        return msgspec.structs.replace(finding, column=column)

    def column(self, line: int, column: int) -> int:
        """The column in the document, for one in the rest."""
        before = bisect_right(self.places, (line, column, _FAR)) - 1
        if before < 0 or self.places[before][0] != line:
            return column
        return column + self.places[before][2]


class _Place:
    """Line and column, from 1, of the byte that comes next."""

    def __init__(self) -> None:
        self.line = 1
        self.column = 1

    def pass_over(self, data: bytes) -> None:
        """Go on behind these bytes."""
        last = data.rfind(b"\n")
        if last >= 0:
            self.line += data.count(b"\n")
            self.column = 1
            data = data[last + 1 :]
        self.column += len(data.translate(None, _CONTINUATIONS))


class AttachmentCutter:
    """Takes the bytes of a document in pieces, and gives them back without its attachments.

    `removed` counts the bytes that were set aside.
    """

    def __init__(self) -> None:
        self._held = b""
        self._inside = False
        self._begun = False  # the first group of the attachment at hand was handed on
        self._rest = b""  # letters of a group that is not whole
        self._given, self._made = _Place(), _Place()
        self._cuts: list[tuple[int, int, int]] = []
        self.removed = 0

    def feed(self, chunk: bytes) -> bytes:
        """What is left of the next bytes, as far as it is known."""
        self._held += chunk
        out = []
        while self._held:
            piece = self._text() if self._inside else self._markup()
            if piece is None:
                break
            out.append(piece)
        return b"".join(out)

    def close(self) -> bytes:
        """The document ends here: the last bytes."""
        return (self._leave() if self._inside else b"") + self._as_it_is(len(self._held))

    @property
    def cuts(self) -> Cuts:
        """All that was taken out."""
        return Cuts(places=tuple(self._cuts))

    def _markup(self) -> bytes | None:
        """Up to the end of the next tag of an attachment, or as far as there is none."""
        tag = _TAG.search(self._held)
        if tag is not None:
            self._inside, self._begun = True, False
            return self._as_it_is(tag.end())
        begun = self._held.rfind(b"<")
        if begun >= 0 and len(self._held) - begun < _LONGEST_TAG:
            return self._as_it_is(begun) or None
        return self._as_it_is(len(self._held))

    def _text(self) -> bytes | None:
        """What stays of the base64 at hand; behind it the attachment is over."""
        found = _BASE64.match(self._held)
        end = found.end() if found else 0
        over = end < len(self._held)
        if not self._begun:
            first = self._first_group(end)
            if first is not None:
                self._begun = True
                return self._as_it_is(first)
            return self._as_it_is(end) + self._leave() if over else None
        text, self._held = self._held[:end], self._held[end:]
        letters = self._rest + text.translate(None, _BLANKS)
        self._rest = letters[len(letters) - len(letters) % _GROUP :]
        breaks = text.translate(None, _ALL_BUT_BREAKS)
        self._given.pass_over(text)
        self._made.pass_over(breaks)
        self.removed += len(text) - len(breaks)
        return breaks + (self._leave() if over else b"")

    def _first_group(self, end: int) -> int | None:
        """Where the first group ends; `None` if there is none before `end`."""
        place = 0
        for _ in range(_GROUP):
            letter = _LETTER.search(self._held, place, end)
            if letter is None:
                return None
            place = letter.end()
        return place

    def _leave(self) -> bytes:
        """The letters that make no whole group; then all is handed on again."""
        rest, self._rest, self._inside = self._rest, b"", False
        self._made.pass_over(rest)
        self.removed -= len(rest)
        wider = self._given.column - self._made.column
        if wider:
            self._cuts.append((self._made.line, self._made.column, wider))
        return rest

    def _as_it_is(self, size: int) -> bytes:
        passed, self._held = self._held[:size], self._held[size:]
        self._given.pass_over(passed)
        self._made.pass_over(passed)
        return passed
