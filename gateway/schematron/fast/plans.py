# SPDX-License-Identifier: Apache-2.0
"""What a schema does at the nodes of one path of names, decided once per path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.schematron.fast.contexts import Alternative, fits
from gateway.schematron.fast.nodes import AttributeState, State

RuleFunction = Callable[[Any, Any, list[Any]], None]
Predicate = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One rule: its alternatives with their tests (by name, by value), and what runs there.

    `at_root` runs at the root element, `elsewhere` at other nodes.
    """

    contexts: tuple[tuple[Alternative, Predicate | None, Predicate | None], ...]
    at_root: RuleFunction
    elsewhere: RuleFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An assertion of the root rule that fails where a path exists."""

    assertion: int
    path: Alternative


Plan = tuple[tuple[tuple[Predicate | None, RuleFunction], ...], ...]


def plan_of(
    patterns: tuple[tuple[CompiledRule, ...], ...], state: State, node: Any, memo: Any
) -> Plan:
    """For each pattern the rules that may match nodes of this state, in order."""
    plan = []
    for rules in patterns:
        candidates: list[tuple[Predicate | None, RuleFunction]] = []
        for rule in rules:
            run = rule.at_root if state.depth == 1 else rule.elsewhere
            tests = _tests(rule, state, node, memo)
            candidates += [(test, run) for test in tests]
            if None in tests:
                break
        if candidates:
            plan.append(tuple(candidates))
    return tuple(plan)


def _tests(rule: CompiledRule, state: State, node: Any, memo: Any) -> list[Predicate | None]:
    tests: list[Predicate | None] = []
    for alternative, by_name, by_value in rule.contexts:
        if not fits(state, alternative) or (by_name is not None and not by_name(node, memo)):
            continue
        if by_value is None:
            return [*tests, None]
        tests.append(by_value)
    return tests


def flags_of(flags: tuple[Flag, ...], state: State) -> frozenset[int]:
    """The assertions that a node of this state proves failed."""
    return frozenset(
        flag.assertion
        for flag in flags
        if not flag.path.links[-1].attribute and fits(state, flag.path)
    )


def attribute_flags_of(flags: tuple[Flag, ...], attribute: AttributeState) -> frozenset[int]:
    """The assertions that an attribute on elements of a state proves failed."""
    found = set()
    for flag in flags:
        *above, last = flag.path.links
        if not last.attribute or last.test != attribute.name:
            continue
        if last.descendant and not above:
            found.add(flag.assertion)
        elif above and not last.descendant:
            owner = Alternative(flag.path.absolute, tuple(above))
            if fits(attribute.owner, owner):
                found.add(flag.assertion)
    return frozenset(found)
