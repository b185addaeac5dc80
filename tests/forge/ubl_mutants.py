# SPDX-License-Identifier: Apache-2.0
"""Changes valid UBL documents in a thousand ways, the same way for the same seed.

The kinds of change in `RULES` mostly leave a document valid against the schema, so they try the
rules; those in `SCHEMA` try the schema.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from random import Random

from lxml import etree

from tests.forge import ubl_changes as change
from tests.forge.ubl_changes import MODEL, Kind, Patient, where_is
from tests.forge.ubl_extensions import CONTENTS, PREFIXES, SIGNATURE, TYPES
from tests.forge.ubl_values import NAMESPACES

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def namespace(patient: Patient) -> str | None:
    node = patient.rng.choice(patient.nodes)
    space = patient.rng.choice(NAMESPACES)
    where, local = where_is(node), etree.QName(node).localname
    node.tag = f"{{{space}}}{local}" if space else local
    return f"namespace {space!r} for {where}"


def instance(patient: Patient) -> str | None:
    """One of the four attributes that a schema processor reads."""
    rng = patient.rng
    node = rng.choice(patient.nodes)
    name = rng.choice(
        ("type", "type", "type", "nil", "schemaLocation", "noNamespaceSchemaLocation")
    )
    node.set(_XSI + name, rng.choice(_instance_values(name, node)))
    return f"set {where_is(node)}/@xsi:{name} to {node.get(_XSI + name)!r}"


def _instance_values(name: str, node: etree._Element) -> Sequence[str]:
    if name == "nil":
        return ("true", "false", "1", "x")
    if name == "type":
        own = f"{MODEL.name(node)}Type"
        return (*[own] * (len(TYPES) // 2), *TYPES)
    return ("urn:example:foreign nowhere.xsd", "odd", "")


def extension(patient: Patient) -> str | None:
    """Some content in an extension of the document."""
    return f"extension {_extend(patient, patient.rng.choice(CONTENTS))}"


def signature(patient: Patient) -> str | None:
    """A signature in an extension, changed in up to two places."""
    where = _extend(patient, SIGNATURE)
    content = patient.root[0][-1][-1]
    done = []
    for _ in range(patient.rng.randrange(3)):
        nodes = [node for node in content.iterdescendants() if isinstance(node.tag, str)]
        if nodes:
            done.append(patient.rng.choice(_SMALL)(Patient(patient.root, patient.rng, nodes)))
    return f"signature {where}, {done}"


def _extend(patient: Patient, content: str) -> str:
    model = MODEL
    tag = model.tag("ext:UBLExtensions")
    first = patient.root[0] if len(patient.root) else None
    if first is None or first.tag != tag:
        first = etree.Element(tag)
        patient.root.insert(0, first)
    holder = etree.SubElement(first, model.tag("ext:UBLExtension"))
    holder = etree.SubElement(holder, model.tag("ext:ExtensionContent"))
    if content:
        holder.append(etree.fromstring(content))
    return where_is(holder)


RULES: tuple[Kind, ...] = (
    *(change.delete, change.duplicate, change.swap, change.insert, change.insert),
    *(change.transplant, change.value, change.value, change.nudge, change.attribute),
    *(change.drop_attribute, change.blanks, change.odd_value, change.scheme, change.remark),
)
_SMALL: tuple[Kind, ...] = (
    *(change.delete, change.duplicate, change.swap, change.move, change.misplace, change.rename),
    *(change.empty, change.stray_text, change.odd_value, change.attribute, change.drop_attribute),
    *(namespace, instance),
)
SCHEMA: tuple[Kind, ...] = (*_SMALL, *RULES, extension, signature, signature, instance)


def mutants(
    document: bytes, *, seed: str, count: int, kinds: Sequence[Kind] = SCHEMA, most: int = 3
) -> Iterator[tuple[str, bytes]]:
    """`count` documents with one to `most` changes each, and what was done to each.

    The seed ought to name the document too, so that every document gets changes of its own.
    """
    original = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    for number in range(count):
        rng = Random(f"{seed}/{number}")
        root = copy.deepcopy(original)
        done = [_operate(root, rng, kinds) for _ in range(rng.randint(1, most))]
        said = "; ".join(text for text in done if text)
        yield f"{seed}/{number}: {said}", _bytes(root, rng)


def _operate(root: etree._Element, rng: Random, kinds: Sequence[Kind]) -> str | None:
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    return rng.choice(kinds)(Patient(root, rng, nodes))


def _bytes(root: etree._Element, rng: Random) -> bytes:
    """Now and then with the prefixes declared that `xsi:type` may use."""
    if rng.random() < 0.5:
        own = {prefix: space for prefix, space in root.nsmap.items() if prefix not in PREFIXES}
        wider = etree.Element(root.tag, dict(root.attrib), nsmap={**PREFIXES, **own})
        wider.text = root.text
        wider.extend(list(root))
        root = wider
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
