# SPDX-License-Identifier: Apache-2.0
"""Calls of functions on strings to Python source."""

from __future__ import annotations

from collections.abc import Callable

from gateway.schematron.fast.codes import (
    STRINGS,
    Code,
    as_list,
    as_mixed,
    as_number,
    as_optional_text,
    as_text,
    atomized,
)
from gateway.schematron.fast.regexes import compiled
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Call, Expression, Literal, Step

_Arguments = tuple[Expression, ...]
_Maker = Callable[["Translator", _Arguments, Scope], Code]
_CHILD_TEXT = "child_text({0}, {1})"


def text(g: Translator, node: Expression, scope: Scope) -> str:
    """The argument of a string function: the string of at most one item, empty for none."""
    context = scope.context
    match node:
        case Step("child", name, ()) if context.item == "node" and "*" not in name:
            if name == "text()":
                return f"child_string({context.source})"
            if not name.endswith("()"):
                return _CHILD_TEXT.format(context.source, g.constant(name))
    return as_text(g.expr(node, scope))


def _context_text(g: Translator, arguments: _Arguments, scope: Scope) -> str:
    return text(g, arguments[0], scope) if arguments else shown(scope.context)


def is_not_blank(g: Translator, arguments: _Arguments, scope: Scope) -> str:
    """A test for anything but white space: what `normalize-space(X) != ''` asks."""
    return f"{_context_text(g, arguments, scope)}.strip(' \\t\\r\\n')"


def shown(code: Code) -> str:
    """fn:string of at most one item of any kind."""
    if code.item in STRINGS | {"node"}:
        return as_text(code)
    if code.item == "mixed":
        return f"mixed_show({code.source})"
    if code.many == "1":
        return f"show({code.source})"
    return f"mixed_show({as_mixed(code)})"


def _one(form: str, item: str) -> _Maker:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        if len(arguments) > 1:
            raise UnsupportedError("a function of one string with more arguments")
        return Code(form.format(_context_text(g, arguments, scope)), item, "1")

    return make


def _two(form: str, item: str) -> _Maker:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        if len(arguments) != 2:  # noqa: PLR2004
            raise UnsupportedError("a function of two strings with other arguments")
        first, second = text(g, arguments[0], scope), text(g, arguments[1], scope)
        return Code(form.format(first, second), item, "1")

    return make


