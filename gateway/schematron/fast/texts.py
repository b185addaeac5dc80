# SPDX-License-Identifier: Apache-2.0
"""Functions on strings at run time (XPath 2.0 Functions and Operators, 7)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from gateway.schematron.fast.atoms import XPathError
from gateway.schematron.fast.numbers import round_half_up

# Characters of XML (1.0, section 2.2) besides tab and line ends.
_CHARACTERS = (range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
_SPACES = re.compile(r"[ \t\r\n]+")


def normalize(text: str) -> str:
    """fn:normalize-space: XML white space only."""
    if text.isascii():
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip(" ")


def substring(text: str, start: float, length: float | None = None) -> str:
    """fn:substring with its rounding; positions count from 1."""
    first = round_half_up(start)
    end = math.inf if length is None else first + round_half_up(length)
    if math.isnan(first) or math.isnan(end):
        return ""
    return text[_before(first, text) : _before(end, text)]


def _before(position: float, text: str) -> int:
    # How many characters of the text stand before a position.
    return int(min(max(position, 1), len(text) + 1)) - 1


def lower(text: str) -> str:
    """fn:lower-case: character by character, whatever stands around."""
    return text.lower() if text.isascii() else "".join(char.lower() for char in text)


def from_codepoints(codes: Iterable[int]) -> str:
    """fn:codepoints-to-string. Raises FOCH0001 for what is no character of XML."""
    codes = list(codes)
    if not all(_is_character(code) for code in codes):
        raise XPathError("FOCH0001: no character")
    return "".join(map(chr, codes))


def _is_character(code: int) -> bool:
    return code in {9, 10, 13} or any(code in characters for characters in _CHARACTERS)


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
