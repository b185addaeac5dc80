# SPDX-License-Identifier: Apache-2.0
"""Small readings of parsed elements: text, children, times. What they mean is the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

_BLANKS: Final = " \t\r\n"
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?"
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)


def parse_date_time(text: str) -> datetime | None:
    """An `xs:dateTime` of the years 1 to 9999 in UTC; without zone it is read as UTC.

    24:00:00 is the end of a day there.
    """
    matched = _DATE_TIME.fullmatch(text.strip(_BLANKS))
    if not matched:
        return None
    day, clock, fraction, zone = matched.groups()
    midnight = clock == "24:00:00" and not (fraction or "").strip(".0")
    try:
        parsed = datetime.fromisoformat(
            f"{day}T{'00:00:00' if midnight else clock}{(fraction or '')[:7]}{zone or 'Z'}"
        )
        return (parsed + timedelta(days=midnight)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def content(element: etree._Element) -> str:
    """All text of an element that has no child elements.

    Text behind a comment counts: the canonical form does not show comments, so a reader that
    stops at one would read another value than the one that was signed.
    """
    if len(element) == 0:
        return element.text or ""
    return "".join([element.text or "", *(child.tail or "" for child in element)])


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The child elements, without comments and processing instructions."""
    for child in parent:
        if isinstance(child.tag, str):
            yield child


def has_elements(parent: etree._Element) -> bool:
    """Whether there are child elements, comments and instructions aside."""
    return len(parent) > 0 and any(isinstance(child.tag, str) for child in parent)


def by_tag(parent: etree._Element) -> dict[str, etree._Element]:
    """The child elements by their full names; of equal ones the last."""
    return {child.tag: child for child in parent if isinstance(child.tag, str)}
