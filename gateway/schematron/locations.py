# SPDX-License-Identifier: Apache-2.0
"""Places in a document: as XPath of the kinds that SVRL carries, and as child positions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_STEP = re.compile(
    r"/(?:\*:(?P<prefixed>[^\[/]+)\[namespace-uri\(\)='(?P<prefixed_uri>[^']*)'\]"
    r"|\*\[local-name\(\)='(?P<local>[^']+)'(?: and namespace-uri\(\)='(?P<local_uri>[^']*)')?\]"
    r"|Q\{(?P<uri>[^}]*)\}(?P<name>[^\[/]+)"
    r"|(?P<bare>[^\[/@*]+))"
    r"(?:\[(?P<position>[0-9]+)\])?"
)
_ATTRIBUTE = re.compile(
    r"/@(?:\*\[local-name\(\)='(?P<local>[^']+)' and namespace-uri\(\)='(?P<local_uri>[^']*)'\]"
    r"|Q\{(?P<uri>[^}]*)\}(?P<name>[^\[/]+)"
    r"|(?P<bare>[^\[/*]+))$"
)
# What `path()` adds for other nodes than elements; such a node stands for its parent element.
_OTHER_NODE = re.compile(r"/(?:text|comment|processing-instruction)\([^)]*\)(?:\[[0-9]+\])?$")
_PLACE = re.compile(r"((?:/[0-9]+)*)(?:/@(.+))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node: `path` and `attribute` are those of `Failure`."""

    path: tuple[int, ...] | None
    attribute: str | None = None


DOCUMENT = Place(path=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    element: etree._Element
    position: int  # among the element children of its parent


class Locations:
    """Finds the nodes that XPath locations of one document mean."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._children: dict[etree._Element, dict[str, list[_Child]]] = {}

    def find(self, location: str) -> Place:
        """The place of a location; that of the document where the location is of no known kind.

        The ISO skeleton puts the value of an attribute where its location should be. A value can
        look like a location only by chance, and then leads to no node or to a wrong one.
        """
        location = _OTHER_NODE.sub("", location.strip())
        attribute = _ATTRIBUTE.search(location)
        elements = location[: attribute.start()] if attribute else location
        path = self._path(elements)
        if path is None or attribute is None:
            return Place(path=path)
        local = attribute["local"] or attribute["name"] or attribute["bare"]
        uri = attribute["local_uri"] or attribute["uri"]
        return Place(path=path, attribute=f"{{{uri}}}{local}" if uri else local)

    def _path(self, elements: str) -> tuple[int, ...] | None:
        element: etree._Element | None = None
        path: list[int] = []
        end = 0
        for step in _STEP.finditer(elements):
            if step.start() != end:
                return None
            end = step.end()
            found = self._child(element, step)
            if found is None:
                return None
            element = found.element
            path.append(found.position)
        return tuple(path[1:]) if path and end == len(elements) else None

    def _child(self, parent: etree._Element | None, step: re.Match[str]) -> _Child | None:
        wanted = int(step["position"] or 1) - 1
        name = _name(step)
        if parent is None:
            fits = wanted == 0 and name in _names(self._root)
            return _Child(element=self._root, position=0) if fits else None
        if parent not in self._children:
            self._children[parent] = _named_children(parent)
        named = self._children[parent].get(name, [])
        return named[wanted] if 0 <= wanted < len(named) else None


def _name(step: re.Match[str]) -> str:
    """The name a step asks for: `{uri}local`, or `*:local` where it says nothing of the URI."""
    local = step["prefixed"] or step["local"] or step["name"] or step["bare"]
    for group, uri in (("prefixed", "prefixed_uri"), ("name", "uri"), ("local", "local_uri")):
        if step[group] is not None and step[uri] is not None:
            return f"{{{step[uri]}}}{local}" if step[uri] else local
    return local if step["bare"] is not None else f"*:{local}"


def _names(element: etree._Element) -> tuple[str, str]:
    return str(element.tag), f"*:{etree.QName(element).localname}"


def _named_children(parent: etree._Element) -> dict[str, list[_Child]]:
    found: dict[str, list[_Child]] = {}
    for index, child in enumerate(parent.iterchildren(etree.Element)):
        for name in _names(child):
            found.setdefault(name, []).append(_Child(element=child, position=index))
    return found


def parse_place(text: str) -> Place:
    """Read child positions such as `/0/3/1` or `/0/3/@unitCode`; the first is the root's own 0."""
    parts = _PLACE.fullmatch(text)
    if parts is None or not parts[1]:
        return DOCUMENT
    path = tuple(int(position) for position in parts[1].split("/")[2:])
    return Place(path=path, attribute=parts[2])


def format_place(place: Place) -> str:
    """Write child positions as `parse_place` reads them."""
    if place.path is None:
        return ""
    elements = "".join(f"/{position}" for position in (0, *place.path))
    return elements + (f"/@{place.attribute}" if place.attribute else "")


class XPaths:
    """XPaths of many places of one document, in the form of the ISO skeleton."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._children: dict[etree._Element, list[tuple[etree._Element, str]]] = {}

    def xpath(self, place: Place) -> str:
        """As `xpath_of`."""
        if place.path is None:
            return "/"
        steps = "".join(self._steps(place.path))
        if place.attribute is None:
            return steps
        name = etree.QName(place.attribute)
        if name.namespace is None:
            return f"{steps}/@{name.localname}"
        uri = f"namespace-uri()='{name.namespace}'"
        return f"{steps}/@*[local-name()='{name.localname}' and {uri}]"

    def _steps(self, path: tuple[int, ...]) -> Iterator[str]:
        element = self._root
        yield _step(element, 1)
        for index in path:
            if element not in self._children:
                self._children[element] = list(_numbered(element))
            element, step = self._children[element][index]
            yield step


def _numbered(parent: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    seen: Counter[str] = Counter()
    for child in parent.iterchildren(etree.Element):
        seen[str(child.tag)] += 1
        yield child, _step(child, seen[str(child.tag)])


def xpath_of(place: Place, root: etree._Element) -> str:
    """The XPath of a place in the form of the ISO skeleton; `/` for the document.

    Raises `IndexError` where the document has no such node.
    """
    return XPaths(root).xpath(place)


def _step(element: etree._Element, position: int) -> str:
    name = etree.QName(element)
    if name.namespace is None:
        return f"/{name.localname}[{position}]"
    return f"/*:{name.localname}[namespace-uri()='{name.namespace}'][{position}]"
