# SPDX-License-Identifier: Apache-2.0
"""A compiled schema: judges documents."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from decimal import localcontext
from operator import attrgetter
from typing import Any

from gateway.schematron.fast.atoms import XPathError
from gateway.schematron.fast.nodes import (
    NOWHERE,
    Document,
    State,
    States,
    UnsupportedDocumentError,
)
from gateway.schematron.fast.numbers import EXACT
from gateway.schematron.fast.plans import (
    CompiledRule,
    Flag,
    Plan,
    Plans,
)
from gateway.schematron.model import Assertion
from gateway.schematron.verdict import Failure, Verdict

# Numbers of very many digits, functions that call themselves very often.
_LIMITS = (ArithmeticError, RecursionError, ValueError)


class Memo(dict[int, Any]):
    """Values that depend on the document alone, each evaluated when it is first asked for."""

    __slots__ = ("_functions", "document", "flagged", "node", "root")

    def __init__(self, document: Document, functions: tuple[Callable[[Memo], Any], ...]) -> None:
        super().__init__()
        self.document = document
        self.node = document.node
        self.root = document.root
        self.flagged: set[int] = set()
        self._functions = functions

    def __missing__(self, slot: int) -> Any:
        value = self[slot] = self._functions[slot](self)
        return value


class Program:
    """The rules of one schema as functions. Not for use by several threads at once."""

    def __init__(
        self,
        *,
        patterns: tuple[tuple[CompiledRule, ...], ...],
        flags: tuple[Flag, ...],
        assertions: tuple[Assertion, ...],
        functions: tuple[Callable[[Memo], Any], ...],
        careful: Callable[[], Program] | None,
    ) -> None:
        self.assertions = assertions
        self._maker = Plans(patterns, flags)
        self._functions = functions
        self._states: States | None = None
        self._plans: dict[State, Plan] = {}
        self._flag_plans: dict[Any, frozenset[int]] = {}
        self._careful = careful
        self._second: Program | None = None

    def judge(self, document: Document) -> Verdict:
        """The failures, or the error that ended the rules (XPath 2.0, section 2.3).

        What ends in an error is judged again by careful code, which knows how Saxon avoids some.
        Raises `UnsupportedDocumentError` where values are beyond what Python computes.
        """
        try:
            verdict = self._judge(document)
            if verdict.error is None or self._careful is None:
                return verdict
            if self._second is None:
                self._second = self._careful()
            return self._second.judge(document)
        except _LIMITS as error:
            raise UnsupportedDocumentError(f"{type(error).__name__}: {error}") from error

    def _judge(self, document: Document) -> Verdict:
        if self._states is not document.states:
            self._states, self._plans, self._flag_plans = document.states, {}, {}
        memo = Memo(document, self._functions)
        found: list[tuple[int, Any]] = []
        with localcontext(EXACT):
            try:
                self._flag(document, memo)
                self._run(document, memo, found)
            except XPathError as error:
                return Verdict(error=str(error))
        return Verdict(failures=tuple(self._failure(index, node) for index, node in found))

    def _flag(self, document: Document, memo: Memo) -> None:
        plans = self._flag_plans
        for state in document.groups:
            if (flags := plans.get(state)) is None:
                flags = plans[state] = self._maker.flags(state)
            if flags:
                memo.flagged |= flags
        for attribute in document.attribute_states:
            if (flags := plans.get(attribute)) is None:
                flags = plans[attribute] = self._maker.attribute_flags(attribute)
            if flags:
                memo.flagged |= flags

    def _run(self, document: Document, memo: Memo, found: list[tuple[int, Any]]) -> None:
        plans = self._plans
        for state, nodes in document.groups.items():
            if (plan := plans.get(state)) is None:
                plan = plans[state] = self._maker.plan(state, nodes[0], memo)
            for candidates in plan:
                first, rule = candidates[0]
                if first is None:
                    for node in nodes:
                        rule(node, memo, found)
                    continue
                for node in nodes:
                    for predicate, rule in candidates:
                        if predicate is None or predicate(node, memo):
                            rule(node, memo, found)
                            break

    def _failure(self, index: int, node: Any) -> Failure:
        assertion = self.assertions[index]
        return Failure(
            rule=assertion.rule, flag=assertion.flag, test=assertion.test, path=_path(node)
        )


_order = attrgetter("o")


def _path(node: Any) -> tuple[int, ...] | None:
    positions: list[int] = []
    while node.s.depth > 1:
        positions.append(bisect_left(node.p.c, node.o, key=_order))
        node = node.p
    return tuple(reversed(positions)) if node.p is not NOWHERE else None
