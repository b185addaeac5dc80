# SPDX-License-Identifier: Apache-2.0
"""The values that a failed rule looked at, read off its test: for people, not for a verdict.

Only plain operands are shown (`cbc:ID`, `../cac:Price/cbc:PriceAmount`, `@schemeID`, `.`).
Predicates are left out, and so is what a variable or a function gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def values_in(node: etree._Element, test: str) -> tuple[Value, ...]:
    """What stands at the operands of a test, seen from the node at which it failed.

    At most six paths and three values of each. A path without a node gives `None`: absence is
    often the point.
    """
    shown: list[Value] = []
    for path in islice(paths_in(test), MAX_PATHS):
        texts = list(islice(_texts(node, path), MAX_NODES))
        shown.extend(Value(path, text) for text in texts if text is not None)
        if not texts:
            shown.append(Value(path, None))
    return tuple(shown)


def shortened(text: str | None) -> str:
    """A text on one line, of bounded length."""
    words = " ".join((text or "").split())
    return words if len(words) <= MAX_TEXT else words[: MAX_TEXT - 1] + "…"


def _texts(node: etree._Element, path: str) -> Iterator[str | None]:
    start: etree._Element | None = node
    if path.startswith("/"):
        start, path = node.getroottree().getroot(), path[1:].partition("/")[2]
    steps = path.split("/")
    while steps and steps[0] == ".." and start is not None:
        start, steps = start.getparent(), steps[1:]
    if start is not None:
        yield from _along(start, steps)


def _along(node: etree._Element, steps: list[str]) -> Iterator[str | None]:
    """Lazily: a path over fifty thousand lines is left after the third.

    An element that holds others is there, but has no text to show: `None`.
    """
    if not steps or steps == ["."]:
        has_children = next(node.iterchildren("*"), None) is not None
        yield None if has_children else shortened(node.text)
        return
    step, rest = steps[0], steps[1:]
    if step.startswith("@"):
        if (value := node.get(step[1:])) is not None:
            yield shortened(value)
        return
    prefix, _, name = step.partition(":")
    for child in node.iterchildren(f"{_NAMESPACES[prefix]}{name}"):
        yield from _along(child, rest)
