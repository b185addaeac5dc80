# SPDX-License-Identifier: Apache-2.0
"""Documents to try two engines on: grown from the rules themselves, and changed in small ways.

They need not be valid, or make sense. They are the same for the same seed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from lxml import etree

from gateway import safexml
from gateway.schematron import Schema

_T = TypeVar("_T")

CHANGES_AT_ONCE = 3
MAX_GROWN = 400  # elements of a grown document
_STEP = re.compile(r"^([A-Za-z_][\w-]*):([A-Za-z_][\w.-]*)$")
_TEXTS = (
    "", " ", "0", "1", "-1", "0.005", "100.00", "1e3", "NaN", "12,5", "true", "x", "EUR", "NL", "S",
    "380", "2026-02-28", "2026-02-30", "0106:12345678", "\u00e9\u20ac", "urn:example:x", "A" * 300,
)  # fmt: skip
_ATTRIBUTES = (
    ("schemeID", "0106"), ("schemeID", ""), ("currencyID", "EUR"), ("currencyID", "USD"),
    ("unitCode", "C62"), ("listID", "UNCL1001"), ("mimeCode", "text/html"), ("name", "x"),
)  # fmt: skip


class Chance(Protocol):
    """A source of choices, as `random.Random` is one; the caller brings it."""

    def choice(self, _several: Sequence[_T], /) -> _T:
        """One of several."""
        ...

    def randint(self, a: int, b: int) -> int:
        """A number from `a` to `b`."""
        ...

    def random(self) -> float:
        """A number from 0 to below 1."""
        ...


def mutants(document: etree._Element, chance: Chance, number: int) -> Iterator[bytes]:
    """Copies of a document, each changed in one to three places."""
    for _ in range(number):
        root = copy.deepcopy(document)
        for _ in range(chance.randint(1, CHANGES_AT_ONCE)):
            elements = [one for one in root.iter("*") if one is not root]
            if elements:
                chance.choice(_CHANGES)(chance.choice(elements), chance)
        yield safexml.serialise(root)


def grown(schema: Schema, root: str, told: Sequence[tuple[str, str]]) -> etree._Element:
    """A document with an element for each rule whose context is a plain path.

    `root` is `{namespace}name`; `told` are elements with a text that stand directly below it.
    """
    document = etree.Element(root, nsmap={k: v for k, v in schema.namespaces.items() if k})
    for tag, text in told:
        etree.SubElement(document, tag).text = text
    left = MAX_GROWN
    for context in _contexts(schema):
        steps = _steps(context, schema.namespaces)
        if steps and steps[0] == root:
            steps = steps[1:]
        if steps and len(steps) <= left:
            left -= _grow(document, steps)
    return document


def _contexts(schema: Schema) -> Iterator[str]:
    for pattern in schema.patterns:
        for rule in pattern.rules:
            yield from rule.context.split("|")


def _steps(context: str, namespaces: Mapping[str, str]) -> list[str] | None:
    """A context as tags, its predicates left out; `None` for anything but a path of names."""
    plain = re.sub(r"\[[^\[\]]*\]", "", context).strip().lstrip("/")
    found = [_STEP.match(step.strip()) for step in plain.split("/") if step.strip()]
    if not all(one is not None and one.group(1) in namespaces for one in found):
        return None
    return [f"{{{namespaces[one.group(1)]}}}{one.group(2)}" for one in found if one is not None]


def _grow(document: etree._Element, steps: list[str]) -> int:
    """Add what is missing of a path; the number of elements added."""
    node, added = document, 0
    for tag in steps:
        child = node.find(tag)
        if child is None:
            child = etree.SubElement(node, tag)
            added += 1
        node = child
    if not len(node) and not node.text:
        node.text = "1"
    return added


def _drop(node: etree._Element, _chance: Chance) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _double(node: etree._Element, _chance: Chance) -> None:
    node.addnext(copy.deepcopy(node))


def _write(node: etree._Element, chance: Chance) -> None:
    if len(node):
        leaves = [one for one in node.iter("*") if not len(one)]
        node = chance.choice(leaves)
    node.text = chance.choice(_TEXTS)


def _attribute(node: etree._Element, chance: Chance) -> None:
    if node.attrib and chance.random() < 0.5:  # noqa: PLR2004 - half of them lose one
        del node.attrib[chance.choice([str(one) for one in node.attrib])]
    else:
        name, value = chance.choice(_ATTRIBUTES)
        node.set(name, value)


def _empty(node: etree._Element, _chance: Chance) -> None:
    for child in list(node):
        node.remove(child)
    node.text = None


def _move(node: etree._Element, chance: Chance) -> None:
    """Put a copy somewhere else, where it may not belong."""
    root = node.getroottree().getroot()
    parents = [one for one in root.iter("*") if len(one)]
    if parents:
        chance.choice(parents).append(copy.deepcopy(node))


_CHANGES: tuple[Callable[[etree._Element, Chance], None], ...] = (
    _drop, _drop, _double, _double, _write, _write, _write, _attribute, _attribute, _empty, _move,
)  # fmt: skip
