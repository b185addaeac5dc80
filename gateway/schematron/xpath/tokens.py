# SPDX-License-Identifier: Apache-2.0
"""XPath text to tokens (XPath 2.0, appendix A.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<string>"(?:[^"]|"")*"|'(?:[^']|'')*')
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<variable>\$\s*{_NAME}(?::{_NAME})?)
  | (?P<name>\*:{_NAME}|{_NAME}:\*|{_NAME}(?::{_NAME})?)
  | (?P<symbol>::|//|\.\.|<=|>=|!=|<<|>>|[/().,@\[\]|=<>+\-*?])
    """,
    re.VERBOSE,
)
_END = ("end", "")


class XPathSyntaxError(ValueError):
    """The text is no expression of the grammar that is read here."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (`string`, `number`, `variable`, `name`, `symbol`, `end`) and text."""

    kind: str
    text: str


def tokens_of(source: str) -> list[Token]:
    """All tokens and a last one of kind `end`. Raises `XPathSyntaxError`."""
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        if source.startswith("(:", at):
            at = _after_comment(source, at)
            continue
        match = _TOKEN.match(source, at)
        if match is None:
            raise XPathSyntaxError(f"{source[at : at + 20]!r} is no token of an expression")
        at = match.end()
        kind = match.lastgroup or "end"
        if kind != "space":
            tokens.append(Token(kind, match.group()))
    tokens.append(Token(*_END))
    return tokens


def _after_comment(source: str, at: int) -> int:
    depth = 0
    while at < len(source):
        if source.startswith("(:", at):
            depth, at = depth + 1, at + 2
        elif source.startswith(":)", at):
            depth, at = depth - 1, at + 2
            if depth == 0:
                return at
        else:
            at += 1
    raise XPathSyntaxError("a comment is not closed")
