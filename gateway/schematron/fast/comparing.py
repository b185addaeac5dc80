# SPDX-License-Identifier: Apache-2.0
"""Comparisons to Python source (XPath 2.0, section 3.5), by what is known of the two sides."""

from __future__ import annotations

import re

from gateway.schematron.fast.codes import (
    NUMBERS,
    STRINGS,
    UNTYPED,
    Code,
    as_list,
    as_mixed,
    atomized,
)
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Binary

_VALUE = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
OPERATORS = frozenset((*_VALUE, *_VALUE.values()))
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_CASTS = {"boolean": "to_boolean", "date": "to_date"}
_FUNCTIONS = {
    "=": "is_equal",
    "!=": "is_other",
    "<": "is_less",
    "<=": "is_not_more",
    ">": "is_more",
    ">=": "is_not_less",
}
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.0)?")
_TEXTS = STRINGS | {"node"}


def comparison(g: Translator, node: Binary, scope: Scope) -> Code:
    """A general or a value comparison."""
    left, right = g.expr(node.left, scope), g.expr(node.right, scope)
    operator = node.operator
    if operator in _VALUE:
        operator = _VALUE[operator]
        left, right = _single(left), _single(right)
        if not left.many == right.many == "1":
            # Where an operand is missing there is no answer, which is not the same as "false".
            sides = [Code(name, code.item, "1") for name, code in (("v", left), ("w", right))]
            holds = f"lambda v, w: {_compare(g, operator, *sides)}"
            return Code(f"of_both({holds}, {left.source}, {right.source})", "boolean", "?")
    return Code(_compare(g, operator, left, right), "boolean", "1")


def _single(code: Code) -> Code:
    # Operands of value comparisons: at most one, and an untyped one is a string.
    code = atomized(code)
    if code.item == "mixed":
        raise UnsupportedError("a value comparison of items of several kinds")
    item = "string" if code.item in STRINGS else code.item
    if code.many == "*":
        return Code(f"only({code.source})", item, "?")
    return Code(code.source, item, code.many)


def _compare(g: Translator, operator: str, left: Code, right: Code) -> str:
    if "mixed" in {left.item, right.item}:
        return f"compare_mixed({operator!r}, {as_mixed(left)}, {as_mixed(right)})"
    if left.item in _TEXTS and right.item in _TEXTS:
        return _texts(g, operator, left, right)
    if left.item in NUMBERS and right.item in NUMBERS:
        return _numbers(operator, left, right)
    if left.item in UNTYPED and right.item in NUMBERS | {"boolean", "date"}:
        return _values(operator, _cast(left, right.item), right)
    if right.item in UNTYPED and left.item in NUMBERS | {"boolean", "date"}:
        return _values(_MIRRORED[operator], _cast(right, left.item), left)
    if left.item == right.item and left.item in {"boolean", "date"}:
        return _values(operator, left, right)
    raise UnsupportedError(f"{left.item} compared with {right.item}")


def _texts(g: Translator, operator: str, left: Code, right: Code) -> str:
    if operator == "=":
        if left.constant is not None and right.constant is None:
            left, right = right, left
        if right.constant is not None:
            return _membership(g, left, right.constant)
        if left.many == "*" and right.many != "*":
            left, right = right, left
        if left.many != "*" and right.many == "*":
            # A value that is missing is `None`, which no list of strings holds.
            return f"({_strings(left).source} in {_strings(right).source})"
    return _values(operator, _strings(left), _strings(right))


def _membership(g: Translator, left: Code, allowed: tuple[str, ...]) -> str:
    if len(allowed) == 1:
        literal = repr(allowed[0])
        if left.many != "*":
            return f"({_scalar(left)} == {literal})"
        if left.item == "node":
            return f"equals({left.source}, {literal})"
        return f"({literal} in {left.source})"
    tokens = g.constant(frozenset(allowed))
    if left.many != "*":
        return f"({_scalar(left)} in {tokens})"
    return f"one_of({as_list(_strings(left))}, {tokens})"


def _scalar(code: Code) -> str:
    return f"{code.source}.t" if code.item == "node" and code.many == "1" else code.source


def _strings(code: Code) -> Code:
    if code.item != "node":
        return code
    if code.many == "1":
        return Code(f"{code.source}.t", "untyped", "1")
    return Code(f"strings({as_list(code)})", "untyped", "*")


def _numbers(operator: str, left: Code, right: Code) -> str:
    if (left.item == "double") != (right.item == "double"):
        # A decimal against a double is compared as a double, not exactly.
        if left.item == "double":
            right = _doubled(right)
        else:
            left = _doubled(left)
    return _values(operator, left, right)


def _doubled(code: Code) -> Code:
    if code.source.isdecimal():
        return Code(f"{code.source}.0", "double", "1")
    if code.many == "1":
        return Code(f"float({code.source})", "double", "1")
    if code.many == "?":
        return Code(f"each(float, {code.source})", "double", "?")
    return Code(f"[float(v) for v in {as_list(code)}]", "double", "*")


def _cast(code: Code, item: str) -> Code:
    # An untyped side takes the kind of the other, against numbers that of a double.
    function = _CASTS.get(item, "to_compared")
    item = item if item in _CASTS else "double"
    values = _strings(code)
    if values.many == "1":
        return Code(f"{function}({values.source})", item, "1")
    if values.many == "?":
        return Code(f"each({function}, {values.source})", item, "?")
    return Code(f"[{function}(v) for v in {as_list(values)}]", item, "*")


def _values(operator: str, left: Code, right: Code) -> str:
    if left.item == "double" or right.item == "double":
        left = left if left.item == "double" else _doubled(left)
        right = right if right.item == "double" else _doubled(right)
    sign = "==" if operator == "=" else operator
    if left.many == "1" and right.many == "1":
        return f"({left.source} {sign} {right.source})"
    if left.many != "*" and right.many != "*":
        return f"{_FUNCTIONS[operator]}({left.source}, {right.source})"
    if right.many == "1" and _NUMBER.fullmatch(right.source):
        return f"any([v {sign} {right.source} for v in {as_list(left)}])"
    if right.many == "1":
        return f"any([v {sign} w for w in ({right.source},) for v in {as_list(left)}])"
    if left.many == "1":
        return f"any([w {sign} v for w in ({left.source},) for v in {as_list(right)}])"
    return f"compare({operator!r}, {as_list(left)}, {as_list(right)})"
