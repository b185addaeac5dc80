# SPDX-License-Identifier: Apache-2.0
"""Comparisons, and items that carry their kind, at run time (XPath 2.0, sections 2.4 and 3.5)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.schematron.fast.atoms import (
    Attribute,
    Day,
    Untyped,
    XPathError,
    number,
    show,
    to_boolean,
    to_compared,
    to_decimal,
    to_double,
)
from gateway.schematron.fast.items import only
from gateway.schematron.fast.nodes import Branch, Leaf
from gateway.schematron.fast.numbers import double_to_decimal, number_or_nan

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(operator_: str, left: Iterable[Any], right: Iterable[Any]) -> bool:
    """A general comparison of two lists of values of known, equal kinds."""
    holds, others = OPERATORS[operator_], list(right)
    return any(holds(one, other) for one in left for other in others)


def is_equal(left: Any, right: Any) -> bool:
    """`=` of values that may be missing."""
    return left is not None and right is not None and left == right


def is_other(left: Any, right: Any) -> bool:
    """`!=` of values that may be missing."""
    return left is not None and right is not None and left != right


def is_less(left: Any, right: Any) -> bool:
    """`<` of values that may be missing."""
    return left is not None and right is not None and left < right


def is_not_more(left: Any, right: Any) -> bool:
    """`<=` of values that may be missing."""
    return left is not None and right is not None and left <= right


def is_more(left: Any, right: Any) -> bool:
    """`>` of values that may be missing."""
    return left is not None and right is not None and left > right


def is_not_less(left: Any, right: Any) -> bool:
    """`>=` of values that may be missing."""
    return left is not None and right is not None and left >= right


def of_both(holds: Callable[[Any, Any], bool], left: Any, right: Any) -> bool | None:
    """A value comparison, or `None` where one side is missing."""
    return None if left is None or right is None else holds(left, right)


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
    return to_compared(value) if isinstance(other, int | float | Decimal) else value


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


def mixed_texts(items: Any) -> list[str]:
    """Items of several kinds as strings, for a test of what they can be cast to."""
    return [show(atom(item)) for item in items]


def mixed_number(items: Any) -> float:
    """fn:number of at most one item."""
    value = atom(only(items)) if items else None
    return number(value) if isinstance(value, str) else number_or_nan(value)


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
