# SPDX-License-Identifier: Apache-2.0
"""Expressions rewritten to fewer forms, so that equal questions look equal.

- `//X` becomes a descendant step; predicates that are no positions become nested filters;
- where the context of a rule is the root element, or a fixed number of steps below it, relative
  paths are anchored at the root, so that their value is known to depend on the document alone;
- names of schema and pattern lets become unique;
- `some $c in LIST satisfies X = $c` becomes `X = LIST`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.schematron.fast.expressions import CONTEXT_CALLS, depends_on_place, variables_of
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

_ROOT_ELEMENT = Path(Root(), Step("child", "*"))
ANYWHERE = Step("descendant-or-self", "node()")
AT_DOCUMENT = -1
# Where a context of fixed depth stands: the document node, the root element.
_HERE: dict[int | None, Expression] = {AT_DOCUMENT: Root(), 0: _ROOT_ELEMENT}


class Normaliser:
    """Rewrites the expressions of one rule.

    `globals_` maps the names of lets to unique ones. `depth` is how many steps below the root
    element the context stands, `AT_DOCUMENT` for the document node, `None` where it is not fixed.
    """

    def __init__(self, globals_: Mapping[str, str], depth: int | None) -> None:
        self.globals = globals_
        self.depth = depth

    def rewrite(self, expression: Expression) -> Expression:
        """The same question in fewer forms."""
        return self._visit(expression, self.depth, frozenset())

    def _visit(self, node: Expression, depth: int | None, bound: frozenset[str]) -> Expression:
        match node:
            case ContextItem():
                return _HERE.get(depth, node)
            case Literal() | Root():
                return node
            case Variable(name):
                return node if name in bound else Variable(self.globals.get(name, name))
            case Step():
                return self._step(node, depth, bound)
            case Path(base, step):
                return self._path(base, step, depth, bound)
            case Filter(base, predicates):
                return self._filters(self._visit(base, depth, bound), predicates, bound)
            case Loop(kind, variable, sequence, body):
                rewritten = self._visit(sequence, depth, bound)
                inside = self._visit(body, depth, bound | {variable})
                return _membership(Loop(kind, variable, rewritten, inside))
        return self._operands(node, depth, bound)

    def _operands(self, node: Expression, depth: int | None, bound: frozenset[str]) -> Expression:
        def visit(inner: Expression) -> Expression:
            return self._visit(inner, depth, bound)

        match node:
            case Call(name, arguments):
                if not arguments and name in CONTEXT_CALLS and depth in _HERE:
                    return Call(name, (_HERE[depth],))
                return Call(name, tuple(map(visit, arguments)))
            case Binary(operator, left, right):
                return Binary(operator, visit(left), visit(right))
            case Logic(word, operands):
                return Logic(word, tuple(map(visit, operands)))
            case Negation(operand):
                return Negation(visit(operand))
            case Sequence(items):
                return Sequence(tuple(map(visit, items)))
            case Conditional(test, yes, no):
                return Conditional(visit(test), visit(yes), visit(no))
            case TypeTest():
                return replace(node, operand=visit(node.operand))
        raise AssertionError(node)

    def _step(self, step: Step, depth: int | None, bound: frozenset[str]) -> Expression:
        bare = Step(step.axis, step.test)
        anchored: Expression = bare
        if depth in _HERE and step.axis in {"child", "attribute", "descendant"}:
            anchored = Path(_HERE[depth], bare)
        elif depth == 1 and bare == Step("parent", "node()"):
            anchored = _ROOT_ELEMENT
        if any(depends_on_place(predicate) for predicate in step.predicates):
            predicates = tuple(self._visit(each, None, bound) for each in step.predicates)
            kept = Step(step.axis, step.test, predicates)
            return Path(anchored.base, kept) if isinstance(anchored, Path) else kept
        return self._filters(anchored, step.predicates, bound)

    def _path(
        self, base: Expression, step: Expression, depth: int | None, bound: frozenset[str]
    ) -> Expression:
        if isinstance(base, Path) and base.step == ANYWHERE and _joins(step):
            return self._anywhere(self._visit(base.base, depth, bound), step, bound)
        left = self._visit(base, depth, bound)
        if depth and isinstance(step, Step) and not step.predicates:
            climbed = _climbs(left, step)
            if climbed == depth:
                return _ROOT_ELEMENT
        if isinstance(step, Step):
            if any(depends_on_place(predicate) for predicate in step.predicates):
                predicates = tuple(self._visit(each, None, bound) for each in step.predicates)
                return Path(left, Step(step.axis, step.test, predicates))
            return self._filters(Path(left, Step(step.axis, step.test)), step.predicates, bound)
        return Path(left, self._visit(step, None, bound))

    def _anywhere(self, base: Expression, step: Expression, bound: frozenset[str]) -> Expression:
        if isinstance(step, Binary):
            return Binary(
                "union",
                self._anywhere(base, step.left, bound),
                self._anywhere(base, step.right, bound),
            )
        assert isinstance(step, Step)
        axis = "descendant" if step.axis == "child" else "descendant-attribute"
        return self._filters(Path(base, Step(axis, step.test)), step.predicates, bound)

    def _filters(
        self, base: Expression, predicates: tuple[Expression, ...], bound: frozenset[str]
    ) -> Expression:
        for predicate in predicates:
            base = Filter(base, (self._visit(predicate, None, bound),))
        return base


def _joins(step: Expression) -> bool:
    # `//X` and `//(X | Y)` are descendant steps unless a predicate counts positions.
    match step:
        case Step("child" | "attribute", _, predicates):
            return not any(depends_on_place(predicate) for predicate in predicates)
        case Binary("union", left, right):
            return _joins(left) and _joins(right)
    return False


def _climbs(left: Expression, step: Step) -> int:
    # How many steps up `../..` and the like lead; 0 where it is anything else.
    up = Step("parent", "node()")
    if step != up:
        return 0
    count = 1
    while isinstance(left, Path) and left.step == up:
        count, left = count + 1, left.base
    return count + 1 if left == up else 0


def _membership(loop: Loop) -> Expression:
    match loop:
        case Loop("some", name, sequence, Binary("=", left, Variable(used))):
            if name == used and name not in variables_of(left):
                return Binary("=", left, sequence)
        case Loop("some", name, sequence, Binary("=", Variable(used), right)):
            if name == used and name not in variables_of(right):
                return Binary("=", right, sequence)
    return loop
