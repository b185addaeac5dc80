# SPDX-License-Identifier: Apache-2.0
"""Lists of nodes and of values at run time: steps, sets, string values.

A list of nodes never holds a node twice and is in document order. Where a single value is asked
of several nodes, the answer is the error XPTY0004 (XPath 2.0, section 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from lxml import etree

from gateway.schematron.fast.atoms import Attribute, XPathError, to_decimal
from gateway.schematron.fast.nodes import EMPTY, NOWHERE, in_order

_MANY = "XPTY0004: more than one value where one is asked for"


def children(nodes: Any, name: str) -> Any:
    """`nodes/name`."""
    if len(nodes) == 1:
        return nodes[0].k.get(name, EMPTY)
    return [child for node in nodes for child in node.k.get(name, EMPTY)]


def two(node: Any, first: str, second: str) -> Any:
    """`node/first/second`."""
    nodes = node.k.get(first)
    if nodes is None:
        return EMPTY
    if len(nodes) == 1:
        return nodes[0].k.get(second, EMPTY)
    return [child for node in nodes for child in node.k.get(second, EMPTY)]


def three(node: Any, first: str, second: str, third: str) -> Any:
    """`node/first/second/third`."""
    return children(two(node, first, second), third)


def attributes(nodes: Any, name: str) -> list[str]:
    """`nodes/@name`."""
    return [node.a[name] for node in nodes if name in node.a]


def descendants(node: Any, name: str) -> list[Any]:
    """`node//name`; `*` is any element."""
    found: list[Any] = []
    for child in node.c:
        if name in {"*", child.s.name}:
            found.append(child)
        if child.c:
            found.extend(descendants(child, name))
    return found


def ancestors(node: Any) -> list[Any]:
    """The elements and the document node above, in document order."""
    found = []
    while (node := node.p) is not NOWHERE:
        found.append(node)
    return found[::-1]


def siblings_before(node: Any) -> list[Any]:
    """`preceding-sibling::*`."""
    return [other for other in node.p.c if other.o < node.o]


def siblings_after(node: Any) -> list[Any]:
    """`following-sibling::*`."""
    return [other for other in node.p.c if other.o > node.o]


def preceding(node: Any, named: list[Any]) -> list[Any]:
    """Those of `named` (all of one name) that end before the node begins."""
    above = {other.o for other in ancestors(node)}
    return [other for other in named if other.o < node.o and other.o not in above]


def union(left: Any, right: Any) -> Any:
    """`left | right`."""
    if not left:
        return right
    return in_order((*left, *right)) if right else left


def contents(node: Any) -> list[Any]:
    """The element children, then the texts and processing instructions as text."""
    instructions = () if node.e is None else node.e.iterchildren(etree.ProcessingInstruction)
    return [*node.c, *map(Attribute, node.texts()), *(Attribute() for _ in instructions)]


def text_of(nodes: Any) -> str:
    """The string of at most one node; empty for none. Raises XPTY0004."""
    if not nodes:
        return ""
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return nodes[0].t  # type: ignore[no-any-return]


def child_text(node: Any, name: str) -> str:
    """The string of the only child of a name; empty for none. Raises XPTY0004."""
    nodes = node.k.get(name)
    if nodes is None:
        return ""
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return nodes[0].t  # type: ignore[no-any-return]


def child_string(node: Any) -> str:
    """The string of the only text node; empty for none. Raises XPTY0004."""
    return only(node.texts()) or ""


def strings(nodes: Any) -> list[str]:
    """The string values."""
    return [node.t for node in nodes]


def name_of(node: Any) -> str:
    """fn:name: the prefix of the document and the local name."""
    prefix = None if node.e is None else node.e.prefix
    return f"{prefix}:{node.s.local}" if prefix else node.s.local


def only(values: Any) -> Any:
    """The only value, or `None`. Raises XPTY0004."""
    if not values:
        return None
    if len(values) > 1:
        raise XPathError(_MANY)
    return values[0]


def required(value: Any) -> Any:
    """The value that must be there. Raises XPTY0004."""
    if value is None:
        raise XPathError("XPTY0004: no value where one is asked for")
    return value


def each(function: Callable[[Any], Any], value: Any) -> Any:
    """The function of a value that may be missing."""
    return None if value is None else function(value)


def decimal_of(node: Any) -> Decimal:
    """xs:decimal of a node; kept on it, because sums ask for it many times."""
    value = node.d
    if value is None:
        value = node.d = to_decimal(node.t)
    return value  # type: ignore[no-any-return]


def decimal_of_only(nodes: Any) -> Decimal | None:
    """xs:decimal of at most one node. Raises XPTY0004, FORG0001."""
    if not nodes:
        return None
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return decimal_of(nodes[0])


def equals(nodes: Any, text: str) -> bool:
    """Whether a node has this string value."""
    return any(node.t == text for node in nodes)


def one_of(texts: Any, allowed: frozenset[str]) -> bool:
    """Whether one of the texts is allowed."""
    return any(text in allowed for text in texts)


def at_position(values: Any, position: Any) -> Any:
    """The item at a position, as a list; positions count from 1."""
    if position is None or not 1 <= position <= len(values) or position != int(position):
        return EMPTY
    return values[int(position) - 1 : int(position)]


def in_range(first: Any, last: Any) -> Any:
    """`first to last`."""
    return EMPTY if first is None or last is None else range(int(first), int(last) + 1)


def index(nodes: Any, keys: Callable[[Any], Iterable[str]]) -> dict[str, list[Any]]:
    """The nodes by each of their keys."""
    found: dict[str, list[Any]] = {}
    for node in nodes:
        for key in dict.fromkeys(keys(node)):
            found.setdefault(key, []).append(node)
    return found


def by_key(found: dict[str, list[Any]], values: Iterable[str]) -> list[Any]:
    """fn:key: the nodes with one of the values."""
    return in_order(node for value in values for node in found.get(value, EMPTY))
