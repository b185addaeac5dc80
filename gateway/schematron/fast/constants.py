# SPDX-License-Identifier: Apache-2.0
"""Lists of strings that are known when compiling: code lists, above all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.schematron.xpath.tree import Call, Expression, Literal, Sequence, Variable

_SEPARATORS = {r"\s": r"[ \t\r\n]", " ": " ", r"\s+": r"[ \t\r\n]+", ",": ",", r"\|": r"\|"}


def constant_strings(
    node: Expression, globals_: Mapping[str, tuple[Expression, str | None]]
) -> tuple[str, ...] | None:
    """The strings, or `None` where they are not known or no strings."""
    match node:
        case Literal(str() as value, "string"):
            return (value,)
        case Sequence(items) if items:
            parts = [constant_strings(item, globals_) for item in items]
            if any(part is None for part in parts):
                return None
            return tuple(text for part in parts if part is not None for text in part)
        case Variable(name) if name in globals_ and globals_[name][1] is None:
            return constant_strings(globals_[name][0], globals_)
        case Call("tokenize", (Literal(str() as text, "string"), Literal(str() as mark, _))):
            if mark in _SEPARATORS and text:
                return tuple(re.split(_SEPARATORS[mark], text))
    return None
