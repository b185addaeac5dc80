# SPDX-License-Identifier: Apache-2.0
"""Regular expressions of XPath 2.0 as regular expressions of Python.

What means something else in Python is rewritten; what is not known to mean the same is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from gateway.schematron.fast.atoms import XPathError
from gateway.schematron.fast.unsupported import UnsupportedError

_SPACE = " \\t\\r\\n"
_CLASSES = {"s": f"[{_SPACE}]", "S": f"[^{_SPACE}]", "d": r"\d", "D": r"\D", "w": None, "W": None}
_PLAIN_ESCAPES = frozenset(r"\|.?*+(){}[]^$-nrt")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}


@lru_cache(maxsize=500)
def compiled(pattern: str, flags: str = "") -> re.Pattern[str]:
    """The pattern, ready to search with. Raises `UnsupportedError`."""
    wanted = re.RegexFlag(0)
    for flag in flags:
        if flag not in "is":
            raise UnsupportedError(f"the flag {flag!r} of a regular expression")
        wanted |= _FLAGS[flag]
    try:
        return re.compile(_translated(pattern, dot_all="s" in flags), wanted)
    except re.error as error:
        raise UnsupportedError(f"the regular expression {pattern[:60]!r}") from error


def _translated(pattern: str, *, dot_all: bool) -> str:
    parts: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            parts.append(_escape(pattern[at + 1 : at + 2], inside=inside))
            at += 2
            continue
        if not inside and (counted := _QUANTIFIER.match(pattern, at)):
            parts.append(counted.group())
            at = counted.end()
            if _QUANTIFIER.match(pattern, at):
                raise UnsupportedError("a quantifier behind a quantifier")
            continue
        if inside:
            if char == "[" or pattern.startswith("-[", at):
                raise UnsupportedError("a subtraction in a character class")
            inside = char != "]"
            parts.append(char if char not in "&~|" else "\\" + char)
        else:
            inside = char == "["
            parts.append(_outside(pattern, at, dot_all=dot_all))
        at += 1
    return "".join(parts)


def _outside(pattern: str, at: int, *, dot_all: bool) -> str:
    char = pattern[at]
    if char == ".":
        return "." if dot_all else r"[^\n\r]"
    if char == "$":
        return r"\Z"
    if char == "^":
        return r"\A"
    if char in "]{}" or pattern.startswith(("[]", "[^]"), at):
        raise UnsupportedError("a bracket that means itself")
    if char == "(" and pattern.startswith("(?", at) and not pattern.startswith("(?:", at):
        raise UnsupportedError("a group with options")
    return char


def _escape(char: str, *, inside: bool) -> str:
    if char in _PLAIN_ESCAPES and char:
        return "\\" + char
    known = _CLASSES.get(char)
    if known is None:
        raise UnsupportedError(f"the escape \\{char} of a regular expression")
    if not inside:
        return known
    if char == "s":
        return _SPACE
    if char == "d":
        return known
    raise UnsupportedError(f"the escape \\{char} in a character class")


def matches(text: str, pattern: str, flags: str = "") -> bool:
    """fn:matches: anywhere in the text."""
    return compiled(pattern, flags).search(text) is not None


def replace(text: str, pattern: str, new: str) -> str:
    """fn:replace, with a replacement without references to groups."""
    if "$" in new or "\\" in new:
        raise UnsupportedError("a replacement with references")
    expression = compiled(pattern)
    if expression.search(""):
        raise XPathError("FORX0003: the pattern matches an empty string")
    return expression.sub(new, text)


def tokenize(text: str, pattern: str) -> list[str]:
    """fn:tokenize. Raises FORX0003."""
    expression = compiled(pattern)
    if expression.search(""):
        raise XPathError("FORX0003: the pattern matches an empty string")
    if not text:
        return []
    tokens, at = [], 0
    for match in expression.finditer(text):
        tokens.append(text[at : match.start()])
        at = match.end()
    return [*tokens, text[at:]]
