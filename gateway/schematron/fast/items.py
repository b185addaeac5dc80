# SPDX-License-Identifier: Apache-2.0
"""Lists of nodes and of values at run time: steps, string values, comparisons.

A list of nodes never holds a node twice and is in document order. Where a single value is asked
of several nodes, the answer is the error XPTY0004 (XPath 2.0, section 2.3).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.schematron.fast.atoms import (
    NAN,
    Attribute,
    Day,
    Untyped,
    XPathError,
    number,
    show,
    to_boolean,
    to_decimal,
    to_double,
)
from gateway.schematron.fast.nodes import EMPTY, NOWHERE, Branch, Leaf, in_order

_MANY = "XPTY0004: more than one value where one is asked for"
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


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


def text_of(nodes: Any) -> str:
    """The string of at most one node; empty for none. Raises XPTY0004."""
    if not nodes:
        return ""
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return nodes[0].t  # type: ignore[no-any-return]


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


def child_text(node: Any, name: str) -> str:
    """The string of the only child of a name; empty for none. Raises XPTY0004."""
    nodes = node.k.get(name)
    if nodes is None:
        return ""
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return nodes[0].t  # type: ignore[no-any-return]


def decimal_of(node: Any) -> Decimal:
    """xs:decimal of a node; kept on it, because sums ask for it many times."""
    value = node.d
    if value is None:
        value = node.d = to_decimal(node.t)
    return value  # type: ignore[no-any-return]


def child_decimal(node: Any, name: str) -> Decimal | None:
    """xs:decimal of the only child of a name, or `None`. Raises XPTY0004, FORG0001."""
    nodes = node.k.get(name)
    if nodes is None:
        return None
    if len(nodes) > 1:
        raise XPathError(_MANY)
    return decimal_of(nodes[0])


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


def strings(nodes: Any) -> list[str]:
    """The string values."""
    return [node.t for node in nodes]


def one_of(texts: Any, allowed: frozenset[str]) -> bool:
    """Whether one of the texts is allowed."""
    return any(text in allowed for text in texts)


def compare(operator_: str, left: Iterable[Any], right: Iterable[Any]) -> bool:
    """A general comparison of two lists of values of known, equal kinds."""
    holds, others = OPERATORS[operator_], list(right)
    return any(holds(one, other) for one in left for other in others)


def compare_mixed(operator_: str, left: Iterable[Any], right: Iterable[Any]) -> bool:
    """A general comparison of items of any kind (XPath 2.0, section 3.5.2)."""
    holds = OPERATORS[operator_]
    others = [atom(item) for item in right]
    return any(holds(*_paired(atom(one), other)) for one in left for other in others)


def atom(item: Any) -> Any:
    """An item's typed value: a node's is untyped."""
    return Untyped(item.t) if isinstance(item, Leaf | Branch) else item


def _paired(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, Untyped):
        left = _as_other(left, right)
    elif isinstance(right, Untyped):
        right = _as_other(right, left)
    kinds = {_family(left), _family(right)}
    if len(kinds) > 1:
        raise XPathError(f"XPTY0004: {kinds.pop()} compared with {kinds.pop()}")
    if isinstance(left, float) or isinstance(right, float):
        return float(left), float(right)
    return left, right


def _as_other(value: Untyped, other: Any) -> Any:
    if isinstance(other, bool):
        return to_boolean(value)
    if isinstance(other, Day):
        raise XPathError("XPTY0004: compare dates as dates")
    return to_double(value) if isinstance(other, int | float | Decimal) else value


def _family(value: Any) -> str:
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool | Day):
        return type(value).__name__
    return "number"


def truth(items: Any) -> bool:
    """The effective boolean value of items of any kind. Raises FORG0006."""
    if not items:
        return False
    first = items[0]
    if isinstance(first, Leaf | Branch | Attribute):
        return True
    if len(items) > 1 or isinstance(first, Day):
        raise XPathError("FORG0006: no truth value")
    return bool(first) and first == first  # noqa: PLR0124 - NaN is false


def mixed_text(items: Any) -> str:
    """The string of at most one item. Raises XPTY0004 for several, and for what is no string."""
    value = atom(only(items)) if items else ""
    if not isinstance(value, str):
        raise XPathError(f"XPTY0004: {_family(value)} where a string is asked for")
    return str(value)


def mixed_show(items: Any) -> str:
    """fn:string and xs:string of at most one item."""
    return show(atom(only(items))) if items else ""


def mixed_decimal(items: Any) -> Any:
    """xs:decimal of at most one item, or `None`."""
    if not items:
        return None
    value = atom(only(items))
    if isinstance(value, str):
        return to_decimal(value)
    if isinstance(value, float):
        return double_to_decimal(value)
    return int(value) if isinstance(value, bool) else value


def mixed_double(items: Any) -> float | None:
    """An operand of arithmetic as a double, or `None`."""
    if not items:
        return None
    value = atom(only(items))
    return to_double(value) if isinstance(value, str) else float(value)


def double_to_decimal(value: float) -> Decimal:
    """Casting a double to a decimal keeps its exact binary value. Raises FOCA0002."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        raise XPathError("FOCA0002: no decimal")
    return Decimal(value)


