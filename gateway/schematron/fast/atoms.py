# SPDX-License-Identifier: Apache-2.0
"""Atomic values at run time: casts, numbers, strings (XPath 2.0 functions and operators).

Strings are `str`, decimals `Decimal` (or `int`, which is exact as well), doubles `float`, dates
`Day`. In lists of mixed items an untyped value is an `Untyped`, an attribute or text node an
`Attribute`; elsewhere the compiler knows and plain `str` does.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z")
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_DATE = re.compile(r"(-?[0-9]{4,})-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?\Z")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?\Z"
)
_SPACES = re.compile(r"[ \t\r\n]+")
_DOUBLES = {"INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
_CENT = Decimal("0.01")
_DIVISION_DIGITS = 18
NAN = math.nan
# Decimals are exact: the precision is far beyond any product of what fits in a document.
EXACT = Context(prec=10_000)


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


def to_boolean(text: str) -> bool:
    """Cast a string. Raises `XPathError` FORG0001."""
    text = trim(text)
    if text in {"true", "1"}:
        return True
    if text in {"false", "0"}:
        return False
    raise XPathError(f"FORG0001: {text[:50]!r} is no boolean")


def to_date(text: str) -> Day:
    """Cast a string; a date without a zone counts as UTC. Raises `XPathError` FORG0001."""
    match = _DATE.match(trim(text))
    if match is None:
        raise XPathError(f"FORG0001: {text[:50]!r} is no date")
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    zone = _zone_minutes(match[4] or "Z")
    if zone is None or not 1 <= month <= 12 or not 1 <= day <= _days(year, month) or year == 0:  # noqa: PLR2004
        raise XPathError(f"FORG0001: {text[:50]!r} is no date")
    return Day(_day_number(year, month, day) * 1440 - zone)


def is_time(text: str) -> bool:
    """Whether a string can be cast to xs:time."""
    match = _TIME.match(trim(text))
    if match is None:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    end_of_day = hour == 24 and minute == second == 0 and not (match[4] or ".0").strip(".0")  # noqa: PLR2004
    return end_of_day or (hour < 24 and minute < 60 and second < 60)  # noqa: PLR2004


def _zone_minutes(zone: str) -> int | None:
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    if minutes > 14 * 60 or int(zone[4:6]) > 59:  # noqa: PLR2004
        return None
    return -minutes if zone[0] == "-" else minutes


def _days(year: int, month: int) -> int:
    if month == 2:  # noqa: PLR2004
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def _day_number(year: int, month: int, day: int) -> int:
    # The civil calendar's day count: March is the first month, so that leap days come last.
    year -= month <= 2  # noqa: PLR2004
    month = (month + 9) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


def number(text: str) -> float:
    """fn:number: what is no number is NaN."""
    text = trim(text)
    return float(text) if _DOUBLE.match(text) else _DOUBLES.get(text, NAN)


def is_castable(text: str, cast: Any) -> bool:
    """Whether the cast would not raise."""
    try:
        cast(text)
    except XPathError:
        return False
    return True


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
        return value if math.isnan(value) or math.isinf(value) else float(math.floor(value + 0.5))
    return value.quantize(Decimal(1), ROUND_HALF_UP if value >= 0 else ROUND_HALF_DOWN)


def floor(value: Any) -> Any:
    """fn:floor."""
    if value is None or isinstance(value, int):
        return value
    return float(math.floor(value)) if isinstance(value, float) else value.to_integral(ROUND_FLOOR)


def divide(left: Any, right: Any) -> Any:
    """`div` of decimals: 18 places or those of an operand, half down. Raises FOAR0001."""
    if right == 0:
        raise XPathError("FOAR0001: division by zero")
    if right == 1:
        return left
    left, right = Decimal(left), Decimal(right)
    places = max(_DIVISION_DIGITS, -int(left.as_tuple().exponent), -int(right.as_tuple().exponent))
    digits = _truncated(left.scaleb(places + 1), right)
    return digits.scaleb(-places - 1).quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN)


def _truncated(left: Decimal, right: Decimal) -> Decimal:
    # One digit more than asked for, and a last digit that tells whether anything follows, so
    # that a half is a half.
    quotient, rest = divmod(abs(left), abs(right))
    if rest and quotient % 10 == 5:  # noqa: PLR2004
        quotient += Decimal("0.1")
    return quotient if (left < 0) == (right < 0) else -quotient


def double_divide(left: float, right: float) -> float:
    """`div` of doubles."""
    if right == 0:
        if left == 0 or math.isnan(left):
            return NAN
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right


def modulo(left: Any, right: Any) -> Any:
    """`mod`: the sign is the dividend's."""
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


def integer_divide(left: Any, right: Any) -> int:
    """`idiv`: towards zero."""
    if right == 0:
        raise XPathError("FOAR0001: division by zero")
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
        if math.isnan(left) or math.isinf(left) or math.isnan(right):
            raise XPathError("FOAR0002: no integer quotient")
        return int(left / right)
    quotient = abs(left) // abs(right)
    return int(quotient if (left < 0) == (right < 0) else -quotient)


def normalize(text: str) -> str:
    """fn:normalize-space: XML white space only."""
    if text.isascii():
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip(" ")


def substring(text: str, start: float, length: float | None = None) -> str:
    """fn:substring with its rounding; positions count from 1."""
    first = round_half_up(start)
    if length is None:
        if first != first:  # noqa: PLR0124 - NaN
            return ""
        return text[max(0, int(first) - 1) :] if first != -math.inf else text
    end = first + round_half_up(length)
    if end != end or first != first:  # noqa: PLR0124 - NaN
        return ""
    stop = len(text) if end == math.inf else max(0, int(end) - 1)
    return text[max(0, int(first) - 1) if first != -math.inf else 0 : stop]


def before(text: str, mark: str) -> str:
    """fn:substring-before."""
    head, found, _ = text.partition(mark) if mark else ("", "", "")
    return head if found else ""


def after(text: str, mark: str) -> str:
    """fn:substring-after."""
    if not mark:
        return text
    return text.partition(mark)[2]


def translate(text: str, old: str, new: str) -> str:
    """fn:translate."""
    table: dict[int, str | None] = {}
    for position, char in enumerate(old):
        table.setdefault(ord(char), new[position] if position < len(new) else None)
    return text.translate(table)


def has_token(word: str, tokens: frozenset[str], text: str) -> bool:
    """`contains(text, concat(' ', word, ' '))` for a text that is tokens parted by blanks."""
    if word and " " not in word:
        return word in tokens
    return f" {word} " in text


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
