# SPDX-License-Identifier: Apache-2.0
"""What may stand where in UBL, read from the tables that the schemas are made from."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from lxml import etree

from generators.tables import rows
from tests.forge.ubl_values import GOOD

_TABLES = Path(__file__).resolve().parents[2] / "schemas" / "ubl-2.1"
_CHILD = re.compile(r"([a-z]+:\w+)([?*+]?)")
_NEEDED = {
    "Amount": ("currencyID", "EUR"),
    "Measure": ("unitCode", "KGM"),
    "BinaryObject": ("mimeCode", "text/csv"),
}
_DEEPEST = 5


class Model:
    """Elements go by their short name, such as `cac:Party`; `tag` gives the one lxml uses."""

    def __init__(self) -> None:
        self._spaces = {r["space"]: r["namespace"] for r in rows(_TABLES / "namespaces.tsv")}
        self._short = {namespace: space for space, namespace in self._spaces.items()}
        self._children: dict[str, list[tuple[str, str]]] = {}
        for row in rows(_TABLES / "model.tsv"):
            for element in row["elements"].split():
                self._children[f"{row['space']}:{element}"] = _CHILD.findall(row["content"])
        self._basic = {f"cbc:{r['element']}": r["type"] for r in rows(_TABLES / "basics.tsv")}
        self.basics = sorted(self._basic)
        self.aggregates = sorted(name for name in self._children if name.startswith("cac:"))

    def tag(self, name: str) -> str:
        space, _, local = name.partition(":")
        return f"{{{self._spaces[space]}}}{local}"

    def name(self, element: etree._Element) -> str:
        """The short name; elements of other vocabularies have an empty prefix."""
        parsed = etree.QName(element)
        return f"{self._short.get(parsed.namespace or '', '')}:{parsed.localname}"

    def type_of(self, element: etree._Element) -> str | None:
        """The basic type of an element with simple content, such as `Amount`."""
        return self._basic.get(self.name(element))

    def add_child(self, parent: etree._Element, rng: Random) -> etree._Element | None:
        """Put one more child in where the sequence wants it; None if nothing fits."""
        allowed = self._children.get(self.name(parent), [])
        present = [self.name(child) for child in parent if isinstance(child.tag, str)]
        fitting = [name for name, mark in allowed if name not in present or mark in {"*", "+"}]
        fitting = [name for name in fitting if not name.startswith("ext:")]
        if not fitting:
            return None
        chosen = rng.choice(fitting)
        order = [name for name, _ in allowed]
        place = sum(order.index(name) <= order.index(chosen) for name in present if name in order)
        made = self.build(chosen, rng)
        parent.insert(place, made)
        return made

    def build(self, name: str, rng: Random, depth: int = 0) -> etree._Element:
        """A small valid element: what is required, and now and then something optional."""
        made = etree.Element(
            self.tag(name), nsmap={name.partition(":")[0]: self._spaces[name.partition(":")[0]]}
        )
        kind = self._basic.get(name)
        if kind:
            made.text = rng.choice(GOOD[kind])
            if kind in _NEEDED:
                made.set(*_NEEDED[kind])
            return made
        optional = 0.15 if depth else 0.4
        for child, mark in self._children.get(name, []):
            needed = mark in {"", "+"}
            if needed or (depth < _DEEPEST and rng.random() < optional / (1 + depth)):
                made.append(self.build(child, rng, depth + 1))
        return made
