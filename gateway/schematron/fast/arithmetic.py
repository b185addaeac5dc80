# SPDX-License-Identifier: Apache-2.0
"""Arithmetic to Python source (XPath 2.0, section 3.4): an absent operand, an absent result."""

from __future__ import annotations

from gateway.schematron.fast.codes import Code, as_number
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.xpath.tree import Binary, Call, Expression, Literal, Negation

_SIGNS = {"+": "+", "-": "-", "*": "*"}
_HUNDRED = Literal(100, "integer")
_TEN = Literal(10, "integer")


def arithmetic(g: Translator, node: Binary | Negation, scope: Scope) -> Code:
    """`+ - * div idiv mod to` and unary minus."""
    if isinstance(node, Negation):
        operand = as_number(g.expr(node.operand, scope))
        return _applied("-{0}", operand.item, operand)
    if (cents := _cents(node)) is not None:
        amount = as_number(g.expr(cents, scope))
        if amount.item != "double":
            return Code(f"cents({amount.source})", "decimal", amount.many)
    left, right = as_number(g.expr(node.left, scope)), as_number(g.expr(node.right, scope))
    if node.operator == "to":
        return Code(f"in_range({left.source}, {right.source})", "integer", "*")
    double = "double" in {left.item, right.item}
    if double:
        left, right = _double(left), _double(right)
    item = "double" if double else "decimal" if "decimal" in {left.item, right.item} else "integer"
    match node.operator:
        case "+" | "-" | "*":
            return _applied(f"{{0}} {_SIGNS[node.operator]} {{1}}", item, left, right)
        case "div" if double:
            return _applied("double_divide({0}, {1})", "double", left, right)
        case "div":
            return _applied("divide({0}, {1})", "decimal", left, right)
        case "mod":
            return _applied("modulo({0}, {1})", item, left, right)
    return _applied("integer_divide({0}, {1})", "integer", left, right)


def _cents(node: Binary) -> Expression | None:
    # round(X * 10 * 10) div 100, the usual way to say: X rounded to cents.
    match node:
        case Binary("div", Call("round", (Binary("*", Binary("*", amount, ten), ten2),)), hundred):
            return amount if (ten, ten2, hundred) == (_TEN, _TEN, _HUNDRED) else None
    return None


def _double(code: Code) -> Code:
    if code.item == "double":
        return code
    if code.many == "1":
        return Code(f"float({code.source})", "double", "1")
    return Code(f"each(float, {code.source})", "double", "?")


def _applied(form: str, item: str, *operands: Code) -> Code:
    # Operands that may be missing are bound to names first; one that is missing gives `None`.
    if all(operand.many == "1" for operand in operands):
        return Code(f"({form.format(*(operand.source for operand in operands))})", item, "1")
    names = [f"x{position}" for position in range(len(operands))]
    missing = " or ".join(
        f"{name} is None"
        for name, operand in zip(names, operands, strict=True)
        if operand.many != "1"
    )
    body = f"None if {missing} else {form.format(*names)}"
    values = ", ".join(operand.source for operand in operands)
    return Code(f"(lambda {', '.join(names)}: {body})({values})", item, "?")
