# SPDX-License-Identifier: Apache-2.0
"""Functions and keys that a schema declares, to Python functions.

A function is made once for each combination of argument kinds, because its parameters often have
no declared type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.schematron.fast import contexts
from gateway.schematron.fast.casts import converted
from gateway.schematron.fast.codes import STRINGS, Code, as_list, atomized
from gateway.schematron.fast.constants import constant_strings
from gateway.schematron.fast.expressions import asks_the_document
from gateway.schematron.fast.normalise import Normaliser
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.model import Body, Choose, Function, Let, Return, TextValue, ValueOf
from gateway.schematron.xpath.tree import Call, Expression

_TYPES = {
    "xs:boolean": "boolean",
    "xs:string": "string",
    "xs:integer": "integer",
    "xs:decimal": "decimal",
    "xs:double": "double",
    "xs:date": "date",
}
_NOWHERE = Code("None", "nothing", "1")


def user_call(g: Translator, node: Call, scope: Scope) -> Code:
    """A call of a declared function."""
    function: Function = g.user_functions[node.name]
    if len(function.parameters) != len(node.arguments):
        raise UnsupportedError(f"{node.name} with {len(node.arguments)} arguments")
    arguments = []
    for parameter, argument in zip(function.parameters, node.arguments, strict=True):
        code = g.expr(argument, scope)
        if parameter.as_type is not None:
            code = converted(code, parameter.as_type)
        arguments.append(code)
    name, result = _variant(g, function, arguments)
    sources = ", ".join(["M", *(code.source for code in arguments)])
    return Code(f"{name}({sources})", result.item, result.many)


def _variant(g: Translator, function: Function, arguments: list[Code]) -> tuple[str, Code]:
    key = (function.name, tuple((code.item, code.many) for code in arguments))
    if key in g.variants:
        made: tuple[str, Code] = g.variants[key]
        if made[1].item == "pending":
            raise UnsupportedError(f"the recursive function {function.name} without a type")
        return made
    name = g.fresh("u")
    g.variants[key] = (name, _declared(function))
    names = [g.fresh("p") for _ in arguments]
    variables = {
        parameter.name: Code(argument, code.item, code.many)
        for parameter, argument, code in zip(function.parameters, names, arguments, strict=True)
    }
    scope = Scope(_NOWHERE, variables)
    outer, g.reader = g.reader, g.reader_of(function)
    lines, results = _body(g, function, function.body, scope)
    g.reader = outer
    result = _declared(function)
    if result.item == "pending":
        if len({(code.item, code.many) for code in results}) != 1:
            raise UnsupportedError(f"the results of {function.name} differ in kind")
        result = results[0]
    g.lines += [f"def {name}({', '.join(['M', *names])}):", *(f"    {line}" for line in lines)]
    g.variants[key] = (name, Code("", result.item, result.many))
    return g.variants[key]


def _declared(function: Function) -> Code:
    if function.as_type is None:
        return Code("", "pending", "1")
    bare = function.as_type.rstrip("?")
    if bare not in _TYPES:
        raise UnsupportedError(f"the type {function.as_type} of {function.name}")
    return Code("", _TYPES[bare], "?" if function.as_type.endswith("?") else "1")


def _body(
    g: Translator, function: Function, body: Body, scope: Scope
) -> tuple[list[str], list[Code]]:
    lines: list[str] = []
    results: list[Code] = []
    for position, instruction in enumerate(body):
        if not isinstance(instruction, Let) and position != len(body) - 1:
            raise UnsupportedError(f"{function.name} yields several things in turn")
        match instruction:
            case Let():
                code, made = let(g, instruction, scope)
                lines += made
                scope = scope.binding(instruction.name, code)
            case Return(select=select):
                code = g.expr(g.read(select), scope)
                if function.as_type is not None:
                    code = converted(code, function.as_type)
                results.append(code)
                lines.append(f"return {code.source}")
            case TextValue(content=content):
                code = _returned_text(g, function, content, scope)
                results.append(code)
                lines.append(f"return {code.source}")
            case Choose(branches=branches, otherwise=otherwise):
                for test, branch in branches:
                    inner, more = _body(g, function, branch, scope)
                    results += more
                    condition = g.test(g.read(test), scope)
                    lines += [f"if {condition}:", *(f"    {line}" for line in inner)]
                inner, more = _body(g, function, otherwise, scope)
                lines, results = lines + inner, results + more
    if not body:
        raise UnsupportedError(f"{function.name} may yield nothing")
    return lines, results


def reader(
    function: Function, globals_: Mapping[str, str], parse: Callable[[str], Expression]
) -> Callable[[str], Expression]:
    """How the expressions in a function's body read. Its own names hide those of the schema.

    There is no context item, so that an expression that needs a document is refused.
    """
    own = frozenset(one.name for one in function.parameters) | _let_names(function.body)
    normaliser = Normaliser({k: v for k, v in globals_.items() if k not in own}, None)

    def read(source: str) -> Expression:
        expression = parse(source)
        if asks_the_document(expression):
            raise UnsupportedError(f"the document in {function.name}, which has no context")
        return normaliser.rewrite(expression)

    return read


def _let_names(body: Body) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for instruction in body:
        match instruction:
            case Let(name=name):
                names |= {name}
            case Choose(branches=branches, otherwise=otherwise):
                names = names.union(*(_let_names(branch) for _, branch in branches))
                names |= _let_names(otherwise)
    return names


def _returned_text(
    g: Translator, function: Function, content: tuple[str | ValueOf, ...], scope: Scope
) -> Code:
    source = text_value(g, content, scope)
    code = Code(source, "untyped", "1")
    return code if function.as_type is None else converted(code, function.as_type)


def text_value(g: Translator, content: tuple[str | ValueOf, ...], scope: Scope) -> str:
    """Text with values in it, as one string."""
    parts = []
    for part in content:
        if isinstance(part, str):
            parts.append(repr(part))
            continue
        code = atomized(g.expr(g.read(part.select), scope))
        values = f"[show(v) for v in {as_list(code)}]"
        parts.append(f"' '.join({values})")
    return "(" + " + ".join(parts or ["''"]) + ")"


def let(
    g: Translator, instruction: Let, scope: Scope, *, lazy: bool = False
) -> tuple[Code, list[str]]:
    """A local variable: how to read it, and the lines that set it.

    A lazy one is evaluated whenever it is read, so that its error comes only where it is needed.
    """
    if instruction.select is None:
        source = text_value(g, instruction.content or (), scope)
        constant = instruction.content if _is_text(instruction) else None
        code = Code(source, "untyped", "1", constant)  # type: ignore[arg-type]
    else:
        node = g.read(instruction.select)
        code = g.expr(node, scope)
        if (known := constant_strings(node, g.globals)) is not None and instruction.as_type is None:
            return Code(code.source, code.item, code.many, known), []
    if instruction.as_type is not None:
        code = converted(code, instruction.as_type)
    name = g.fresh("l")
    read, value = (f"{name}()", f"lambda: {code.source}") if lazy else (name, code.source)
    return Code(read, code.item, code.many, code.constant), [f"{name} = {value}"]


def _is_text(instruction: Let) -> bool:
    return len(instruction.content or ()) == 1 and isinstance(
        (instruction.content or ("",))[0], str
    )


def key_index(g: Translator, name: str) -> Code:
    """The index of a key: nodes by value."""

    def make() -> Code:
        match, use = g.keys[name]
        item = g.fresh("v")
        value = atomized(g.expr(use, Scope(Code(item, "node", "1"))))
        if value.item not in STRINGS:
            raise UnsupportedError("a key whose values are no strings")
        test = contexts.key_test(g, match)
        nodes = f"[{item} for {item} in M.document.elements if {test}({item}, M)]"
        return Code(f"index({nodes}, lambda {item}: {as_list(value)})", "index", "1")

    return g.slot(("key", name), make)
