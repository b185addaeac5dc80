# SPDX-License-Identifier: Apache-2.0
"""Questions about expressions: what is inside, what their value depends on."""

from __future__ import annotations

from functools import lru_cache

from gateway.schematron.xpath.tree import (
    Binary,
    Call,
    Conditional,
    ContextItem,
    Expression,
    Filter,
    Literal,
    Logic,
    Loop,
    Negation,
    Path,
    Root,
    Sequence,
    Step,
    TypeTest,
    Variable,
)

_KEPT = 20_000  # answers; compiling asks again and again
# Functions that look at the context when they have no argument.
CONTEXT_CALLS = frozenset(
    ("normalize-space", "string", "string-length", "number", "name", "local-name", "namespace-uri")
)

_ARITHMETIC = frozenset(("+", "-", "*", "div", "idiv", "mod", "to"))
# Functions whose value is no number; of any other it may be one.
# fmt: off
_NO_NUMBERS = frozenset((
    "not", "boolean", "exists", "empty", "true", "false", "contains", "starts-with", "ends-with",
    "matches", "string", "concat", "normalize-space", "substring", "substring-before",
    "substring-after", "upper-case", "lower-case", "translate", "replace", "string-join", "name",
    "local-name", "namespace-uri", "tokenize", "codepoints-to-string", "key", "current",
    "xs:string", "xs:boolean", "xs:date",
))
# fmt: on


def parts_of(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside."""
    match node:
        case Step(_, _, predicates):
            return predicates
        case Filter(base, predicates):
            return (base, *predicates)
        case Path(base, step):
            return (base, step)
        case Call(_, arguments):
            return arguments
        case Binary(_, left, right):
            return (left, right)
        case Logic(_, operands):
            return operands
        case Negation(operand):
            return (operand,)
        case Sequence(items):
            return items
        case Conditional(test, yes, no):
            return (test, yes, no)
        case Loop(_, _, sequence, body):
            return (sequence, body)
        case TypeTest(_, operand, _):
            return (operand,)
    return ()


@lru_cache(maxsize=_KEPT)
def variables_of(node: Expression) -> frozenset[str]:
    """The names of variables used inside, those bound inside included."""
    if isinstance(node, Variable):
        return frozenset((node.name,))
    return frozenset().union(*map(variables_of, parts_of(node)))


@lru_cache(maxsize=_KEPT)
def uses_context(node: Expression) -> bool:
    """Whether the value depends on the context item."""
    match node:
        case ContextItem() | Step():
            return True
        case Literal() | Variable() | Root():
            return False
        case Path(base, _) | Filter(base, _):
            return uses_context(base)
        case Call("current" | "last" | "position", _):
            return True
        case Call(name, ()):
            return name in CONTEXT_CALLS
    return any(map(uses_context, parts_of(node)))


def asks_the_document(node: Expression) -> bool:
    """Whether the value depends on which document the context item is in."""
    if isinstance(node, Root) or (isinstance(node, Call) and node.name == "key"):
        return True
    return any(map(asks_the_document, parts_of(node)))


@lru_cache(maxsize=_KEPT)
def is_closed(node: Expression) -> bool:
    """Whether the value depends on the document alone. Unique names of lets begin with `@`."""
    return not uses_context(node) and _global_only(node, frozenset())


def _global_only(node: Expression, bound: frozenset[str]) -> bool:
    match node:
        case Variable(name):
            return name.startswith("@") or name in bound
        case Loop(_, variable, sequence, body):
            return _global_only(sequence, bound) and _global_only(body, bound | {variable})
        case Call("current", _):
            return False
    return all(_global_only(part, bound) for part in parts_of(node))


def is_position(predicate: Expression) -> bool:
    """Whether a predicate is about the position in the list."""
    match predicate:
        case Literal(_, kind):
            return kind != "string"
        case Call("last" | "position", _):
            return True
        case Binary(_, left, right):
            return _mentions_position(left) or _mentions_position(right)
        case Call(_, operands) | Logic(_, operands):
            return any(map(_mentions_position, operands))
    return False


def depends_on_place(predicate: Expression) -> bool:
    """Whether a predicate is about the position in the list, or may turn out to be a number."""
    return is_position(predicate) or _may_be_number(predicate)


def _may_be_number(node: Expression) -> bool:
    match node:
        case Variable() | Negation():
            return True
        case Call(name, _):
            return name not in _NO_NUMBERS
        case Binary(operator, _, _):
            return operator in _ARITHMETIC
        case TypeTest(kind, _, _):
            return kind != "castable"
        case Path(_, last) | Loop("for", _, _, last) | Filter(last, _):
            return _may_be_number(last)
        case Conditional(_, yes, no):
            return _may_be_number(yes) or _may_be_number(no)
        case Sequence(items):
            return any(map(_may_be_number, items))
        case Literal(_, kind):
            return kind != "string"
    return False


def _mentions_position(node: Expression) -> bool:
    match node:
        case Call(name, arguments):
            return name in {"last", "position"} or any(map(_mentions_position, arguments))
        case Binary(_, left, right):
            return _mentions_position(left) or _mentions_position(right)
        case Logic(_, operands):
            return any(map(_mentions_position, operands))
        case Negation(operand):
            return _mentions_position(operand)
    return False
