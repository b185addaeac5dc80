# SPDX-License-Identifier: Apache-2.0
"""One pass over a business document of any size that keeps only its facts."""

from __future__ import annotations

from gateway.safexml import StreamParser
from gateway.ubl.facts import DocumentFacts, Value, build_facts
from gateway.ubl.paths import CII, CII_TREE, UBL, UBL_TREE, Node

MAX_TEXT = 1000  # characters kept of one fact; identifiers end at 500
MAX_REPEATS = 10  # of one fact; a party has two or three identifiers

_NOWHERE = Node()
_SCHEMES = ("schemeID", "currencyID")


class FactsReader:
    """Reads one document from its bytes: `feed` them all, then `close` gives the facts.

    Raises `MalformedXMLError`; of a well-formed document there are always facts, if only its name.
    """

    def __init__(self) -> None:
        self._root = ""
        self._values: dict[str, list[Value]] = {}
        self._path: list[Node] = []
        self._text: list[str] = []
        self._length = 0
        self._scheme: str | None = None
        self._parser = StreamParser(start=self._start, end=self._end)

    def feed(self, chunk: bytes) -> None:
        """Read on. Raises `MalformedXMLError`."""
        self._parser.feed(chunk)

    def close(self) -> DocumentFacts:
        """The bytes end here. Raises `MalformedXMLError` if the document does not."""
        self._parser.close()
        return build_facts(self._root, self._values)

    def _start(self, name: str, attributes: list[str]) -> None:
        if not self._path:
            self._root = name
            self._path.append(_tree(name))
        elif (node := self._path[-1].children.get(name)) is None:
            self._path.append(_NOWHERE)
            self._parser.skip()
        else:
            self._path.append(node)
            if node.fact is not None:
                self._begin_text(attributes)

    def _end(self, _name: str) -> None:
        fact = self._path.pop().fact
        if fact is None:
            return
        self._parser.want_characters(None)
        kept = self._values.setdefault(fact, [])
        if len(kept) < MAX_REPEATS:
            kept.append(("".join(self._text)[:MAX_TEXT].strip(" \t\r\n"), self._scheme))

    def _begin_text(self, attributes: list[str]) -> None:
        self._text, self._length, self._scheme = [], 0, None
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            if key in _SCHEMES:
                self._scheme = value.strip()
        self._parser.want_characters(self._keep)

    def _keep(self, text: str) -> None:
        if self._length < MAX_TEXT:
            self._text.append(text[:MAX_TEXT])
            self._length += len(text)


def _tree(root: str) -> Node:
    if root.startswith(UBL):
        return UBL_TREE
    return CII_TREE if root.startswith(f"{CII} ") else Node()