def each(function: Callable[[Any], Any], value: Any) -> Any:
    """The function of a value that may be missing."""
    return None if value is None else function(value)


def at_position(values: Any, position: Any) -> Any:
    """The item at a position, as a list; positions count from 1."""
    if position is None or position != int(position) or position < 1:
        return EMPTY
    return values[int(position) - 1 : int(position)]


def in_range(first: Any, last: Any) -> Any:
    """`first to last`."""
    return EMPTY if first is None or last is None else range(int(first), int(last) + 1)


def name_of(node: Any) -> str:
    """fn:name: the prefix of the document and the local name."""
    prefix = None if node.e is None else node.e.prefix
    return f"{prefix}:{node.s.local}" if prefix else node.s.local  # type: ignore[no-any-return]


def index(nodes: Any, keys: Callable[[Any], Iterable[str]]) -> dict[str, list[Any]]:
    """The nodes by each of their keys."""
    found: dict[str, list[Any]] = {}
    for node in nodes:
        for key in dict.fromkeys(keys(node)):
            found.setdefault(key, []).append(node)
    return found


def child_string(node: Any) -> str:
    """The string of the only text node; empty for none. Raises XPTY0004."""
    return only(node.texts()) or ""


def number_of(text: str | None) -> float:
    """fn:number of a string that may be missing."""
    return NAN if text is None else number(text)


def number_or_nan(value: Any) -> float:
    """fn:number of a number that may be missing."""
    return NAN if value is None else float(value)


def mixed_number(items: Any) -> float:
    """fn:number of at most one item."""
    value = atom(only(items)) if items else None
    return number(value) if isinstance(value, str) else number_or_nan(value)


def mixed_texts(items: Any) -> list[str]:
    """Items of several kinds as strings, for a test of what they can be cast to."""
    return [show(atom(item)) for item in items]


def whole(value: Any) -> int:
    """xs:integer of a number: towards zero. Raises FOCA0002."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        raise XPathError("FOCA0002: no integer")
    return int(value)


def float_sum(values: list[float]) -> float:
    """fn:sum of doubles, added in order."""
    total = 0.0
    for value in values:
        total += value
    return total


def largest(values: list[Any]) -> Any:
    """fn:max; NaN wins."""
    return _extreme(values, max)


def smallest(values: list[Any]) -> Any:
    """fn:min; NaN wins."""
    return _extreme(values, min)


def _extreme(values: list[Any], choose: Callable[[list[Any]], Any]) -> Any:
    if any(value != value for value in values):  # noqa: PLR0124
        return NAN
    return choose(values) if values else None


def by_key(found: dict[str, list[Any]], values: Iterable[str]) -> list[Any]:
    """fn:key: the nodes with one of the values."""
    return in_order(node for value in values for node in found.get(value, EMPTY))
