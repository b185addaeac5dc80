# SPDX-License-Identifier: Apache-2.0
"""Dates and times as strings can be cast to them (XML Schema part 2, 3.2.8 and 3.2.9).

Saxon, whose verdict counts, takes the year 0, as later releases of XML Schema do, and time zones up
to 14:59.
"""

from __future__ import annotations

import re

from gateway.schematron.fast.atoms import Day, XPathError, trim

_ZONE = r"Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"
_DATE = re.compile(rf"(-?(?:[0-9]{{4}}|[1-9][0-9]{{4,9}}))-([0-9]{{2}})-([0-9]{{2}})({_ZONE})?\Z")
_TIME = re.compile(rf"([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}})(\.[0-9]+)?(?:{_ZONE})?\Z")
_LAST_YEAR = 2**31 - 1


def to_date(text: str) -> Day:
    """Cast a string; a date without a zone counts as UTC. Raises `XPathError` FORG0001."""
    match = _DATE.match(trim(text))
    if match is None:
        raise XPathError(f"FORG0001: {text[:50]!r} is no date")
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if not 1 <= month <= 12 or not 1 <= day <= _days(year, month) or abs(year) > _LAST_YEAR:  # noqa: PLR2004
        raise XPathError(f"FORG0001: {text[:50]!r} is no date")
    return Day(_day_number(year, month, day) * 1440 - _zone_minutes(match[4] or "Z"))


def is_time(text: str) -> bool:
    """Whether a string can be cast to xs:time."""
    match = _TIME.match(trim(text))
    if match is None:
        return False
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    end_of_day = hour == 24 and minute == second == 0 and not (match[4] or ".0").strip(".0")  # noqa: PLR2004
    return end_of_day or (hour < 24 and minute < 60 and second < 60)  # noqa: PLR2004


def _zone_minutes(zone: str) -> int:
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
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
