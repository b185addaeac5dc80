# SPDX-License-Identifier: Apache-2.0
"""What a schema does at the nodes of one path of names, decided once per path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gateway.schematron.fast.matching import Alternative, fits
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
_Entry = tuple[int, int, int]  # numbers of the pattern, the rule in it, the alternative in that


class Plans:
    """Makes the plan of each path when it is first met; rules and flags are found by last name."""

    def __init__(
        self, patterns: tuple[tuple[CompiledRule, ...], ...], flags: tuple[Flag, ...]
    ) -> None:
        self._patterns = patterns
        self._rules: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._flags: defaultdict[str, list[Flag]] = defaultdict(list)
        self._attribute_flags: defaultdict[str, list[Flag]] = defaultdict(list)
        for number, rules in enumerate(patterns):
            for place, rule in enumerate(rules):
                for at, (alternative, _, _) in enumerate(rule.contexts):
                    self._rules[_last_name(alternative)].append((number, place, at))
        for flag in flags:
            found = self._attribute_flags if flag.path.links[-1].attribute else self._flags
            found[_last_name(flag.path)].append(flag)

    def plan(self, state: State, node: Any, memo: Any) -> Plan:
        """For each pattern the rules that may match nodes of this state, in order."""
        plan: defaultdict[int, list[tuple[Predicate | None, RuleFunction]]] = defaultdict(list)
        entries = {*self._rules.get(state.name, ()), *self._rules.get("*", ())}
        for number, place, at in sorted(entries):
            candidates = plan[number]
            if candidates and candidates[-1][0] is None:
                continue  # an earlier rule takes every node
            rule = self._patterns[number][place]
            alternative, by_name, by_value = rule.contexts[at]
            if fits(state, alternative) and (by_name is None or by_name(node, memo)):
                run = rule.at_root if state.depth == 1 else rule.elsewhere
                candidates.append((by_value, run))
        return tuple(tuple(candidates) for candidates in plan.values() if candidates)

    def flags(self, state: State) -> frozenset[int]:
        """The assertions that a node of this state proves failed."""
        return _proved(self._flags, state.name, lambda path: fits(state, path))

    def attribute_flags(self, attribute: AttributeState) -> frozenset[int]:
        """The assertions that an attribute on elements of a state proves failed."""
        return _proved(self._attribute_flags, attribute.name, lambda path: _stands(attribute, path))


def _proved(
    known: dict[str, list[Flag]], name: str, holds: Callable[[Alternative], bool]
) -> frozenset[int]:
    candidates: Iterable[Flag] = (*known.get(name, ()), *known.get("*", ()))
    return frozenset(flag.assertion for flag in candidates if holds(flag.path))


def _stands(attribute: AttributeState, path: Alternative) -> bool:
    *above, last = path.links
    if not above:
        return last.descendant
    return not last.descendant and fits(attribute.owner, Alternative(path.absolute, tuple(above)))


def _last_name(alternative: Alternative) -> str:
    # Wildcards and the document node are looked at for every state.
    name = alternative.links[-1].test if alternative.links else "*"
    return "*" if "*" in name else name
