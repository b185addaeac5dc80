# SPDX-License-Identifier: Apache-2.0
"""Expressions to Python source: one method for each form, refusing what has none.

Generated code holds nothing of a schema's text except through `repr` and through constants; names
in it come from counters.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from gateway.schematron.fast import arithmetic, calls, comparing, loops, paths, text_calls
from gateway.schematron.fast.axes import is_plain
from gateway.schematron.fast.casts import converted, type_test
from gateway.schematron.fast.codes import Code, as_list, as_mixed, as_test
from gateway.schematron.fast.constants import constant_strings
from gateway.schematron.fast.expressions import is_closed
from gateway.schematron.fast.memos import cost
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.model import Function
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

_DOCUMENT = Scope(Code("M.node", "node", "1"))
_WORTH = 3


class Generator:
    """Makes functions and keeps what they share: constants, slots of the memo, user functions.

    `slots` are expressions that are evaluated once per document; generated code reads `M[slot]`.
    `careful` code does as Saxon where an operand of `and` or `or` ends in an error: the other may
    settle it (XPath 2.0, section 3.6). It is slower, and says the same where nothing fails.
    """

    def __init__(self, uses: Counter[Expression], *, careful: bool = False) -> None:
        self._uses = uses
        self.careful = careful
        self._count = 0
        self._names: dict[Any, str] = {}
        self._slots: dict[Any, tuple[int, Code]] = {}
        self.constants: dict[str, Any] = {}
        self.lines: list[str] = []
        self.slot_functions: list[str] = []
        self.globals: dict[str, tuple[Expression, str | None]] = {}
        self.user_functions: dict[str, Function] = {}
        self.keys: dict[str, tuple[Expression, Expression]] = {}
        self.reader: Callable[[str], Expression]
        self.reader_of: Callable[[Function], Callable[[str], Expression]]
        self.variants: dict[Any, tuple[str, Code]] = {}

    def read(self, source: str) -> Expression:
        """An expression of a function's body or of a local let; the compiler says how it reads."""
        return self.reader(source)

    def fresh(self, prefix: str) -> str:
        """A new name."""
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: Any) -> str:
        """The name of a value that generated code refers to."""
        if isinstance(value, str):
            value = sys.intern(value)  # names of nodes are interned too: found by identity
        key = (type(value), value)
        if key not in self._names:
            self._names[key] = name = self.fresh("K")
            self.constants[name] = value
        return self._names[key]

    def define(self, parameters: str, body: list[str]) -> str:
        """A new function; its name."""
        name = self.fresh("f")
        self.lines += [f"def {name}({parameters}):", *(f"    {line}" for line in body)]
        return name

    def slot(self, key: Any, make: Callable[[], Code]) -> Code:
        """The code that reads a memoised value; `make` says how it is computed, from `M` alone."""
        if key not in self._slots:
            code = make()
            function = self.define("M", [f"return {code.source}"])
            self.slot_functions.append(function)
            slot = len(self.slot_functions) - 1
            self._slots[key] = (slot, Code(f"M[{slot}]", code.item, code.many, code.constant))
        return self._slots[key][1]

    def expr(self, node: Expression, scope: Scope) -> Code:
        """The code of an expression."""
        if node in scope.known:
            return scope.known[node]
        if self._is_memo(node):
            return self.slot(node, lambda: self._plain(node, _DOCUMENT))
        return self._plain(node, scope)

    def _is_memo(self, node: Expression) -> bool:
        return self._uses[node] > 1 and cost(node) >= _WORTH and is_closed(node)

    def test(self, node: Expression, scope: Scope) -> str:
        """Source whose Python truth is the effective boolean value of the expression."""
        if not self._is_memo(node):
            match node:
                case Logic(word, operands):
                    tests = [self.test(operand, scope) for operand in operands]
                    if self.careful:
                        thunks = ", ".join(f"lambda: {test}" for test in tests)
                        return f"settled_{word}({thunks})"
                    return "(" + f" {word} ".join(tests) + ")"
                case Call("not", (operand,)):
                    return f"(not {self.test(operand, scope)})"
                case Call("boolean", (operand,)):
                    return self.test(operand, scope)
                case Call("normalize-space", operands) if len(operands) < 2:  # noqa: PLR2004
                    return text_calls.is_not_blank(self, operands, scope)
                case Binary("!=", Call("normalize-space", operands), Literal("", "string")):
                    return text_calls.is_not_blank(self, operands, scope)
                case Step("child" | "attribute", name, ()) if is_plain(name):
                    if scope.context.item == "node":
                        held = "k" if node.axis == "child" else "a"
                        return f"({self.constant(name)} in {scope.context.source}.{held})"
        return as_test(self.expr(node, scope))

    def _plain(self, node: Expression, scope: Scope) -> Code:
        constant = constant_strings(node, self.globals)
        if constant is not None and not isinstance(node, Literal):
            return Code(self.constant(constant), "string", "*", constant)
        match node:
            case Literal(value, kind):
                source = repr(value) if isinstance(value, str | int) else self.constant(value)
                return Code(source, kind, "1", (value,) if isinstance(value, str) else None)
            case ContextItem():
                return scope.context
            case Root():
                return Code("M.node", "node", "1")
            case Variable(name):
                return self._variable(name, scope)
            case Step() | Path() | Filter():
                return paths.path(self, node, scope)
            case Call():
                return calls.call(self, node, scope)
        return self._composite(node, scope)

    def _composite(self, node: Expression, scope: Scope) -> Code:
        match node:
            case Logic():
                return Code(f"bool({self.test(node, scope)})", "boolean", "1")
            case Binary("union" | "intersect" | "except", _, _):
                return paths.sets(self, node, scope)
            case Binary(operator, _, _) if operator in comparing.OPERATORS:
                return comparing.comparison(self, node, scope)
            case Binary() | Negation():
                return arithmetic.arithmetic(self, node, scope)
            case Sequence(items):
                return self._sequence(items, scope)
            case Conditional(test, yes, no):
                return either(self.test(test, scope), self.expr(yes, scope), self.expr(no, scope))
            case Loop():
                return loops.loop(self, node, scope)
            case TypeTest(kind, operand, type_name):
                return type_test(kind, self.expr(operand, scope), type_name)
        raise UnsupportedError(f"an expression of the form {type(node).__name__}")

    def _variable(self, name: str, scope: Scope) -> Code:
        if name in scope.variables:
            return scope.variables[name]
        if name not in self.globals:
            raise UnsupportedError(f"the variable ${name} that nothing declares")
        definition, as_type = self.globals[name]

        def make() -> Code:
            code = self.expr(definition, _DOCUMENT)
            return code if as_type is None else converted(code, as_type)

        return self.slot(("let", name), make)

    def _sequence(self, items: tuple[Expression, ...], scope: Scope) -> Code:
        codes = [self.expr(item, scope) for item in items]
        kinds = {code.item for code in codes}
        if not codes:
            return Code("()", "untyped", "*")
        turn = as_list if len(kinds) == 1 and kinds != {"mixed"} else as_mixed
        source = "[" + ", ".join(f"*{turn(code)}" for code in codes) + "]"
        return Code(source, kinds.pop() if turn is as_list else "mixed", "*")


def either(test: str, yes: Code, no: Code) -> Code:
    """`if (test) then yes else no`, in the form that both branches have in common."""
    item = yes.item if yes.item == no.item else None
    if item is None and {yes.item, no.item} == {"decimal", "integer"}:
        item = "decimal"
    if item is None and {yes.item, no.item} <= {"string", "untyped"} and _both(yes, no, "1"):
        item = "mixed"
    if item is None or item == "mixed":
        return Code(f"({as_mixed(yes)} if {test} else {as_mixed(no)})", "mixed", "*")
    if "*" in {yes.many, no.many}:
        return Code(f"({as_list(yes)} if {test} else {as_list(no)})", item, "*")
    many = "1" if _both(yes, no, "1") else "?"
    return Code(f"({yes.source} if {test} else {no.source})", item, many)


def _both(yes: Code, no: Code, many: str) -> bool:
    return yes.many == many and no.many == many
