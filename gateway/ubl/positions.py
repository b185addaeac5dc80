# SPDX-License-Identifier: Apache-2.0
"""Line and column of elements in the document as it was given, in one pass over its bytes."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.safexml import MAX_DOCUMENT_DEPTH, MalformedXMLError, StreamParser, as_utf_8
from gateway.ubl.documents import Path

Position = tuple[int, int]
_PIECE = 1 << 20


class _Step:
    """One step of the wanted paths."""

    __slots__ = ("below", "path")

    def __init__(self) -> None:
        self.below: dict[int, _Step] = {}
        self.path: Path | None = None


def find_positions(data: bytes, paths: Iterable[Path]) -> dict[Path, Position]:
    """Line and column (from 1, in characters) where the tags of these elements begin.

    Empty where the streaming parser refuses what the tree parser took.
    """
    finder = _Finder(paths)
    text = as_utf_8(data)
    try:
        for start in range(0, len(text), _PIECE):
            finder.parser.feed(text[start : start + _PIECE])
        finder.parser.close()
    except MalformedXMLError:
        return finder.found
    return finder.found


class _Finder:
    """Walks along the wanted paths and skips all that lies beside them."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._root = _Step()
        for path in paths:
            step = self._root
            for position in path:
                step = step.below.setdefault(position, _Step())
            step.path = path
        self._stack: list[tuple[_Step, int]] = []
        self.found: dict[Path, Position] = {}
        self.parser = StreamParser(
            start=self._start, end=self._end, max_depth=MAX_DOCUMENT_DEPTH + 1, transcoded=True
        )

    def _start(self, _name: str, _attributes: list[str]) -> None:
        step: _Step | None = self._root
        if self._stack:
            parent, position = self._stack[-1]
            self._stack[-1] = (parent, position + 1)
            step = parent.below.get(position)
        if step is None:
            self._stack.append((_NOTHING, 0))
            self.parser.skip()
            return
        if step.path is not None:
            self.found[step.path] = (self.parser.line, self.parser.column)
        self._stack.append((step, 0))
        if not step.below:
            self.parser.skip()

    def _end(self, _name: str) -> None:
        self._stack.pop()


_NOTHING = _Step()
