# SPDX-License-Identifier: Apache-2.0
"""Function calls, casts and conversions to Python source (XPath 2.0 Functions and Operators)."""

from __future__ import annotations

from collections.abc import Callable

from gateway.schematron.fast import functions, text_calls
from gateway.schematron.fast.casts import CASTS, cast_to
from gateway.schematron.fast.codes import (
    NUMBERS,
    STRINGS,
    Code,
    as_decimal,
    as_list,
    as_number,
    as_optional_text,
    as_test,
    atomized,
)
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Call, Expression, Literal


def call(g: Translator, node: Call, scope: Scope) -> Code:
    """The code of a call. Raises `UnsupportedError` for a function that is not known."""
    name = node.name
    if name in g.user_functions:
        return functions.user_call(g, node, scope)
    if name in text_calls.CALLS:
        return text_calls.CALLS[name](g, node.arguments, scope)
    known = _CALLS.get((name, len(node.arguments)))
    if known is None:
        raise UnsupportedError(f"the function {node.name} with {len(node.arguments)} arguments")
    return known(g, node.arguments, scope)


_Arguments = tuple[Expression, ...]


def _constant(source: str, item: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    return lambda _g, _arguments, _scope: Code(source, item, "1")


def _test(form: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        return Code(form.format(g.test(arguments[0], scope)), "boolean", "1")

    return make


def _exists(form: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        code = g.expr(arguments[0], scope)
        there = {"1": "True", "?": f"{code.source} is not None", "*": f"bool({code.source})"}
        return Code(form.format(f"({there[code.many]})"), "boolean", "1")

    return make


def _count(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    return Code(f"len({as_list(g.expr(arguments[0], scope))})", "integer", "1")


def _decimal(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    return as_decimal(g.expr(arguments[0], scope))


def _cast(name: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        return cast_to(g.expr(arguments[0], scope), name)

    return make


def _number(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope) if arguments else scope.context
    if code.item in NUMBERS:
        single = as_number(code)
        return Code(f"number_or_nan({single.source})", "double", "1")
    if code.item == "mixed":
        return Code(f"mixed_number({code.source})", "double", "1")
    text = as_optional_text(code)
    if text.many == "1":
        return Code(f"number({text.source})", "double", "1")
    return Code(f"number_of({text.source})", "double", "1")


def _rounding(function: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        code = as_number(g.expr(arguments[0], scope))
        return Code(f"{function}({code.source})", code.item, code.many)

    return make


def _abs(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = as_number(g.expr(arguments[0], scope))
    source = f"abs({code.source})" if code.many == "1" else f"each(abs, {code.source})"
    return Code(source, code.item, code.many)


def _doubles(code: Code) -> Code:
    # Untyped values in sum, max and min are doubles.
    code = atomized(code)
    if code.item == "mixed":
        raise UnsupportedError("a sum of items of several kinds")
    if code.item in {"untyped"}:
        return Code(f"[to_double(v) for v in {as_list(code)}]", "double", "*")
    if code.item not in NUMBERS:
        raise UnsupportedError(f"a sum of values of kind {code.item}")
    return code


def _sum(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = _doubles(g.expr(arguments[0], scope))
    if code.item == "double":
        return Code(f"float_sum({as_list(code)})", "double", "1")
    return Code(f"sum({as_list(code)})", code.item, "1")


def _extreme(function: str) -> Callable[[Translator, _Arguments, Scope], Code]:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        code = _doubles(g.expr(arguments[0], scope))
        return Code(f"{function}({as_list(code)})", code.item, "?")

    return make


def _reverse(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope)
    if code.item == "node":
        raise UnsupportedError("nodes against document order")
    return Code(f"{as_list(code)}[::-1]", code.item, "*")


def _distinct(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = atomized(g.expr(arguments[0], scope))
    if code.item not in STRINGS:
        raise UnsupportedError("distinct values that are no strings")
    return Code(f"list(dict.fromkeys({as_list(code)}))", code.item, "*")


def _key(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    match arguments[0]:
        case Literal(str() as name, "string") if name in g.keys:
            pass
        case _:
            raise UnsupportedError("a key that is not declared")
    values = atomized(g.expr(arguments[1], scope))
    if values.item not in STRINGS:
        raise UnsupportedError("a key whose value is no string")
    index = functions.key_index(g, name)
    return Code(f"by_key({index.source}, {as_list(values)})", "node", "*")


def _current(_g: Translator, _arguments: _Arguments, scope: Scope) -> Code:
    if scope.current is None:
        raise UnsupportedError("current() outside a rule")
    return scope.current


def _boolean(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    return Code(f"bool({as_test(g.expr(arguments[0], scope))})", "boolean", "1")


_CALLS: dict[tuple[str, int], Callable[[Translator, _Arguments, Scope], Code]] = {
    ("true", 0): _constant("True", "boolean"),
    ("false", 0): _constant("False", "boolean"),
    ("not", 1): _test("(not {0})"),
    ("boolean", 1): _boolean,
    ("exists", 1): _exists("{0}"),
    ("empty", 1): _exists("(not {0})"),
    ("count", 1): _count,
    ("number", 0): _number,
    ("number", 1): _number,
    ("sum", 1): _sum,
    ("max", 1): _extreme("largest"),
    ("min", 1): _extreme("smallest"),
    ("abs", 1): _abs,
    ("round", 1): _rounding("round_half_up"),
    ("floor", 1): _rounding("floor"),
    ("reverse", 1): _reverse,
    ("distinct-values", 1): _distinct,
    ("key", 2): _key,
    ("current", 0): _current,
    ("xs:decimal", 1): _decimal,
    **{(name, 1): _cast(name) for name in CASTS},
}
