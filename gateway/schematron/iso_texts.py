# SPDX-License-Identifier: Apache-2.0
"""Texts, lets and identifiers of ISO Schematron assertions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.iso_sources import ISO, Place
from gateway.schematron.model import Let, Text, ValueOf
from gateway.schematron.sources import check_attributes, describe, required, unexpected

Substitute = Callable[[str], str]

_BRACKETS = re.compile(r"\s*\[([^\]]+)\]")
_INLINE = {f"{{{ISO}}}{name}" for name in ("emph", "dir", "span")}


def read_let(place: Place, substitute: Substitute) -> Let:
    """Read a let: its value attribute, or its text. Raises `SchemaError`."""
    place.attributes("name", "value", "as")
    element = place.element
    name, value = required(element, "name"), element.get("value")
    if value is not None:
        return Let(name=name, select=substitute(value), as_type=element.get("as"))
    if len(element):
        raise place.error("holds elements, which is not supported")
    return Let(name=name, content=(element.text or "",), as_type=element.get("as"))


def read_text(element: etree._Element, substitute: Substitute) -> Text:
    """The text of an assertion, blanks and line ends taken together. Raises `SchemaError`."""
    return tidy(_pieces(element, substitute))


def _pieces(element: etree._Element, substitute: Substitute) -> Text:
    found: list[str | ValueOf] = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            found += _piece(child, substitute)
        found.append(child.tail or "")
    return tuple(found)


def _piece(child: etree._Element, substitute: Substitute) -> Text:
    if child.tag == f"{{{ISO}}}value-of":
        check_attributes(child, ("select",))
        return (ValueOf(select=substitute(required(child, "select"))),)
    if child.tag == f"{{{ISO}}}name":
        check_attributes(child, ("path",))
        path = child.get("path")
        return (ValueOf(select=substitute(path) if path else "name(.)"),)
    if child.tag in _INLINE:
        check_attributes(child, ("class", "value"))
        return _pieces(child, substitute)
    if etree.QName(child).namespace == ISO:
        raise unexpected(child)
    return _pieces(child, substitute)


def tidy(text: Text) -> Text:
    """Join neighbouring strings, make one blank of each run of them, and strip both ends."""
    joined: list[str | ValueOf] = []
    for piece in text:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    tidied = [re.sub(r"\s+", " ", piece) if isinstance(piece, str) else piece for piece in joined]
    if tidied and isinstance(tidied[0], str):
        tidied[0] = tidied[0].lstrip()
    if tidied and isinstance(tidied[-1], str):
        tidied[-1] = tidied[-1].rstrip()
    return tuple(piece for piece in tidied if piece)


def rule_id(given: str | None, text: str) -> str:
    """The identifier of an assertion: given, or bracketed at the text's head, or made of the text.

    `text` is the text as written. Without any name the identifier is `noid-` and the first eight
    digits of the SHA-1 of the stripped text.
    """
    if given and given.strip():
        return given.strip()
    bracketed = _BRACKETS.match(text)
    if bracketed:
        return bracketed.group(1).strip()
    digest = hashlib.sha1(text.strip().encode(), usedforsecurity=False).hexdigest()
    return f"noid-{digest[:8]}"


def severity(*candidates: str | None) -> str:
    """The first flag or role that is given, in lower case; `fatal` without one or for `error`."""
    flag = next((text.strip().lower() for text in candidates if text and text.strip()), "fatal")
    return "fatal" if flag == "error" else flag


def substitution(parameters: dict[str, str]) -> Substitute:
    """What puts an abstract pattern's parameters into an expression (ISO/IEC 19757-3, 6.3).

    A parameter is replaced where its whole name stands behind the dollar sign: `$a` is not found
    in `$a1`, and `$unknown` stays a variable.
    """
    if not parameters:
        return lambda text: text
    names = "|".join(re.escape(name) for name in sorted(parameters, key=len, reverse=True))
    found = re.compile(rf"\$({names})(?![\w.·-])")
    return lambda text: found.sub(lambda match: parameters[match.group(1)], text)


def no_content(element: etree._Element) -> None:
    """Raise `SchemaError` where an element that should be empty is not."""
    if len(element) or (element.text or "").strip():
        raise SchemaError(f"{describe(element)} has content, which is not supported")
