# SPDX-License-Identifier: Apache-2.0
"""Atomic values at run time: their kinds and casts (XPath 2.0 Functions and Operators, 17).

Strings are `str`, decimals `Decimal` (or `int`, which is exact as well), doubles `float`, dates
`Day`. In lists of mixed items an untyped value is an `Untyped`, an attribute or text node an
`Attribute`; elsewhere the compiler knows and plain `str` does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_DOUBLES = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
NAN = math.nan


class XPathError(Exception):
    """A dynamic error: the layer ends without a verdict. The message begins with its code."""


class Untyped(str):
    """xs:untypedAtomic among items of other types."""

    __slots__ = ()


class Attribute(Untyped):
    """An attribute or text node among items of other types: true, even when it is empty."""

    __slots__ = ()


class Day(int):
    """xs:date, as minutes since year 0 in UTC."""

    __slots__ = ()


def trim(text: str) -> str:
    """Without leading and trailing XML white space."""
    return text.strip(" \t\r\n")


def to_decimal(text: str) -> Decimal:
    """Cast a string. Raises `XPathError` FORG0001."""
    text = trim(text)
    if not _DECIMAL.match(text):
        raise XPathError(f"FORG0001: {text[:50]!r} is no decimal")
    return Decimal(text)


def to_integer(text: str) -> int:
    """Cast a string. Raises `XPathError` FORG0001."""
    text = trim(text)
    if not _INTEGER.match(text):
        raise XPathError(f"FORG0001: {text[:50]!r} is no integer")
    return int(Decimal(text))


def to_double(text: str) -> float:
    """Cast a string. Raises `XPathError` FORG0001."""
    text = trim(text)
    if _DOUBLE.match(text):
        return float(text)
    if text in _DOUBLES:
        return _DOUBLES[text]
    raise XPathError(f"FORG0001: {text[:50]!r} is no double")


def to_compared(text: str) -> float:
    """What an untyped value counts as beside a number. Raises `XPathError` FORG0001.

    Saxon sorts NaN behind all numbers there; by the book it would be neither more nor less.
    """
    value = to_double(text)
    return math.inf if math.isnan(value) else value


def to_boolean(text: str) -> bool:
    """Cast a string. Raises `XPathError` FORG0001."""
    text = trim(text)
    if text in {"true", "1"}:
        return True
    if text in {"false", "0"}:
        return False
    raise XPathError(f"FORG0001: {text[:50]!r} is no boolean")


def number(text: str) -> float:
    """fn:number: what is no number is NaN."""
    text = trim(text)
    return float(text) if _DOUBLE.match(text) else _DOUBLES.get(text, NAN)


def settled_or(*operands: Callable[[], Any]) -> bool:
    """True if any operand is, whatever error another ends in. Raises the first error otherwise."""
    return _settled(operands, decisive=True)


def settled_and(*operands: Callable[[], Any]) -> bool:
    """False if any operand is, whatever error another ends in. Raises the first error otherwise."""
    return _settled(operands, decisive=False)


def _settled(operands: tuple[Callable[[], Any], ...], *, decisive: bool) -> bool:
    failed: XPathError | None = None
    for operand in operands:
        try:
            if bool(operand()) is decisive:
                return decisive
        except XPathError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return not decisive


def is_castable(text: str, cast: Callable[[str], Any]) -> bool:
    """Whether the cast would not raise."""
    try:
        cast(text)
    except XPathError:
        return False
    return True


def show(value: Any) -> str:
    """The string of an atomic value (casting to xs:string)."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, float):
        return _show_double(value)
    return str(value)


def _show_double(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if 1e-6 <= abs(value) < 1e6:  # noqa: PLR2004
        return f"{Decimal(repr(value)).normalize():f}"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
