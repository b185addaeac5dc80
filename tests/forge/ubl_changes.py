# SPDX-License-Identifier: Apache-2.0
"""Single changes to a UBL document: to its elements, its values and its attributes.

Each takes a `Patient` and says what it did, or None when the document offers nothing to work on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random

from lxml import etree

from tests.forge.ubl_model import Model
from tests.forge.ubl_values import ATTRIBUTE_VALUES, ATTRIBUTES, GOOD, ODD, SCHEMES

_NUDGES = ("0.01", "-0.01", "0.02", "0.03", "-0.02", "1", "-1", "0.001", "0.99", "1.01", "100")
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
MODEL = Model()


@dataclass
class Patient:
    """A document under the knife: `nodes` are the elements that may be changed."""

    root: etree._Element
    rng: Random
    nodes: list[etree._Element]

    def leaves(self) -> list[etree._Element]:
        return [node for node in self.nodes if len(node) == 0]

    def branches(self) -> list[etree._Element]:
        return [node for node in self.nodes if len(node)]


Kind = Callable[[Patient], str | None]


def where_is(node: etree._Element) -> str:
    """The path of an element, with the namespaces of UBL shortened."""
    return str(node.getroottree().getelementpath(node)).replace(_UBL, "")


def _child(patient: Patient) -> etree._Element | None:
    below = [node for node in patient.nodes if node.getparent() is not None]
    return patient.rng.choice(below) if below else None


def delete(patient: Patient) -> str | None:
    if (node := _child(patient)) is None:
        return None
    where = where_is(node)
    node.getparent().remove(node)
    return f"delete {where}"


def duplicate(patient: Patient) -> str | None:
    if (node := _child(patient)) is None:
        return None
    node.addnext(copy.deepcopy(node))
    return f"duplicate {where_is(node)}"


def swap(patient: Patient) -> str | None:
    node = _child(patient)
    if node is None or node.getnext() is None:
        return None
    node.getnext().addnext(node)
    return f"swap {where_is(node)}"


def move(patient: Patient) -> str | None:
    node, branches = _child(patient), patient.branches()
    if node is None or not branches:
        return None
    target = patient.rng.choice(branches)
    if target is node or node in target.iterancestors():
        return None
    where = where_is(node)
    target.insert(patient.rng.randrange(len(target) + 1), node)
    return f"move {where} into {where_is(target)}"


def transplant(patient: Patient) -> str | None:
    """Replace an element by a copy of another with the same name, so values change places."""
    node = _child(patient)
    if node is None:
        return None
    others = [other for other in patient.nodes if other.tag == node.tag and other is not node]
    others = [other for other in others if node not in other.iterancestors()]
    others = [other for other in others if other not in node.iterancestors()]
    if not others:
        return None
    where = where_is(node)
    node.getparent().replace(node, copy.deepcopy(patient.rng.choice(others)))
    return f"transplant {where}"


def insert(patient: Patient) -> str | None:
    """Put in an element that the schema allows there."""
    made = MODEL.add_child(patient.rng.choice(patient.nodes), patient.rng)
    return None if made is None else f"insert {where_is(made)}"


def misplace(patient: Patient) -> str | None:
    """Put any element of UBL anywhere."""
    model, rng = MODEL, patient.rng
    made = model.build(rng.choice(rng.choice((model.basics, model.aggregates))), rng)
    target = rng.choice(patient.nodes)
    target.insert(rng.randrange(len(target) + 1), made)
    return f"misplace {where_is(made)}"


def rename(patient: Patient) -> str | None:
    model, rng = MODEL, patient.rng
    node = rng.choice(patient.nodes)
    names = [*(model.tag(name) for name in rng.sample(model.basics + model.aggregates, 3)), "x"]
    names.append(rng.choice(patient.nodes).tag)
    where = where_is(node)
    node.tag = rng.choice(names)
    return f"rename {where} to {node.tag}"


def empty(patient: Patient) -> str | None:
    node = patient.rng.choice(patient.nodes)
    for child in list(node):
        node.remove(child)
    node.text = None
    return f"empty {where_is(node)}"


def stray_text(patient: Patient) -> str | None:
    if not (branches := patient.branches()):
        return None
    node = patient.rng.choice(branches)
    node.text = patient.rng.choice(("text", "\u00a0", " \n", "0"))
    return f"text {node.text!r} in {where_is(node)}"


def value(patient: Patient) -> str | None:
    """A content that the type of the element takes."""
    typed = [leaf for leaf in patient.leaves() if MODEL.type_of(leaf)]
    if not typed:
        return None
    node = patient.rng.choice(typed)
    node.text = patient.rng.choice(GOOD[MODEL.type_of(node) or ""])
    return f"set {where_is(node)} to {node.text[:40]!r}"


def odd_value(patient: Patient) -> str | None:
    if not (leaves := patient.leaves()):
        return None
    node = patient.rng.choice(leaves)
    node.text = patient.rng.choice(ODD)
    return f"set {where_is(node)} to {node.text[:40]!r}"


def nudge(patient: Patient) -> str | None:
    """Change a number by a little, to both sides of every tolerance."""
    numbers = [leaf for leaf in patient.leaves() if _number(leaf.text) is not None]
    if not numbers:
        return None
    node = patient.rng.choice(numbers)
    by = patient.rng.choice(_NUDGES)
    node.text = format((_number(node.text) or Decimal(0)) + Decimal(by), "f")
    return f"nudge {where_is(node)} by {by}"


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e12") else None


def blanks(patient: Patient) -> str | None:
    if not (leaves := patient.leaves()):
        return None
    node = patient.rng.choice(leaves)
    before, after = patient.rng.choice(((" ", ""), ("", " "), ("\n", "\t"), ("", "\u00a0")))
    node.text = f"{before}{node.text or ''}{after}"
    return f"blanks in {where_is(node)}"


def scheme(patient: Patient) -> str | None:
    """An identifier scheme with a number that fits it, or not."""
    nodes = [
        n for n in patient.leaves() if etree.QName(n).localname in {"EndpointID", "CompanyID", "ID"}
    ]
    if not nodes:
        return None
    node = patient.rng.choice(nodes)
    chosen, node.text = patient.rng.choice(SCHEMES)
    node.set("schemeID", chosen)
    return f"scheme {chosen}:{node.text} at {where_is(node)}"


def remark(patient: Patient) -> str | None:
    """A comment or an instruction, also in the middle of a value."""
    node = patient.rng.choice(patient.nodes)
    made = patient.rng.choice((etree.Comment("c"), etree.ProcessingInstruction("pi", "x")))
    if len(node) == 0 and node.text and patient.rng.random() < 0.5:
        cut = patient.rng.randrange(len(node.text) + 1)
        made.tail, node.text = node.text[cut:], node.text[:cut]
    node.insert(0, made)
    return f"remark in {where_is(node)}"


def attribute(patient: Patient) -> str | None:
    node = patient.rng.choice(patient.nodes)
    name = patient.rng.choice([*node.attrib, *ATTRIBUTES])
    node.set(name, patient.rng.choice(ATTRIBUTE_VALUES))
    return f"set {where_is(node)}/@{name} to {node.get(name)!r}"


def drop_attribute(patient: Patient) -> str | None:
    if not (nodes := [node for node in patient.nodes if node.attrib]):
        return None
    node = patient.rng.choice(nodes)
    name = patient.rng.choice(list(node.attrib))
    del node.attrib[name]
    return f"drop {where_is(node)}/@{name}"
