# SPDX-License-Identifier: Apache-2.0
"""Writes the UBL 2.1 schemas of Invoice and CreditNote from the tables in `schemas/ubl-2.1`.

`schemas/ubl-2.1/SOURCE.md` describes the tables. Every named type of the published schemas is
kept, because a document can name one in `xsi:type`; that is why no layer of types is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from lxml import etree

from generators.content_models import XS, particle, type_name, wildcard
from generators.tables import rows, xml_text

FOLDER = "ubl-2.1"
_XS = XS.strip("{}")
_PREFIX = re.compile(r"([a-z]\w*):")
_REFERRING = ("ref", "type", "base")

Row = dict[str, str]


def generate(schemas: Path) -> dict[str, str]:
    """The text of each schema, by path below `schemas`."""
    tables = schemas / FOLDER
    spaces = {row["space"]: row for row in rows(tables / "namespaces.tsv")}
    declared: dict[str, list[Row]] = {space: [] for space in spaces}
    for row in _declarations(tables):
        declared[row["space"]].append(row)
    return {
        f"{FOLDER}/xsd/{spaces[space]['file']}": xml_text(_schema(space, declared[space], spaces))
        for space in spaces
    }


def _declarations(tables: Path) -> Iterable[Row]:
    for name in ("model.tsv", "types.tsv", "signatures.tsv"):
        yield from rows(tables / name)
    for row in rows(tables / "basics.tsv"):
        yield {
            "space": "cbc",
            "type": f"{row['element']}Type",
            "elements": row["element"],
            "derivation": f"extends udt:{row['type']}Type",
            "content": "",
            "attributes": "",
        }


def _schema(space: str, declared: list[Row], spaces: dict[str, Row]) -> etree._Element:
    """One schema document: imports, then per row its type and the elements of that type."""
    body = [part for row in declared for part in _parts(space, row)]
    used = _prefixes(body) | set(spaces[space]["also"].split())
    known = {prefix: spaces[prefix]["namespace"] for prefix in spaces if prefix in {space, *used}}
    schema = etree.Element(
        XS + "schema",
        {"targetNamespace": spaces[space]["namespace"], "elementFormDefault": "qualified"},
        nsmap={"xs": _XS, **known},
    )
    for prefix in known:
        if prefix != space:
            row = spaces[prefix]
            etree.SubElement(
                schema, XS + "import", namespace=row["namespace"], schemaLocation=row["file"]
            )
    schema.extend(body)
    return schema


def _prefixes(parts: Iterable[etree._Element]) -> set[str]:
    """The prefixes of our own tables that these declarations refer to."""
    found = set()
    for part in parts:
        for node in part.iter():
            for name in _REFERRING:
                match = _PREFIX.match(node.get(name, ""))
                if match and match[1] != "xs":
                    found.add(match[1])
    return found


def _parts(space: str, row: Row) -> Iterable[etree._Element]:
    """The type of a row, unless it is declared elsewhere, and the global elements that have it."""
    name = row["type"]
    own = bool(row["derivation"] or row["content"] or row["attributes"])
    if own:
        yield _type(row)
    kind = f"{space}:{name}" if own else type_name(name)
    for element in row["elements"].split():
        yield etree.Element(XS + "element", name=element, type=kind)


def _type(row: Row) -> etree._Element:
    words = row["derivation"].split()
    if words[:1] == ["simple"]:
        return _simple_type(row, words[1])
    made = etree.Element(XS + "complexType", name=row["type"])
    for flag in ("abstract", "mixed"):
        if flag in words:
            made.set(flag, "true")
    holder = made
    if len(words) > 1:
        # A content model beside a base makes complex content; without one it is simple content.
        content = "complexContent" if row["content"] else "simpleContent"
        step = {"extends": "extension", "restricts": "restriction"}[words[0]]
        holder = etree.SubElement(made, XS + content)
        holder = etree.SubElement(holder, XS + step, base=type_name(words[1]))
    if row["content"]:
        holder.append(particle(row["content"]))
    holder.extend(_attribute(text) for text in re.findall(r"\{[^}]*\}|\S+", row["attributes"]))
    return made


def _simple_type(row: Row, base: str) -> etree._Element:
    """A restriction of a built-in type; its content lists the values allowed, if any."""
    made = etree.Element(XS + "simpleType", name=row["type"])
    step = etree.SubElement(made, XS + "restriction", base=type_name(base))
    for value in re.findall(r'"([^"]*)"', row["content"]):
        etree.SubElement(step, XS + "enumeration", value=value)
    return made


def _attribute(text: str) -> etree._Element:
    """`name=type` is optional, `name=type!` required, `{any strict}` a wildcard."""
    if text.startswith("{"):
        return wildcard("anyAttribute", text)
    name, _, kind = text.partition("=")
    made = etree.Element(XS + "attribute", name=name, type=type_name(kind.rstrip("!")))
    if kind.endswith("!"):
        made.set("use", "required")
    return made
