# SPDX-License-Identifier: Apache-2.0
"""The values that a failed rule looked at, read off its test: for people, not for a verdict.

Only plain operands are shown (`cbc:ID`, `../cac:Price/cbc:PriceAmount`, `@schemeID`, `.`).
Predicates are left out, and so is what a variable or a function gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from gateway.ubl.documents import CAC, CBC
from gateway.ubl.report import Value

MAX_PATHS = 6
MAX_NODES = 3  # of one path
MAX_TEXT = 80  # characters of one value

_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_PREDICATE = re.compile(r"\[[^\[\]]*\]")
# A function as last step says which value is meant: `cac:X/xs:decimal(cbc:Y)` is `cac:X/cbc:Y`.
_STEP_FUNCTION = re.compile(r"/[a-z]+(?:[:-][a-z]+)*\(([^()]*)\)")
_NAME = r"(?:cac|cbc):[A-Za-z0-9]+"
_PATH = re.compile(
    r"(?<![\w$/:@*.-])"
    rf"((?:\.\./)*(?:/[\w:]+/)?(?:{_NAME})(?:/{_NAME})*(?:/@[A-Za-z]+)?"
    r"|(?:\.\./)*@[A-Za-z]+"
    r"|\.(?![\w/.]))"
    r"(?![\w:(/-])"
)
_NAMESPACES = {"cac": CAC, "cbc": CBC}


def paths_in(test: str) -> list[str]:
    """The plain operands of a test, each once, in its order."""
    plain = _STRINGS.sub("''", test)
    while (shorter := _PREDICATE.sub("", plain)) != plain:
        plain = shorter
    plain = _STEP_FUNCTION.sub(r"/\1", plain)
    return list(dict.fromkeys(found.group(1) for found in _PATH.finditer(plain)))


@dataclass(frozen=True, slots=True)
class Operand:
    """A value, and the element where it stands; of an absent one, the element that lacks it."""

    value: Value
    element: etree._Element


def values_in(node: etree._Element, test: str) -> tuple[Operand, ...]:
    """What stands at the operands of a test, seen from the node at which it failed.

    At most six paths and three values of each. A path without a node gives `None`: absence is
    often the point. What holds other elements is there, but has no text to show.
    """
    shown: list[Operand] = []
    for path in islice(paths_in(test), MAX_PATHS):
        walk = _Walk(node, path)
        found = list(islice(walk.texts(), MAX_NODES))
        shown += [Operand(Value(path, text), at) for at, text in found if text is not None]
        if not found:
            shown.append(Operand(Value(path, None), walk.reached))
    return tuple(shown)


def shortened(text: str | None) -> str:
    """A text on one line, of bounded length."""
    words = " ".join((text or "").split())
    return words if len(words) <= MAX_TEXT else words[: MAX_TEXT - 1] + "…"


class _Walk:
    """One path, walked lazily: one over fifty thousand lines is left after the third."""

    def __init__(self, node: etree._Element, path: str) -> None:
        self._start: etree._Element | None = node
        if path.startswith("/"):
            self._start, path = node.getroottree().getroot(), path[1:].partition("/")[2]
        self._steps = path.split("/")
        while self._steps and self._steps[0] == ".." and self._start is not None:
            self._start, self._steps = self._start.getparent(), self._steps[1:]
        self.reached = node if self._start is None else self._start
        self._depth = 0

    def texts(self) -> Iterator[tuple[etree._Element, str | None]]:
        """Elements at the end of the path with what they, or their attribute, say."""
        if self._start is not None:
            yield from self._along(self._start, 0)

    def _along(self, node: etree._Element, at: int) -> Iterator[tuple[etree._Element, str | None]]:
        if at > self._depth:
            self._depth, self.reached = at, node
        if at == len(self._steps) or self._steps[at] == ".":
            has_children = next(node.iterchildren("*"), None) is not None
            yield node, None if has_children else shortened(node.text)
            return
        step = self._steps[at]
        if step.startswith("@"):
            if (value := node.get(step[1:])) is not None:
                yield node, shortened(value)
            return
        prefix, _, name = step.partition(":")
        for child in node.iterchildren(f"{_NAMESPACES[prefix]}{name}"):
            yield from self._along(child, at + 1)
