# SPDX-License-Identifier: Apache-2.0
"""Names in expressions: prefixes expanded, kind tests told from functions."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.schematron.xpath.tokens import XPathSyntaxError

_KIND_TESTS = frozenset(("node", "text", "comment", "processing-instruction"))


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
