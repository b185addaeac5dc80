# SPDX-License-Identifier: Apache-2.0
"""Contexts of rules: which paths of names can match, and the predicates left for run time.

A context is a union of alternatives, each a chain of steps (XSLT 2.0, section 5.5.2). Names are
decided once per path; an error in a predicate means that the node does not match.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.schematron.fast.axes import is_plain
from gateway.schematron.fast.codes import NUMBERS, Code, as_test
from gateway.schematron.fast.expressions import depends_on_place
from gateway.schematron.fast.matching import Alternative, Link
from gateway.schematron.fast.normalise import ANYWHERE, Normaliser
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.model import Rule, Schema
from gateway.schematron.xpath.tree import (
    Binary,
    Call,
    Expression,
    Filter,
    Literal,
    Logic,
    Path,
    Root,
    Step,
)

_NAME_CALLS = frozenset(
    ("not", "local-name", "ends-with", "starts-with", "contains", "true", "false")
)


def alternatives(node: Expression) -> list[Alternative]:
    """The alternatives of a match pattern. Raises `UnsupportedError`."""
    match node:
        case Binary("union", left, right):
            return [*alternatives(left), *alternatives(right)]
        case Root():
            return [Alternative(absolute=True, links=())]
        case Step():
            return [Alternative(absolute=False, links=(_link(node, descendant=True),))]
        case Path(base, Step() as step):
            if isinstance(base, Path) and base.step == ANYWHERE:
                return [_longer(start, step, descendant=True) for start in alternatives(base.base)]
            return [_longer(start, step, descendant=False) for start in alternatives(base)]
        case Filter(base, predicates):
            return [_filtered(found, predicates) for found in alternatives(base)]
    raise UnsupportedError(f"a context of the form {type(node).__name__}")


def _longer(start: Alternative, step: Step, *, descendant: bool) -> Alternative:
    return Alternative(start.absolute, (*start.links, _link(step, descendant=descendant)))


def _link(step: Step, *, descendant: bool) -> Link:
    # Text and comments are not visited, so that `node()` is any element.
    test = "*" if step.test == "node()" and step.axis == "child" else step.test
    if test.endswith("()") or step.axis not in {"child", "attribute"}:
        raise UnsupportedError(f"the step {step.axis}::{step.test} in a context")
    return Link(descendant, test, step.predicates, attribute=step.axis == "attribute")


def _filtered(found: Alternative, predicates: tuple[Expression, ...]) -> Alternative:
    if not found.links:
        raise UnsupportedError("a predicate on the document node")
    if any(map(depends_on_place, predicates)):
        raise UnsupportedError("a position in a context of several")
    last = found.links[-1]
    more = Link(last.descendant, last.test, (*last.predicates, *predicates), last.attribute)
    return Alternative(found.absolute, (*found.links[:-1], more))


def visited(schema: Schema, rule: Rule, contexts: list[Alternative]) -> list[Alternative]:
    """The alternatives that can match what is visited. Raises `UnsupportedError`."""
    # Attributes are not judged here. A context that matches some may be left out where the
    # walk does not come to attributes, or where nothing can fail at them.
    harmless = not schema.visits_attributes or all(
        assertion.test == "true()" and not assertion.is_report for assertion in rule.assertions
    )
    if schema.visits_comments and "node()" in rule.context:
        raise UnsupportedError("a context that matches comments")
    kept = [found for found in contexts if not (found.links and found.links[-1].attribute)]
    if len(kept) < len(contexts) and not harmless:
        raise UnsupportedError("a context that matches attributes")
    return kept


def predicate_sources(
    g: Translator, alternative: Alternative, normaliser: Normaliser
) -> tuple[str | None, str | None]:
    """Two tests of an alternative at a node `n`: one about names, one about the rest.

    `None` where there is nothing to test. What is about names holds for a whole state.
    """
    by_name: list[str] = []
    by_value: list[str] = []
    for back, link in enumerate(reversed(alternative.links)):
        position = len(alternative.links) - back
        if (
            back
            and alternative.links[position].descendant
            and _predicated(alternative.links[:position])
        ):
            raise UnsupportedError("a predicate above a descendant step of a context")
        node = Code("n" + ".p" * back, "node", "1")
        scope = Scope(node, current=Code("n", "node", "1"))
        for place, predicate in enumerate(link.predicates):
            if depends_on_place(predicate):
                counted = place == 0 and is_plain(link.test)
                rewritten = normaliser.rewrite(predicate)
                by_value.append(_place(g, rewritten, scope, counted=counted))
                continue
            for conjunct in _conjuncts(predicate):
                tests = by_name if _names_only(conjunct) else by_value
                tests.append(g.test(normaliser.rewrite(conjunct), scope))
    return " and ".join(by_name) or None, " and ".join(by_value) or None


def _predicated(links: tuple[Link, ...]) -> bool:
    return any(link.predicates for link in links)


def _place(g: Translator, predicate: Expression, scope: Scope, *, counted: bool) -> str:
    """A predicate that is, or might be, a position; `counted` among all of the same name."""
    node = scope.context.source
    match predicate:
        case Literal(int() as position, "integer") if counted:
            same = f"{node}.p.k.get({node}.s.name, E)"
            return f"({same}[{max(0, position - 1)}:{position}] == [{node}])"
    code = g.expr(predicate, scope)
    if code.item in NUMBERS | {"mixed"}:
        raise UnsupportedError("a position in a context")
    return as_test(code)


def _conjuncts(predicate: Expression) -> Iterator[Expression]:
    match predicate:
        case Logic("and", operands):
            for operand in operands:
                yield from _conjuncts(operand)
        case _:
            yield predicate


def _names_only(node: Expression) -> bool:
    match node:
        case Literal(_, "string"):
            return True
        case Call("ends-with", (Call("name", ()), Literal(str() as end, "string"))):
            return ":" not in end  # the prefix, which is not the path's, cannot matter
        case Call(name, arguments):
            return name in _NAME_CALLS and all(map(_names_only, arguments))
        case Logic(_, operands):
            return all(map(_names_only, operands))
    return False


def key_test(g: Translator, match: Expression) -> str:
    """The name of a function that tells whether an element `n` matches a key's pattern."""
    tests = []
    for alternative in alternatives(match):
        if any(link.attribute for link in alternative.links):
            raise UnsupportedError("a key on attributes")
        by_name, by_value = predicate_sources(g, alternative, Normaliser({}, None))
        names = Alternative(
            alternative.absolute,
            tuple(Link(link.descendant, link.test) for link in alternative.links),
        )
        tests.append(
            " and ".join(filter(None, (f"fits(n.s, {g.constant(names)})", by_name, by_value)))
        )
    condition = " or ".join(f"({test})" for test in tests)
    lines = ["try:", f"    return {condition}", "except XPathError:", "    return False"]
    return g.define("n, M", lines)
