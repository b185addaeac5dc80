# SPDX-License-Identifier: Apache-2.0
"""Arithmetic to Python source (XPath 2.0, section 3.4): an absent operand, an absent result."""

from __future__ import annotations

from gateway.schematron.fast.codes import UNTYPED, Code, as_number, cast_text
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Binary, Call, Expression, Literal, Negation

_HUNDRED = Literal(100, "integer")
_TEN = Literal(10, "integer")
# Sign where both operands are there, function where one may be missing.
_SIMPLE = {"+": "plus", "-": "minus", "*": "times"}
_OTHERS = {"mod": "modulo", "idiv": "integer_divide", "div": "divide"}


def arithmetic(g: Translator, node: Binary | Negation, scope: Scope) -> Code:
    """`+ - * div idiv mod to` and unary minus."""
    if isinstance(node, Negation):
        operand = as_number(g.expr(node.operand, scope))
        source = f"(-{operand.source})" if operand.many == "1" else f"negative({operand.source})"
        return Code(source, operand.item, operand.many)
    if (cents := _cents(node)) is not None:
        amount = as_number(g.expr(cents, scope))
        if amount.item != "double":
            return Code(f"cents({amount.source})", "decimal", amount.many)
    if node.operator == "to":
        first, last = (_whole(g.expr(end, scope)) for end in (node.left, node.right))
        return Code(f"in_range({first.source}, {last.source})", "integer", "*")
    left, right = as_number(g.expr(node.left, scope)), as_number(g.expr(node.right, scope))
    item = _item(node.operator, {left.item, right.item})
    if "double" in {left.item, right.item}:
        left, right = _double(left), _double(right)
    many = "1" if left.many == right.many == "1" else "?"
    if node.operator in _SIMPLE:
        if many == "1":
            return Code(f"({left.source} {node.operator} {right.source})", item, many)
        return Code(f"{_SIMPLE[node.operator]}({left.source}, {right.source})", item, many)
    function = _OTHERS[node.operator]
    if function == "divide" and item == "double":
        function = "double_divide"
    return Code(f"{function}({left.source}, {right.source})", item, many)


def _whole(code: Code) -> Code:
    if code.item in UNTYPED:
        return cast_text("to_integer", code, "integer")
    if code.item != "integer":
        raise UnsupportedError(f"a range with a value of kind {code.item}")
    return as_number(code)


def _item(operator: str, operands: set[str]) -> str:
    if operator == "idiv":
        return "integer"
    if "double" in operands:
        return "double"
    return "decimal" if operator == "div" or "decimal" in operands else "integer"


def _cents(node: Binary) -> Expression | None:
    # round(X * 100) div 100, the usual way to say: X rounded to cents. Also with * 10 * 10.
    match node:
        case Binary("div", Call("round", (Binary("*", left, right),)), hundred):
            if hundred != _HUNDRED:
                return None
            if _HUNDRED in {left, right}:
                return left if right == _HUNDRED else right
            match left:
                case Binary("*", amount, ten):
                    return amount if ten == right == _TEN else None
    return None


def _double(code: Code) -> Code:
    if code.item == "double":
        return code
    if code.many == "1":
        return Code(f"float({code.source})", "double", "1")
    return Code(f"each(float, {code.source})", "double", "?")
