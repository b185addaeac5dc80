# SPDX-License-Identifier: Apache-2.0
"""Functions on strings at run time (XPath 2.0 Functions and Operators, 7)."""

from __future__ import annotations

import math
import re

from gateway.schematron.fast.numbers import round_half_up

_SPACES = re.compile(r"[ \t\r\n]+")


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
