# SPDX-License-Identifier: Apache-2.0
"""The short notation for content models in the tables, turned into XML Schema particles.

`cbc:ID? cac:Line+` is a sequence and `(a:B | a:C)*` a repeated choice; `?`, `*` and `+` mean what
they mean in a regular expression. `Name=type` declares a local element. `{other lax}` is a
wildcard: which namespaces it takes, and how it is checked.
"""

from __future__ import annotations

import re

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
_PIECE = re.compile(r"\{[^}]*\}|[()|?*+]|[^\s()|{}?*+]+")
_MOST = {"*": "unbounded", "+": "unbounded"}


def type_name(name: str) -> str:
    """A type as a schema writes it; a name without prefix is a built-in type."""
    return name if ":" in name else f"xs:{name}"


def wildcard(kind: str, text: str) -> etree._Element:
    """`any` or `anyAttribute` for `{namespaces checking}`."""
    namespaces, checking = text.strip("{}").split()
    made = etree.Element(XS + kind, namespace=f"##{namespaces}")
    if checking != "strict":
        made.set("processContents", checking)
    return made


def particle(text: str) -> etree._Element:
    """The content model as one `sequence` or `choice`.

    Raises ValueError when the brackets of the text do not match.
    """
    pieces = _PIECE.findall(text)
    group = _group(pieces)
    if pieces:
        raise ValueError(f"content model closes a bracket too many: {text}")
    if len(group) == 1 and group[0].tag in (XS + "choice", XS + "sequence"):
        return group[0]
    return group


def _group(pieces: list[str]) -> etree._Element:
    """Take the pieces of one group off the list; its closing bracket stays."""
    group = etree.Element(XS + "sequence")
    while pieces and pieces[0] != ")":
        piece = pieces.pop(0)
        if piece == "|":
            group.tag = XS + "choice"
            continue
        group.append(_occurring(_single(piece, pieces), pieces))
    return group


def _single(piece: str, pieces: list[str]) -> etree._Element:
    if piece == "(":
        group = _group(pieces)
        if not pieces:
            raise ValueError("content model leaves a bracket open")
        pieces.pop(0)
        return group
    if piece.startswith("{"):
        return wildcard("any", piece)
    name, local, kind = piece.partition("=")
    if not local:
        return etree.Element(XS + "element", ref=name)
    return etree.Element(XS + "element", name=name, type=type_name(kind))


def _occurring(made: etree._Element, pieces: list[str]) -> etree._Element:
    if pieces and pieces[0] in "?*+":
        mark = pieces.pop(0)
        if mark != "+":
            made.set("minOccurs", "0")
        if mark in _MOST:
            made.set("maxOccurs", _MOST[mark])
    return made
