# SPDX-License-Identifier: Apache-2.0
"""Writes XML that already is its own exclusive canonical form, so that no tree is built to sign.

An element is described once, as a value with slots; `Template` turns it into literal pieces at
import time, and filling the slots joins text. Each template is the root of a signed part: it
declares every prefix it uses where it is first visibly used, and so depends on no surroundings.
Source: Exclusive XML Canonicalization 1.0, 3; Canonical XML 1.0, 2.3 (order and escapes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway import safexml
from gateway.as4.const import PREFIXES

NO_PREFIXES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for text, escaped when filled."""

    name: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A place for what is canonical text already: rendered elements, base64."""

    name: str


@dataclass(frozen=True, slots=True)
class AttributeSlot:
    """A place for an attribute's value, escaped when filled."""

    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element: name and attribute names as `prefix:local`, content in document order."""

    name: str
    attributes: Mapping[str, str | Slot]
    content: tuple[Element | str | Slot | Raw, ...]


Piece = str | Slot | Raw | AttributeSlot


def el(tag: str, /, *content: Element | str | Slot | Raw, **attributes: str | Slot) -> Element:
    """Describe an element; `wsu__Id` as keyword is the attribute `wsu:Id`."""
    named = {key.replace("__", ":"): value for key, value in attributes.items()}
    return Element(tag, named, content)


class Template:
    """A described element, ready to be filled many times."""

    def __init__(self, element: Element) -> None:
        pieces: list[Piece] = []
        for piece in _render(element, NO_PREFIXES):
            if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += piece
            else:
                pieces.append(piece)
        self._pieces = tuple(pieces)

    def fill(self, **values: str) -> str:
        """The canonical text. Raises `safexml.UnwritableTextError` for what XML cannot carry."""
        return "".join(
            [piece if isinstance(piece, str) else _filled(piece, values) for piece in self._pieces]
        )

    def slots(self) -> list[tuple[str, bool]]:
        """The names that `fill` needs, and whether each takes canonical text as it is."""
        return [
            (piece.name, isinstance(piece, Raw))
            for piece in self._pieces
            if not isinstance(piece, str)
        ]


def _filled(piece: Slot | Raw | AttributeSlot, values: Mapping[str, str]) -> str:
    value = values[piece.name]
    if isinstance(piece, Slot):
        return safexml.text(value)
    return value if isinstance(piece, Raw) else safexml.attribute(value)


def _render(element: Element, rendered: frozenset[str]) -> Iterator[Piece]:
    used = {name.partition(":")[0] for name in (element.name, *element.attributes) if ":" in name}
    fresh = used - rendered - {"xml"}
    yield f"<{element.name}"
    for prefix in sorted(fresh):
        yield f' xmlns:{prefix}="{PREFIXES[prefix]}"'
    for name in sorted(element.attributes, key=_attribute_order):
        value = element.attributes[name]
        yield f' {name}="'
        yield AttributeSlot(value.name) if isinstance(value, Slot) else safexml.attribute(value)
        yield '"'
    yield ">"
    for child in element.content:
        if isinstance(child, Element):
            yield from _render(child, rendered | fresh)
        else:
            yield safexml.text(child) if isinstance(child, str) else child
    yield f"</{element.name}>"


def _attribute_order(name: str) -> tuple[str, str]:
    # First the attributes without namespace, then by namespace URI, not by prefix.
    prefix, separator, local = name.partition(":")
    return (PREFIXES[prefix], local) if separator else ("", name)
