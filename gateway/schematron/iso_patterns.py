# SPDX-License-Identifier: Apache-2.0
"""Patterns, rules and assertions of ISO Schematron, abstract ones resolved."""

from __future__ import annotations

from lxml import etree

from gateway.schematron.iso_sources import Includes, Place
from gateway.schematron.iso_texts import (
    Substitute,
    no_content,
    read_let,
    read_text,
    rule_id,
    severity,
    substitution,
)
from gateway.schematron.model import Assertion, Let, Pattern, Rule
from gateway.schematron.sources import no_text, required

_FOR_PEOPLE = ("see", "icon", "fpi")
_PATTERN = ("id", "name", "abstract", "is-a", *_FOR_PEOPLE)
_RULE = ("id", "context", "flag", "role", "abstract", *_FOR_PEOPLE)
_ASSERTION = ("id", "test", "flag", "role", "diagnostics", "properties", *_FOR_PEOPLE)
_MAX_EXTENDS = 16


class Patterns:
    """Collects the patterns of a schema, then reads them; abstract ones may come last."""

    def __init__(self, includes: Includes) -> None:
        self._includes = includes
        self._concrete: list[Place] = []
        self._abstract: dict[str, Place] = {}
        self._rules: dict[str, Place] = {}

    def add(self, place: Place) -> None:
        """Take note of a pattern. Raises `SchemaError`."""
        place.attributes(*_PATTERN)
        no_text(place.element)
        if place.element.get("abstract", "false") == "true":
            name = required(place.element, "id")
            if self._abstract.setdefault(name, place) is not place:
                raise place.error(f"is the second abstract pattern called {name}")
        else:
            self._concrete.append(place)

    def read(self) -> tuple[Pattern, ...]:
        """All concrete patterns in order. Raises `SchemaError`."""
        found = [(place, self._contents(place)) for place in self._concrete]
        for _, (children, _) in found:
            self._take_abstract_rules(children)
        return tuple(
            self._pattern(place, children, parameters) for place, (children, parameters) in found
        )

    def _contents(self, place: Place) -> tuple[list[Place], dict[str, str]]:
        """The children that make a pattern and its parameters, if it is an instance of another."""
        children = list(self._includes.children(place))
        instance_of = place.element.get("is-a")
        if instance_of is None:
            return children, {}
        if instance_of not in self._abstract:
            raise place.error(f"is an instance of {instance_of}, which does not exist")
        parameters: dict[str, str] = {}
        for child in children:
            if child.tag != "param":
                raise child.error("is not supported in an instance of an abstract pattern")
            child.attributes("name", "value")
            no_content(child.element)
            name = required(child.element, "name")
            if name in parameters:
                raise child.error(f"gives the parameter {name} a second time")
            parameters[name] = child.element.get("value", "")
        return list(self._includes.children(self._abstract[instance_of])), parameters

    def _take_abstract_rules(self, children: list[Place]) -> None:
        for place in children:
            if place.element.get("abstract") == "true" and place.tag == "rule":
                # The same rule comes again with each instance of an abstract pattern.
                self._rules[required(place.element, "id")] = place

    def _pattern(self, place: Place, children: list[Place], values: dict[str, str]) -> Pattern:
        substitute = substitution(values)
        lets: list[Let] = []
        rules: list[Rule] = []
        for child in children:
            match child.tag:
                case "let":
                    lets.append(read_let(child, substitute))
                case "rule" if child.element.get("abstract", "false") != "true":
                    rules.append(self._rule(child, substitute))
                case "rule" | "title" | "p":
                    continue
                case _:
                    raise child.error("is not supported in a pattern")
        name = place.element.get("id") or place.element.get("name") or ""
        return Pattern(rules=tuple(rules), lets=tuple(lets), name=name)

    def _rule(self, place: Place, substitute: Substitute) -> Rule:
        place.attributes(*_RULE)
        no_text(place.element)
        context = substitute(required(place.element, "context"))
        lets: list[Let] = []
        assertions: list[Assertion] = []
        self._rule_contents(place, substitute, lets, assertions, depth=0)
        return Rule(context=context, assertions=tuple(assertions), lets=tuple(lets))

    def _rule_contents(
        self,
        place: Place,
        substitute: Substitute,
        lets: list[Let],
        assertions: list[Assertion],
        *,
        depth: int,
    ) -> None:
        for child in self._includes.children(place):
            match child.tag:
                case "let":
                    lets.append(read_let(child, substitute))
                case "assert" | "report":
                    assertions.append(_assertion(child, place, substitute))
                case "extends":
                    base = self._extended(child, depth)
                    self._rule_contents(base, substitute, lets, assertions, depth=depth + 1)
                case "p":
                    continue
                case _:
                    raise child.error("is not supported in a rule")

    def _extended(self, place: Place, depth: int) -> Place:
        place.attributes("rule")
        name = required(place.element, "rule")
        if name not in self._rules:
            raise place.error(f"extends {name}, which is no abstract rule")
        if depth > _MAX_EXTENDS:
            raise place.error(f"extends {name}, which extends itself")
        return self._rules[name]


def _assertion(place: Place, rule: Place, substitute: Substitute) -> Assertion:
    place.attributes(*_ASSERTION)
    element = place.element
    given = (each.element.get(name) for each in (place, rule) for name in ("flag", "role"))
    return Assertion(
        rule=rule_id(element.get("id"), _plain(element)),
        flag=severity(*given),
        test=substitute(required(element, "test")),
        text=read_text(element, substitute),
        is_report=place.tag == "report",
    )


def _plain(element: etree._Element) -> str:
    """The text as written, for an assertion that has no identifier but its text."""
    return "".join(element.itertext(etree.Element))
