# SPDX-License-Identifier: Apache-2.0
"""The elements of an ISO Schematron schema in order, with the included files in their place.

An include stands for the root element of the file it names (ISO/IEC 19757-3, 5.4.4).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.sources import (
    XSLT,
    check_attributes,
    children,
    describe,
    parse_source,
    required,
)

ISO = "http://purl.oclc.org/dsdl/schematron"
MAX_INCLUDE_DEPTH = 16  # published rule sets nest one deep
MAX_INCLUDES = 500  # published rule sets have 14; bounds includes that multiply

_REMOTE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|/|\\)")
_INCLUDE = f"{{{ISO}}}include"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An element and the chain of files that leads to it, its own file last."""

    element: etree._Element
    files: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The name that readers match: `rule` for Schematron's own, `xsl:key` for XSLT's."""
        prefix = "" if etree.QName(self.element).namespace == ISO else "xsl:"
        return prefix + str(etree.QName(self.element).localname)

    def error(self, what: str) -> SchemaError:
        """An error that names this place."""
        file = f"{self.files[-1]}: " if self.files[-1] else ""
        return SchemaError(f"{file}{describe(self.element)} {what}")

    def attributes(self, *allowed: str) -> None:
        """Raise `SchemaError` for an attribute that is not among `allowed`."""
        check_attributes(self.element, allowed)


class Includes:
    """Walks elements and puts included files in the place of their includes.

    Elements of other vocabularies than Schematron and XSLT are for other tools and left out.
    """

    def __init__(self, resolve: Callable[[str], bytes]) -> None:
        self._resolve = resolve
        self._count = 0

    def children(self, place: Place) -> Iterator[Place]:
        """The element children of a place, includes resolved. Raises `SchemaError`."""
        for child in children(place.element):
            found = Place(element=child, files=place.files)
            if child.tag == _INCLUDE:
                found = self._included(found)
            if etree.QName(found.element).namespace in (ISO, XSLT):
                yield found

    def _included(self, place: Place) -> Place:
        place.attributes("href")
        href = required(place.element, "href").strip()
        if _REMOTE.match(href) or "#" in href or "\\" in href:
            raise place.error(f"includes {href}, which is not a plain relative path")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(place.files[-1]), href))
        self._count += 1
        if path in place.files:
            raise place.error(f"includes {path}, which includes itself")
        if len(place.files) > MAX_INCLUDE_DEPTH or self._count > MAX_INCLUDES:
            raise place.error("goes beyond the limit of includes")
        root = parse_source(self._resolve(path), path)
        included = Place(element=root, files=(*place.files, path))
        return self._included(included) if root.tag == _INCLUDE else included