def _contains(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    match arguments:
        case (
            Literal(str() as tokens, "string"),
            Call("concat", (Literal(" ", "string"), word, Literal(" ", "string"))),
        ) if tokens.startswith(" ") and tokens.endswith(" "):
            listed = g.constant(frozenset(tokens.split(" ")) - {""})
            return Code(
                f"has_token({text(g, word, scope)}, {listed}, {g.constant(tokens)})", "boolean", "1"
            )
    return _two("({1} in {0})", "boolean")(g, arguments, scope)


def _ends_with(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    match arguments:
        case (Call("name", ()), Literal(str() as end, "string")):
            # A prefix cannot matter where the end has no colon.
            if ":" not in end and scope.context.item == "node":
                return Code(f"{scope.context.source}.s.local.endswith({end!r})", "boolean", "1")
    return _two("{0}.endswith({1})", "boolean")(g, arguments, scope)


def _string(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope) if arguments else scope.context
    return Code(shown(code), "string", "1")


def _xs_string(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope)
    if code.item in STRINGS | {"node"}:
        return as_optional_text(code)
    if code.many != "1":
        raise UnsupportedError("xs:string of a value that may be missing")
    return Code(shown(code), "string", "1")


def _concat(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    parts = [
        shown(g.expr(argument, scope))
        if not isinstance(argument, Step)
        else text(g, argument, scope)
        for argument in arguments
    ]
    return Code("(" + " + ".join(parts) + ")", "string", "1")


def _substring(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    parts = [text(g, arguments[0], scope)]
    for argument in arguments[1:]:
        code = as_number(g.expr(argument, scope))
        parts.append(code.source if code.many == "1" else f"required({code.source})")
    match arguments[1:]:
        case (Literal(int() as start, _), Literal(int() as length, _)) if (
            start >= 1 and length >= 0
        ):
            return Code(f"{parts[0]}[{start - 1}:{start - 1 + length}]", "string", "1")
        case (Literal(int() as start, _),) if start >= 1:
            return Code(f"{parts[0]}[{start - 1}:]", "string", "1")
    return Code(f"substring({', '.join(parts)})", "string", "1")


def _translate(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    parts = ", ".join(text(g, argument, scope) for argument in arguments)
    return Code(f"translate({parts})", "string", "1")


def _pattern(g: Translator, node: Expression, scope: Scope) -> str:
    code = g.expr(node, scope)
    if code.constant is not None and len(code.constant) == 1:
        compiled(code.constant[0])  # refuse now what could not be run later
        return repr(code.constant[0])
    raise UnsupportedError("a regular expression that is not known when compiling")


def _matches(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    pattern = _pattern(g, arguments[1], scope)
    flags = ""
    if len(arguments) > 2:  # noqa: PLR2004
        flags = _flags(arguments[2])
    return Code(f"matches({text(g, arguments[0], scope)}, {pattern}, {flags!r})", "boolean", "1")


def _flags(node: Expression) -> str:
    match node:
        case Literal(str() as flags, "string") if set(flags) <= set("is"):
            return flags
    raise UnsupportedError("flags of a regular expression that are not known here")


def _replace(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    match arguments:
        case (subject, pattern, Literal(str() as new, _)) if "$" not in new and "\\" not in new:
            source = f"replace({text(g, subject, scope)}, {_pattern(g, pattern, scope)}, {new!r})"
            return Code(source, "string", "1")
    raise UnsupportedError("replace of this form")


def _tokenize(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    if len(arguments) != 2:  # noqa: PLR2004
        raise UnsupportedError("tokenize of this form")
    source = f"tokenize({text(g, arguments[0], scope)}, {_pattern(g, arguments[1], scope)})"
    return Code(source, "string", "*")


def _join(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = atomized(g.expr(arguments[0], scope))
    if code.item not in STRINGS:
        raise UnsupportedError(f"string-join of values of kind {code.item}")
    mark = text(g, arguments[1], scope) if len(arguments) > 1 else "''"
    return Code(f"{mark}.join({as_list(code)})", "string", "1")


def _codepoints(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    return Code(f"[ord(v) for v in {text(g, arguments[0], scope)}]", "integer", "*")


def _from_codepoints(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
    code = g.expr(arguments[0], scope)
    if code.item != "integer":
        raise UnsupportedError("codepoints that are no integers")
    return Code(f"from_codepoints({as_list(code)})", "string", "1")


def _node_name(form: str) -> _Maker:
    def make(g: Translator, arguments: _Arguments, scope: Scope) -> Code:
        code = g.expr(arguments[0], scope) if arguments else scope.context
        if code.item != "node":
            raise UnsupportedError("the name of what is no element")
        if code.many == "1":
            return Code(form.format(code.source), "string", "1")
        nodes = f"[{form.format('v')} for v in {as_list(code)}]"
        return Code(f"(only({nodes}) or '')", "string", "1")

    return make


CALLS: dict[str, _Maker] = {
    "normalize-space": _one("normalize({0})", "string"),
    "string-length": _one("len({0})", "integer"),
    "upper-case": _one("{0}.upper()", "string"),
    "lower-case": _one("lower({0})", "string"),
    "contains": _contains,
    "starts-with": _two("{0}.startswith({1})", "boolean"),
    "ends-with": _ends_with,
    "substring-before": _two("before({0}, {1})", "string"),
    "substring-after": _two("after({0}, {1})", "string"),
    "substring": _substring,
    "string": _string,
    "xs:string": _xs_string,
    "concat": _concat,
    "translate": _translate,
    "matches": _matches,
    "replace": _replace,
    "tokenize": _tokenize,
    "string-join": _join,
    "string-to-codepoints": _codepoints,
    "codepoints-to-string": _from_codepoints,
    "name": _node_name("name_of({0})"),
    "local-name": _node_name("{0}.s.local"),
    "namespace-uri": _node_name("{0}.s.namespace"),
}
