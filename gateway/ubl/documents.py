# SPDX-License-Identifier: Apache-2.0
"""A business document on its way through the rules: its bytes, its tree, what it says it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from gateway.safexml import encoding_of, parse_document
from gateway.ubl.paths import UBL

CBC = f"{{{UBL}CommonBasicComponents-2}}"
CAC = f"{{{UBL}CommonAggregateComponents-2}}"

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One parsed document. Comments and processing instructions are in the tree."""

    data: bytes
    root: etree._Element
    encoding: str
    customization: str | None
    profile: str | None

    @property
    def name(self) -> str:
        """The root element as `{namespace}name`."""
        return str(self.root.tag)

    @property
    def local_name(self) -> str:
        """The root element's local name."""
        return self.name.rpartition("}")[2]

    def digest(self) -> bytes:
        """SHA-256 of the bytes as given."""
        return hashlib.sha256(self.data).digest()


def read_document(data: bytes) -> Document:
    """Parse and look what it is. Raises `MalformedXMLError`: no rules can be run then."""
    root = parse_document(data)
    return Document(
        data=data,
        root=root,
        encoding=encoding_of(data),
        customization=_said(root, "CustomizationID"),
        profile=_said(root, "ProfileID"),
    )


def _said(root: etree._Element, name: str) -> str | None:
    """The text of a child; the reports of the network have it in a namespace of their own."""
    namespace = etree.QName(root).namespace
    for tag in (f"{CBC}{name}", f"{{{namespace}}}{name}" if namespace else name):
        found = root.find(tag)
        if found is not None:
            # All of its text: a comment may stand within.
            return "".join([found.text or "", *(inner.tail or "" for inner in found)])
    return None


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The element children, by which paths count."""
    return parent.iterchildren("*")


def path_of(element: etree._Element) -> Path:
    """The path of child positions that leads from the root to an element."""
    steps: list[int] = []
    parent = element.getparent()
    while parent is not None:
        steps.append(sum(1 for _ in element.itersiblings("*", preceding=True)))
        element, parent = parent, parent.getparent()
    return tuple(reversed(steps))
