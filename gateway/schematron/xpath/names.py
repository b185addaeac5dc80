# SPDX-License-Identifier: Apache-2.0
"""Names and numbers in expressions: prefixes expanded, kind tests told from functions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.schematron.xpath.tokens import XPathSyntaxError
from gateway.schematron.xpath.tree import Literal

_KIND_TESTS = frozenset(("node", "text", "comment", "processing-instruction"))

_MAX_DIGITS = 1000


def is_kind_test(name: str) -> bool:
    """Whether `name(` begins a node test, not a function call."""
    return name in _KIND_TESTS


def expanded(name: str, namespaces: Mapping[str, str]) -> str:
    """`cbc:ID` as `{namespace}ID`; `*:ID` as `{*}ID`; `cbc:*` as `{namespace}*`.

    Raises `XPathSyntaxError` for a prefix that is not declared.
    """
    prefix, colon, local = name.partition(":")
    if not colon:
        return name
    if prefix == "*":
        return f"{{*}}{local}"
    if prefix not in namespaces:
        raise XPathSyntaxError(f"the prefix {prefix!r} is not declared")
    return f"{{{namespaces[prefix]}}}{local}"


def number_literal(text: str) -> Literal:
    """An integer, a decimal or, with an exponent, a double. Raises `XPathSyntaxError`."""
    if len(text) > _MAX_DIGITS:
        raise XPathSyntaxError("a number is too long")
    if "e" in text.lower():
        return Literal(float(text), "double")
    if "." in text:
        return Literal(Decimal(text), "decimal")
    return Literal(int(text), "integer")
