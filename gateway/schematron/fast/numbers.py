# SPDX-License-Identifier: Apache-2.0
"""Arithmetic at run time (XPath 2.0 Functions and Operators, 6). `None` is an absent operand."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from gateway.schematron.fast.atoms import NAN, XPathError, number

_CENT = Decimal("0.01")
_DIVISION_DIGITS = 18
# Decimals are exact: the precision is far beyond any product of what fits in a document.
EXACT = Context(prec=10_000)


def cents(value: Any) -> Any:
    """A decimal rounded to two places, halves towards plus infinity; `None` stays."""
    if value is None or isinstance(value, int):
        return value
    return value.quantize(_CENT, ROUND_HALF_UP if value >= 0 else ROUND_HALF_DOWN)


def round_half_up(value: Any) -> Any:
    """fn:round: halves go towards plus infinity."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return _rounded(value)
    return value.quantize(Decimal(1), ROUND_HALF_UP if value >= 0 else ROUND_HALF_DOWN)


def _rounded(value: float) -> float:
    # Not floor(value + 0.5): the sum is not exact. A negative zero keeps its sign.
    if not math.isfinite(value) or value.is_integer():
        return value
    below = math.floor(value)
    return math.copysign(float(below + (value - below >= 0.5)), value)  # noqa: PLR2004


def floor(value: Any) -> Any:
    """fn:floor."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return float(math.floor(value)) if math.isfinite(value) else value
    return value.to_integral(ROUND_FLOOR)


def plus(left: Any, right: Any) -> Any:
    """`+`."""
    return None if left is None or right is None else left + right


def minus(left: Any, right: Any) -> Any:
    """`-`."""
    return None if left is None or right is None else left - right


def times(left: Any, right: Any) -> Any:
    """`*`."""
    return None if left is None or right is None else left * right


def negative(value: Any) -> Any:
    """Unary minus."""
    return None if value is None else -value


def divide(left: Any, right: Any) -> Any:
    """`div` of decimals, half down to as many places as Saxon gives. Raises FOAR0001."""
    if left is None or right is None:
        return None
    if right == 0:
        raise XPathError("FOAR0001: division by zero")
    if right == 1:
        return left
    left = Decimal(left)
    if right == 100:  # noqa: PLR2004 - percentages and cents: exact
        return left.scaleb(-2)
    right = Decimal(right)
    places = max(_DIVISION_DIGITS, _DIVISION_DIGITS + _places(left) - _places(right))
    digits = _truncated(left.scaleb(places + 1), right)
    return digits.scaleb(-places - 1).quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN)


def _places(value: Decimal) -> int:
    # Places without trailing zeros; fewer than none for 300.00, but not for 300.
    exponent = value.as_tuple().exponent
    return 0 if exponent == 0 else -int(value.normalize().as_tuple().exponent)


def _truncated(left: Decimal, right: Decimal) -> Decimal:
    # One digit more than asked for, and a last digit that tells whether anything follows, so
    # that a half is a half.
    quotient, rest = divmod(abs(left), abs(right))
    if rest and quotient % 10 == 5:  # noqa: PLR2004
        quotient += Decimal("0.1")
    return quotient if (left < 0) == (right < 0) else -quotient


def double_divide(left: float | None, right: float | None) -> float | None:
    """`div` of doubles."""
    if left is None or right is None:
        return None
    if right == 0:
        if left == 0 or math.isnan(left):
            return NAN
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right


def modulo(left: Any, right: Any) -> Any:
    """`mod`: the sign is the dividend's."""
    if left is None or right is None:
        return None
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
        if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
            return NAN
        return math.fmod(left, right)
    if right == 0:
        raise XPathError("FOAR0001: division by zero")
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return Decimal(left) % Decimal(right)


def integer_divide(left: Any, right: Any) -> int | None:
    """`idiv`: towards zero."""
    if left is None or right is None:
        return None
    if right == 0:
        raise XPathError("FOAR0001: division by zero")
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
        if math.isnan(left) or math.isinf(left) or math.isnan(right):
            raise XPathError("FOAR0002: no integer quotient")
        if math.isinf(quotient := left / right):
            raise XPathError("FOAR0002: no integer quotient")
        return int(quotient)
    quotient = abs(left) // abs(right)
    return int(quotient if (left < 0) == (right < 0) else -quotient)


def number_of(text: str | None) -> float:
    """fn:number of a string that may be missing."""
    return NAN if text is None else number(text)


def number_or_nan(value: Any) -> float:
    """fn:number of a number that may be missing."""
    return NAN if value is None else float(value)


def double_to_decimal(value: float) -> Decimal:
    """Casting a double to a decimal keeps its exact binary value. Raises FOCA0002."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124
        raise XPathError("FOCA0002: no decimal")
    return Decimal(value)


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
