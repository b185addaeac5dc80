# SPDX-License-Identifier: Apache-2.0
"""Changes that take values and parts from other documents: what real ones hold, in other places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from lxml import etree

from tests.forge.ubl_changes import Kind, Patient, where_is

_MOST = 300  # values and parts kept for each element name
_LONGEST = 4000  # bytes of a part
_PARSER = etree.XMLParser(resolve_entities=False, remove_blank_text=True)


class Lenders:
    """Values, attributes and parts of documents, by element name."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._values: dict[str, set[str]] = {}
        self._parts: dict[str, set[bytes]] = {}
        self._attributes: dict[str, set[tuple[str, str]]] = {}
        for file in files:
            for node in _elements(file):
                self._take(node)
        self.values = {tag: _some(found) for tag, found in self._values.items()}
        self.parts = {tag: _some(found) for tag, found in self._parts.items()}
        self.attributes = {tag: _some(found) for tag, found in self._attributes.items()}

    def _take(self, node: etree._Element) -> None:
        tag = str(node.tag)
        if len(node):
            part = etree.tostring(node, with_tail=False)
            if len(part) <= _LONGEST:
                self._parts.setdefault(tag, set()).add(part)
        elif node.text:
            self._values.setdefault(tag, set()).add(node.text)
        for name, value in node.attrib.items():
            self._attributes.setdefault(tag, set()).add((name, value))

    def kinds(self) -> tuple[Kind, ...]:
        return (self.value, self.value, self.everywhere, self.part, self.part, self.attribute)

    def value(self, patient: Patient) -> str | None:
        """The content that an element of the same name has elsewhere."""
        found = self._leaf(patient)
        if found is None:
            return None
        node, text = found
        node.text = text
        return f"borrow {text[:40]!r} for {where_is(node)}"

    def everywhere(self, patient: Patient) -> str | None:
        """The same for all elements that had the same content: all lines of one VAT category."""
        found = self._leaf(patient)
        if found is None:
            return None
        node, text = found
        before, parent = node.text, node.getparent()
        for other in patient.leaves():
            same = other.tag == node.tag and other.text == before and other.getparent() is not None
            if same and parent is not None and other.getparent().tag == parent.tag:
                other.text = text
        return f"borrow {text[:40]!r} for all like {where_is(node)}"

    def part(self, patient: Patient) -> str | None:
        """A part of another document in place of, or beside, one of the same name."""
        nodes = [n for n in patient.branches() if n.tag in self.parts and n.getparent() is not None]
        if not nodes:
            return None
        node = patient.rng.choice(nodes)
        made = etree.fromstring(patient.rng.choice(self.parts[str(node.tag)]))
        where = where_is(node)
        if patient.rng.random() < 0.3:
            node.addnext(made)
            return f"graft beside {where}"
        node.getparent().replace(node, made)
        return f"graft for {where}"

    def attribute(self, patient: Patient) -> str | None:
        nodes = [node for node in patient.nodes if node.tag in self.attributes]
        if not nodes:
            return None
        node = patient.rng.choice(nodes)
        name, value = patient.rng.choice(self.attributes[str(node.tag)])
        node.set(name, value)
        return f"borrow {value!r} for {where_is(node)}/@{name}"

    def _leaf(self, patient: Patient) -> tuple[etree._Element, str] | None:
        """By name first, so that a name is not the likelier the more lines there are."""
        names = sorted({str(leaf.tag) for leaf in patient.leaves()} & self.values.keys())
        if not names:
            return None
        name = patient.rng.choice(names)
        nodes = [leaf for leaf in patient.leaves() if leaf.tag == name]
        return _choice(patient.rng, nodes), patient.rng.choice(self.values[name])


def _elements(file: Path) -> Iterator[etree._Element]:
    try:
        root = etree.parse(file, _PARSER).getroot()
    except etree.XMLSyntaxError:  # the corpus has some of these, too
        return
    yield from root.iterdescendants("*")


def _choice(rng: Random, nodes: Sequence[etree._Element]) -> etree._Element:
    return rng.choice(nodes)


def _some(found: set) -> list:
    """The same few for every process: sets have no order, and strings no lasting hash."""
    return sorted(found, key=lambda one: hashlib.sha256(repr(one).encode()).digest())[:_MOST]
