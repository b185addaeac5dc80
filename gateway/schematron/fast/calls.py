# SPDX-License-Identifier: Apache-2.0
"""Function calls, casts and conversions to Python source (XPath 2.0 Functions and Operators)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateway.schematron.fast import functions, text_calls
from gateway.schematron.fast.codes import (
    NUMBERS,
    STRINGS,
    UNTYPED,
    Code,
    as_decimal,
    as_list,
    as_mixed,
    as_number,
    as_optional_text,
    as_test,
    atomized,
    cast_text,
)
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Call, Expression, Literal

if TYPE_CHECKING:
    from gateway.schematron.fast.generator import Generator

_CASTS = {
    "xs:integer": ("to_integer", "integer"),
    "xs:double": ("to_double", "double"),
    "xs:date": ("to_date", "date"),
    "xs:boolean": ("to_boolean", "boolean"),
}
_CASTABLE = {
    "xs:integer": "to_integer",
    "xs:decimal": "to_decimal",
    "xs:double": "to_double",
    "xs:date": "to_date",
    "xs:boolean": "to_boolean",
}


def call(g: Generator, node: Call, scope: Scope) -> Code:
    """The code of a call. Raises `UnsupportedError` for a function that is not known."""
    name = node.name.removeprefix("fn:")
    if name in g.user_functions:
        return functions.user_call(g, node, scope)
    if name in text_calls.CALLS:
        return text_calls.CALLS[name](g, node.arguments, scope)
    known = _CALLS.get((name, len(node.arguments)))
    if known is None:
        raise UnsupportedError(f"the function {node.name} with {len(node.arguments)} arguments")
    return known(g, node.arguments, scope)


_Arguments = tuple[Expression, ...]


def _constant(source: str, item: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    return lambda _g, _arguments, _scope: Code(source, item, "1")


def _test(form: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    def make(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
        return Code(form.format(g.test(arguments[0], scope)), "boolean", "1")

    return make


def _exists(form: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    def make(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
        code = g.expr(arguments[0], scope)
        there = {"1": "True", "?": f"{code.source} is not None", "*": f"len({code.source}) > 0"}
        return Code(form.format(f"({there[code.many]})"), "boolean", "1")

    return make


def _count(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    return Code(f"len({as_list(g.expr(arguments[0], scope))})", "integer", "1")


def _decimal(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    return as_decimal(g.expr(arguments[0], scope))


def _cast(name: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    def make(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
        return cast_to(g.expr(arguments[0], scope), name)

    return make


def cast_to(code: Code, name: str) -> Code:
    """A cast of at most one value to a named type."""
    function, item = _CASTS[name]
    if code.item == item:
        return as_number(code) if item in NUMBERS else code
    if code.item in UNTYPED | STRINGS:
        return cast_text(function, code, item)
    if name == "xs:integer" and code.item in {"decimal", "double"}:
        single = as_number(code)
        return Code(f"each(whole, {single.source})", "integer", "?")
    if name == "xs:double" and code.item in NUMBERS:
        single = as_number(code)
        return Code(f"each(float, {single.source})", "double", "?")
    raise UnsupportedError(f"the cast of a value of kind {code.item} to {name}")


def _number(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
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


def _rounding(function: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    def make(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
        code = as_number(g.expr(arguments[0], scope))
        return Code(f"{function}({code.source})", code.item, code.many)

    return make


def _abs(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
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


def _sum(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    code = _doubles(g.expr(arguments[0], scope))
    if code.item == "double":
        return Code(f"float_sum({as_list(code)})", "double", "1")
    return Code(f"sum({as_list(code)})", code.item, "1")


def _extreme(function: str) -> Callable[[Generator, _Arguments, Scope], Code]:
    def make(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
        code = _doubles(g.expr(arguments[0], scope))
        return Code(f"{function}({as_list(code)})", code.item, "?")

    return make


def _reverse(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope)
    if code.item == "node":
        raise UnsupportedError("nodes against document order")
    return Code(f"{as_list(code)}[::-1]", code.item, "*")


def _distinct(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    code = atomized(g.expr(arguments[0], scope))
    if code.item not in STRINGS:
        raise UnsupportedError("distinct values that are no strings")
    return Code(f"list(dict.fromkeys({as_list(code)}))", code.item, "*")


def _key(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
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


def _current(_g: Generator, _arguments: _Arguments, scope: Scope) -> Code:
    if scope.current is None:
        raise UnsupportedError("current() outside a rule")
    return scope.current


def type_test(g: Generator, kind: str, code: Code, type_name: str) -> Code:
    """`castable as` and `cast as`."""
    bare = type_name.rstrip("?").replace("xsd:", "xs:")
    if kind == "castable" and bare == "xs:string" and code.item in STRINGS | NUMBERS:
        many = code.many == "1" or type_name.endswith("?")
        if many:
            return Code("True", "boolean", "1")
    if kind == "castable" and bare == "xs:time":
        return _castable(code, "is_time({0})", optional=type_name.endswith("?"))
    if kind == "castable" and bare in _CASTABLE:
        form = f"is_castable({{0}}, {_CASTABLE[bare]})"
        return _castable(code, form, optional=type_name.endswith("?"))
    if kind == "cast" and bare in _CASTS:
        return cast_to(code, bare)
    if kind == "cast" and bare == "xs:decimal":
        return as_decimal(code)
    raise UnsupportedError(f"{kind} as {type_name}")


def _castable(code: Code, form: str, *, optional: bool) -> Code:
    if code.item in NUMBERS:
        raise UnsupportedError("castable of a number")
    if code.item == "mixed":
        code = Code(f"mixed_texts({code.source})", "string", "*")
    if code.many != "1":
        values = as_list(atomized(code))
        every = f"all([{form.format('v')} for v in {{0}}])"
        few = "<= 1" if optional else "== 1"
        test = f"(lambda w: len(w) {few} and {every.format('w')})({values})"
        return Code(test, "boolean", "1")
    return Code(form.format(as_optional_text(code).source), "boolean", "1")


def converted(g: Generator, code: Code, type_name: str) -> Code:
    """A value as a declared type asks for it (the function conversion rules, XPath 2.0 3.1.5)."""
    bare, optional = type_name.rstrip("?*+"), type_name[-1:]
    if bare in {"item()", "node()", "element()"} or type_name.endswith(("*", "+")):
        return _listed(code, bare)
    if bare == "xs:boolean" and code.item == "boolean":
        return Code(code.source, "boolean", "1")
    made = _conversion(code, bare)
    if optional == "?" or made.many == "1":
        return made
    return Code(f"required({made.source})", made.item, "1")


def _listed(code: Code, bare: str) -> Code:
    if bare in {"item()", "node()", "element()"}:
        return code
    if bare == "xs:string" and code.item == "string":
        return code
    raise UnsupportedError(f"a list of {bare} from {code.item}")


def _conversion(code: Code, bare: str) -> Code:
    if code.item == "mixed":
        forms = {"xs:decimal": ("mixed_decimal", "decimal"), "xs:double": ("mixed_double", "double")}
        if bare not in forms:
            raise UnsupportedError(f"items of several kinds as {bare}")
        return Code(f"{forms[bare][0]}({code.source})", forms[bare][1], "?")
    if bare in {"xs:string", "xs:anyAtomicType"} and code.item in STRINGS | {"node"}:
        return as_optional_text(code)
    if bare == "xs:decimal" and code.item in UNTYPED | {"decimal", "integer"}:
        return as_decimal(code)
    if bare == "xs:integer" and code.item in UNTYPED | {"integer"}:
        return cast_to(code, bare)
    if bare == "xs:double" and code.item in UNTYPED | NUMBERS:
        return cast_to(code, bare)
    if bare in {"xs:date", "xs:boolean"} and code.item in UNTYPED:
        return cast_to(code, bare)
    raise UnsupportedError(f"a value of kind {code.item} as {bare}")


def _boolean(g: Generator, arguments: _Arguments, scope: Scope) -> Code:
    return Code(f"bool({as_test(g.expr(arguments[0], scope))})", "boolean", "1")


_CALLS: dict[tuple[str, int], Callable[[Generator, _Arguments, Scope], Code]] = {
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
    **{(name, 1): _cast(name) for name in _CASTS},
}

__all__ = ["as_mixed", "call", "cast_to", "converted", "type_test"]
