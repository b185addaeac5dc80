# SPDX-License-Identifier: Apache-2.0
"""The tree that compiled rules walk: small objects with children by name.

Built in one pass over an lxml tree. Attribute names are short because generated code reads them
millions of times: `p` parent, `s` state, `a` attributes by name, `t` string value, `o` document
order, `e` the lxml element, `k` children by name, `c` children in order, `d` the decimal value.

A *state* is the path of names that leads to a node. States are made once and kept across
documents, so that what depends on names alone is decided once (see `plans.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from lxml import etree

EMPTY: Any = ()
NO_ATTRIBUTES: dict[str, str] = {}
MAX_STATES = 5000
MAX_DEPTH = 200


class UnsupportedDocumentError(Exception):
    """The document is too deep, or has values too large, to be judged by this engine."""


class State:
    """One path of names from the document node."""

    __slots__ = ("attributes", "depth", "kids", "local", "name", "namespace", "parent")

    def __init__(self, name: str, parent: State | None) -> None:
        self.name = sys.intern(name)
        self.namespace, _, self.local = (
            name[1:].rpartition("}") if name[:1] == "{" else ("", "", name)
        )
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.kids: dict[str, State] = {}
        self.attributes: dict[str, AttributeState] = {}


class AttributeState:
    """An attribute name on elements of one state."""

    __slots__ = ("name", "owner")

    def __init__(self, name: str, owner: State) -> None:
        self.name = sys.intern(name)
        self.owner = owner


class States:
    """All paths met so far. Beyond a ceiling they are forgotten: a sender can invent paths."""

    def __init__(self) -> None:
        self.document = State("", None)
        self._count = 0

    def kid(self, state: State, name: str) -> State:
        """The state of a child; made and kept if it is new."""
        self._count += 1
        made = State(name, state)
        state.kids[made.name] = made
        return made

    def attribute(self, state: State, name: str) -> AttributeState:
        """The state of an attribute; made and kept if it is new."""
        self._count += 1
        made = AttributeState(name, state)
        state.attributes[made.name] = made
        return made

    @property
    def full(self) -> bool:
        """Whether the next document should start with fresh states."""
        return self._count > MAX_STATES


class Leaf(msgspec.Struct, gc=False, eq=False):
    """An element without element children.

    Structs of msgspec are made three times faster than objects with slots, and the garbage
    collector does not look at them: `Document.close` takes the cycles apart.
    """

    p: Any
    s: State
    a: dict[str, str]
    t: str
    o: int
    e: Any
    d: Any = None
    k: ClassVar[dict[str, list[Any]]] = {}
    c: ClassVar[Any] = EMPTY

    def texts(self) -> list[str]:
        """The text nodes; a comment or processing instruction parts them."""
        if len(self.e):
            return _pieces(self.e)
        return [self.t] if self.t else []


class Branch(msgspec.Struct, gc=False, eq=False):
    """An element with element children; also the document node."""

    p: Any
    s: State
    a: dict[str, str]
    o: int
    e: Any
    k: dict[str, list[Any]]
    c: list[Any]
    d: Any = None

    @property
    def t(self) -> str:
        """The string value: all text inside, in order."""
        return "".join(child.t for child in self.c) if self.e is None else _string_value(self.e)

    def texts(self) -> list[str]:
        """The text nodes between the children."""
        return [] if self.e is None else _pieces(self.e)


def _string_value(element: etree._Element) -> str:
    # Not itertext: it yields the text of comments, which is no part of the value.
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_string_value(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _pieces(element: etree._Element) -> list[str]:
    texts = [element.text, *(child.tail for child in element)]
    return [text for text in texts if text]


# The parent of the document node: it has nothing, not even for `../../..` to stumble over.
NOWHERE = Branch(None, State("", None), NO_ATTRIBUTES, -1, None, {}, [])
NOWHERE.p = NOWHERE


class Document:
    """One document as compiled rules see it.

    `groups` holds the nodes of each state, `attribute_states` the attributes met.
    """

    def __init__(self, root: etree._Element, states: States) -> None:
        self.states = states
        self.node = Branch(NOWHERE, states.document, NO_ATTRIBUTES, 0, None, {}, [])
        self.groups: dict[State, list[Any]] = {states.document: [self.node]}
        self.attribute_states: set[AttributeState] = set()
        self.elements: list[Any] = []
        self._by_name: dict[str, list[State]] | None = None
        self._fill((root,), self.node, 0)
        self.root = self.elements[0]

    def close(self) -> None:
        """Take the tree apart, so that it needs no garbage collection."""
        for node in self.elements:
            node.p = None
        self.elements.clear()
        self.groups.clear()

    def named(self, name: str) -> list[Any]:
        """All elements of a name, in document order."""
        if self._by_name is None:
            by_name: dict[str, list[State]] = {}
            for state in self.groups:
                by_name.setdefault(state.name, []).append(state)
            self._by_name = by_name
        found = self._by_name.get(name, EMPTY)
        if len(found) == 1:
            return self.groups[found[0]]
        return in_order(node for state in found for node in self.groups[state])

    def _fill(  # noqa: PLR0915 - one loop, for its speed
        self, children: Iterable[etree._Element], parent: Branch, depth: int
    ) -> None:
        # One call per element with children, one turn of the loop per element: this is a third
        # of the time that a document takes, hence one long loop over local names.
        if depth > MAX_DEPTH:
            raise UnsupportedDocumentError("the document is nested too deeply")
        state, in_turn, by_name = parent.s, parent.c, parent.k
        kids, nodes, groups = state.kids, self.elements, self.groups
        for element in children:
            name = element.tag
            if (own := kids.get(name)) is None:  # type: ignore[arg-type]
                if not isinstance(name, str):
                    continue  # a comment or processing instruction
                own = self.states.kid(state, name)
            held = element.items()
            attributes = self._attributes(held, own) if held else NO_ATTRIBUTES
            node: Any
            if not len(element):
                node = Leaf(parent, own, attributes, element.text or "", len(nodes) + 1, element)
                nodes.append(node)
            elif any(isinstance(child.tag, str) for child in element):
                node = Branch(parent, own, attributes, len(nodes) + 1, element, {}, [])
                nodes.append(node)
                self._fill(element, node, depth + 1)
            else:
                text = "".join(_pieces(element))
                node = Leaf(parent, own, attributes, text, len(nodes) + 1, element)
                nodes.append(node)
            if (group := groups.get(own)) is None:
                groups[own] = [node]
            else:
                group.append(node)
            in_turn.append(node)
            if (same := by_name.get(own.name)) is None:
                by_name[own.name] = [node]
            else:
                same.append(node)

    def _attributes(self, held: list[tuple[Any, Any]], state: State) -> dict[str, str]:
        found: dict[str, str] = {}
        known, met = state.attributes, self.attribute_states
        for name, value in held:
            if (one := known.get(name)) is None:
                one = self.states.attribute(state, name)
            met.add(one)
            found[one.name] = value
        return found


def ordered(nodes: Any) -> Any:
    """The same as `in_order`, cheap where all is well. A list that ends in an error stays so."""
    if type(nodes) is list:
        last = -1
        for node in nodes:
            if node.o <= last:
                return in_order(nodes)
            last = node.o
    return nodes


def in_order(nodes: Iterable[Any]) -> list[Any]:
    """Each node once, in document order."""
    return [node for _, node in sorted({node.o: node for node in nodes}.items())]
