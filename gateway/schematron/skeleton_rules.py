# SPDX-License-Identifier: Apache-2.0
"""The templates of one mode of a skeleton stylesheet: the rules of one pattern."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.functions import read_text, read_value_of, read_variable
from gateway.schematron.iso_texts import rule_id, severity, tidy
from gateway.schematron.model import Assertion, Let, Rule, Text, ValueOf
from gateway.schematron.sources import (
    SVRL,
    XSLT,
    check_attributes,
    children,
    describe,
    no_text,
    required,
    unexpected,
)

_X = f"{{{XSLT}}}"
_S = f"{{{SVRL}}}"

# What a template selects to walk on, and whether that visits attributes and comments.
_WALKS = {
    frozenset(("@*", "*")): (True, False),
    frozenset(("*",)): (False, False),
    frozenset(("*", "comment()", "processing-instruction()")): (False, True),
    frozenset(("@*", "*", "comment()", "processing-instruction()")): (True, True),
}
_FIRED = ("context", "id", "role", "flag", "see", "icon", "fpi")


class ModeTemplates:
    """Takes the templates of a mode, checks that they are the skeleton's, and gives the rules."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._walks: set[tuple[bool, bool]] = set()
        self._defaults: set[str] = set()
        self._rules: dict[Decimal, Rule] = {}

    @property
    def walk(self) -> tuple[bool, bool]:
        """Whether attributes and comments are visited. Raises `SchemaError` if that differs."""
        if len(self._walks) != 1 or self._defaults != {"-1", "-2"}:
            raise SchemaError(f"the templates of mode {self._mode} do not walk as the skeleton's")
        return next(iter(self._walks))

    def rules(self) -> tuple[Rule, ...]:
        """The rules, the first to be tried first."""
        return tuple(self._rules[priority] for priority in sorted(self._rules, reverse=True))

    def add(self, template: etree._Element) -> None:
        """Take a template. Raises `SchemaError`."""
        no_text(template)
        match, priority = required(template, "match"), required(template, "priority")
        if (match, priority) == ("text()", "-1") and not len(template):
            self._defaults.add(priority)
        elif priority == "-2" and set(_parts(match)) == {"@*", "node()"} and len(template) == 1:
            self._defaults.add(priority)
            self._walk_on(template[0])
        else:
            self._rule(template, match, _number(template, priority))

    def _walk_on(self, element: etree._Element) -> None:
        check_attributes(element, ("select", "mode"))
        walk = _WALKS.get(frozenset(_parts(element.get("select", ""))))
        is_walk = element.tag == _X + "apply-templates" and element.get("mode") == self._mode
        if walk is None or not is_walk or len(element):
            raise unexpected(element)
        self._walks.add(walk)

    def _rule(self, template: etree._Element, match: str, priority: Decimal) -> None:
        if priority in self._rules:
            raise SchemaError(f"{describe(template)} has the priority of another one")
        *contents, last = children(template)
        self._walk_on(last)
        lets: list[Let] = []
        assertions: list[Assertion] = []
        for element in contents:
            if element.tag == _S + "fired-rule":
                check_attributes(element, _FIRED)
            elif element.tag == _X + "variable":
                lets.append(read_variable(element))
            elif element.tag in (_X + "choose", _X + "if"):
                assertions.append(_assertion(element))
            else:
                raise unexpected(element)
        self._rules[priority] = Rule(context=match, assertions=tuple(assertions), lets=tuple(lets))


def _parts(union: str) -> list[str]:
    return [part.strip() for part in union.split("|")]


def _number(template: etree._Element, priority: str) -> Decimal:
    try:
        number = Decimal(priority)
    except InvalidOperation as error:
        raise SchemaError(f"{describe(template)} has the priority {priority}") from error
    if not number > 0:
        raise SchemaError(f"{describe(template)} has the priority {priority}, which is no rule's")
    return number


def _assertion(element: etree._Element) -> Assertion:
    """An assert is a choose that reports otherwise, a report is an if."""
    no_text(element)
    if element.tag == _X + "if":
        check_attributes(element, ("test",))
        test, failure = element, _only(element, _S + "successful-report")
    else:
        check_attributes(element, ())
        if [child.tag for child in children(element)] != [_X + "when", _X + "otherwise"]:
            raise unexpected(element)
        test, otherwise = children(element)
        no_text(test)
        if len(test):
            raise unexpected(test[0])
        failure = _only(otherwise, _S + "failed-assert")
    return _failure(failure, required(test, "test"))


def _only(parent: etree._Element, tag: str) -> etree._Element:
    no_text(parent)
    found = list(children(parent))
    if len(found) != 1 or found[0].tag != tag:
        raise unexpected(found[0] if found else parent)
    return found[0]


def _failure(element: etree._Element, test: str) -> Assertion:
    no_text(element)
    check_attributes(element, ("test", "id", "flag", "role"))
    given = {name: element.get(name) for name in ("id", "flag", "role")}
    if any("{" in (value or "") for value in given.values()):
        raise SchemaError(f"{describe(element)} computes its id or flag, which is not supported")
    pieces: Text = ()
    for child in children(element):
        if child.tag == _S + "text":
            pieces = _pieces(child)
        elif child.tag == _X + "attribute" and child.get("name") == "location":
            continue
        elif child.tag == _X + "attribute" and not len(child):
            given[required(child, "name")] = child.text
        else:
            raise unexpected(child)
    plain = "".join(piece for piece in pieces if isinstance(piece, str))
    return Assertion(
        rule=rule_id(given["id"], plain),
        flag=severity(given["flag"], given["role"]),
        test=test,
        text=tidy(pieces),
        is_report=element.tag == _S + "successful-report",
    )


def _pieces(element: etree._Element) -> Text:
    """The text of a failure as the stylesheet writes it."""
    found: list[str | ValueOf] = [_kept(element.text)]
    for child in element:
        if child.tag == _X + "value-of":
            found.append(read_value_of(child))
        elif child.tag == _X + "text":
            found += read_text(child)
        elif isinstance(child.tag, str):
            raise unexpected(child)
        found.append(_kept(child.tail))
    return tuple(found)


def _kept(text: str | None) -> str:
    """Text of a stylesheet; blanks alone between elements are none."""
    return text if text and text.strip() else ""
