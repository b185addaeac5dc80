# SPDX-License-Identifier: Apache-2.0
"""Steps, paths, predicates and sets of nodes to Python source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.schematron.fast.codes import NUMBERS, Code, as_list, as_number, as_test
from gateway.schematron.fast.normalise import is_closed, is_position, uses_context, variables_of
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.unsupported import UnsupportedError
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

if TYPE_CHECKING:
    from gateway.schematron.fast.generator import Generator

_ORDERED = frozenset(("child", "attribute", "self"))
_SIBLINGS = {"preceding-sibling": "siblings_before", "following-sibling": "siblings_after"}


def is_plain(name: str) -> bool:
    """Whether a node test is one name, without wildcard and no kind test."""
    return "*" not in name and not name.endswith("()")


def path(g: Generator, node: Step | Path | Filter, scope: Scope) -> Code:
    """The code of a step, a path or a filtered list."""
    match node:
        case Step():
            return _step(g, node, scope.context, scope)
        case Path(Root(), Step("child", "*", ())):
            return Code("M.root", "node", "1")
        case Path(base, step):
            return _path(g, base, step, scope)
        case Filter(base, predicates):
            if len(predicates) == 1 and (index := _index(g, base, predicates[0])) is not None:
                return index
            code = g.expr(base, scope)
            for predicate in predicates:
                code = _filter(g, code, predicate, scope)
            return code
    raise AssertionError(node)


def _path(g: Generator, base: Expression, step: Expression, scope: Scope) -> Code:
    if isinstance(base, Root) and isinstance(step, Step) and not step.predicates:
        if step.axis == "descendant":
            return _anywhere(g, step.test)
        if step.axis == "descendant-attribute":
            if not is_plain(step.test):
                raise UnsupportedError(f"//@{step.test}")
            return Code(
                f"attributes(M.document.elements, {g.constant(step.test)})", "attribute", "*"
            )
    chain = _chain(base, step)
    if chain is not None and scope.context.item == "node":
        names = ", ".join(map(g.constant, chain))
        function = "two" if len(chain) == 2 else "three"  # noqa: PLR2004
        return Code(f"{function}({scope.context.source}, {names})", "node", "*")
    left = g.expr(base, scope)
    if left.item == "node" and left.many == "*" and isinstance(step, Step) and not step.predicates:
        if step.axis == "child" and is_plain(step.test):
            return Code(f"children({left.source}, {g.constant(step.test)})", "node", "*")
        if step.axis == "attribute" and is_plain(step.test):
            return Code(f"attributes({left.source}, {g.constant(step.test)})", "attribute", "*")
    return _each(g, left, step, scope)


def _chain(base: Expression, step: Expression) -> list[str] | None:
    # Two or three plain child steps from the context.
    names: list[str] = []
    node: Expression = Path(base, step)
    while isinstance(node, Path):
        if not _is_child(node.step):
            return None
        names.append(node.step.test)  # type: ignore[union-attr]
        node = node.base
    if not _is_child(node) or len(names) > 2:  # noqa: PLR2004
        return None
    return [node.test, *reversed(names)]  # type: ignore[union-attr]


def _is_child(node: Expression) -> bool:
    return isinstance(node, Step) and node.axis == "child" and is_plain(node.test) and not node.predicates


def _anywhere(g: Generator, test: str) -> Code:
    if test == "*":
        return Code("M.document.elements", "node", "*")
    if is_plain(test):
        return Code(f"M.document.named({g.constant(test)})", "node", "*")
    return Code(f"[v for v in M.document.elements if {_name_test(g, 'v', test)}]", "node", "*")


def _each(g: Generator, left: Code, step: Expression, scope: Scope) -> Code:
    # The step evaluated with each item of the left side as context.
    if left.item == "mixed":
        raise UnsupportedError("a path over items of several kinds")
    if left.many == "1" and isinstance(step, Step):
        return _step(g, step, left, scope)
    item = g.fresh("v")
    body = _right(g, step, scope.at(Code(item, left.item, "1")))
    if left.many == "1" and body.many != "*":
        return Code(f"(lambda {item}: {body.source})({left.source})", body.item, body.many)
    over = as_list(left)
    source = f"[{item}_ for {item} in {over} for {item}_ in {as_list(body)}]"
    if body.many == "1":
        source = f"[{body.source} for {item} in {over}]"
    elif body.many == "?":
        source = f"[{item}_ for {item} in {over} for {item}_ in ({body.source},) if {item}_ is not None]"
    if body.item == "node" and not (isinstance(step, Step) and step.axis in _ORDERED):
        source = f"in_order({source})"
    return Code(source, body.item, "*")


def _right(g: Generator, step: Expression, scope: Scope) -> Code:
    return _step(g, step, scope.context, scope) if isinstance(step, Step) else g.expr(step, scope)


def _step(g: Generator, step: Step, context: Code, scope: Scope) -> Code:
    if context.item != "node":
        if step == Step("self", "node()"):
            return context
        raise UnsupportedError(f"the axis {step.axis} from a value that is no element")
    code = _axis(g, step, context.source)
    for predicate in step.predicates:
        if step.axis not in {"child", "attribute", "descendant"} and is_position(predicate):
            raise UnsupportedError(f"a position on the axis {step.axis}")
        code = _filter(g, code, predicate, scope)
    return code


def _axis(g: Generator, step: Step, node: str) -> Code:
    test = step.test
    match step.axis:
        case "child":
            return _child(g, test, node)
        case "attribute":
            return _attribute(g, test, node)
        case "self" if test == "node()":
            return Code(node, "node", "1")
        case "self":
            name = f"[v for v in ({node},) if {_name_test(g, 'v', test)}]"
            return Code(name, "node", "*")
        case "parent" if test == "node()":
            return Code(f"{node}.p", "node", "1")
        case "parent":
            return Code(f"[v for v in ({node}.p,) if {_name_test(g, 'v', test)}]", "node", "*")
        case "descendant" if test == "*" or is_plain(test):
            return Code(f"descendants({node}, {g.constant(test)})", "node", "*")
        case "ancestor" if test == "node()":
            return Code(f"ancestors({node})", "node", "*")
        case "ancestor":
            return Code(f"[v for v in ancestors({node}) if {_name_test(g, 'v', test)}]", "node", "*")
        case "ancestor-or-self":
            found = f"[v for w in ({node},) for v in (*ancestors(w), w) if {_name_test(g, 'v', test)}]"
            return Code(found, "node", "*")
        case "preceding-sibling" | "following-sibling":
            found = f"[v for v in {_SIBLINGS[step.axis]}({node}) if {_name_test(g, 'v', test)}]"
            return Code(found, "node", "*")
        case "preceding" if is_plain(test):
            named = g.constant(test)
            return Code(f"preceding({node}, M.document.named({named}))", "node", "*")
    raise UnsupportedError(f"the step {step.axis}::{test}")


def _child(g: Generator, test: str, node: str) -> Code:
    if test == "*":
        return Code(f"{node}.c", "node", "*")
    if test == "text()":
        return Code(f"{node}.texts()", "attribute", "*")
    if is_plain(test):
        return Code(f"{node}.k.get({g.constant(test)}, E)", "node", "*")
    return Code(f"[v for v in {node}.c if {_name_test(g, 'v', test)}]", "node", "*")


def _attribute(g: Generator, test: str, node: str) -> Code:
    if is_plain(test):
        return Code(f"{node}.a.get({g.constant(test)})", "attribute", "?")
    if test == "*":
        return Code(f"list({node}.a.values())", "attribute", "*")
    if test.startswith("{*}"):
        local = g.constant(test[3:])
        found = f"[v for w, v in {node}.a.items() if w.rpartition('}}')[2] == {local}]"
        return Code(found, "attribute", "*")
    raise UnsupportedError(f"the step @{test}")


def _name_test(g: Generator, node: str, test: str) -> str:
    if test == "*":
        return f"{node}.s.depth"
    if test.endswith("()"):
        raise UnsupportedError(f"the node test {test} here")
    if test.startswith("{*}"):
        return f"{node}.s.depth and {node}.s.local == {g.constant(test[3:])}"
    if test.endswith("}*"):
        return f"{node}.s.depth and {node}.s.namespace == {g.constant(test[1:-2])}"
    return f"{node}.s.name is {g.constant(test)}"


def _filter(g: Generator, code: Code, predicate: Expression, scope: Scope) -> Code:
    match predicate:
        case Literal(int() as position, "integer") if not isinstance(position, bool):
            if position < 1:
                return Code("E", code.item, "*")
            return Code(f"{as_list(code)}[{position - 1}:{position}]", code.item, "*")
        case Call("last", ()):
            return Code(f"{as_list(code)}[-1:]", code.item, "*")
    if is_position(predicate) and not isinstance(predicate, Binary | Call):
        raise UnsupportedError("a position of this form")
    if not uses_context(predicate):
        found = g.expr(predicate, scope)
        if found.item in NUMBERS:
            position = as_number(found).source
            return Code(f"at_position({as_list(code)}, {position})", code.item, "*")
    item = g.fresh("v")
    # Items that carry their kind stay in lists of one.
    context = Code(f"[{item}]", "mixed", "*") if code.item == "mixed" else Code(item, code.item, "1")
    if _counts(predicate):
        raise UnsupportedError("position() or last() inside a predicate")
    inside = g.expr(predicate, scope.at(context)) if not _is_test(predicate) else None
    if inside is not None and inside.item in NUMBERS | {"mixed"}:
        raise UnsupportedError("a predicate that may be a position")
    test = g.test(predicate, scope.at(context)) if inside is None else as_test(inside)
    return Code(f"[{item} for {item} in {as_list(code)} if {test}]", code.item, "*")


def _is_test(predicate: Expression) -> bool:
    match predicate:
        case Logic() | Call("not" | "boolean" | "exists", _) | Step():
            return True
    return False


def _counts(predicate: Expression) -> bool:
    return is_position(predicate)


def _index(g: Generator, base: Expression, predicate: Expression) -> Code | None:
    """`base[F = 'literal']` of a closed base: one pass over the base serves every literal."""
    match predicate:
        case Binary("=", field, Literal(str() as text, "string")):
            pass
        case _:
            return None
    if not is_closed(base) or variables_of(field) or not uses_context(field):
        return None

    def make() -> Code:
        item = g.fresh("v")
        code = g.expr(base, Scope(Code("M.node", "node", "1")))
        inside = Scope(Code(item, code.item, "1"))
        value = g.expr(field, inside)
        if code.item != "node" or value.item not in {"node", "attribute", "untyped", "string"}:
            raise UnsupportedError("an index of this form")
        keys = f"[v.t for v in {as_list(value)}]" if value.item == "node" else as_list(value)
        return Code(f"index({as_list(code)}, lambda {item}: {keys})", "index", "1")

    try:
        slot = g.slot(("index", base, field), make)
    except UnsupportedError:
        return None
    return Code(f"{slot.source}.get({text!r}, E)", "node", "*")


def sets(g: Generator, node: Binary, scope: Scope) -> Code:
    """`union`, `intersect`, `except`."""
    left, right = g.expr(node.left, scope), g.expr(node.right, scope)
    if left.item != "node" or right.item != "node":
        if node.operator == "union" and left.item == right.item == "attribute":
            raise UnsupportedError("a union of attributes")
        raise UnsupportedError(f"{node.operator} of {left.item} and {right.item}")
    if node.operator != "union":
        raise UnsupportedError(node.operator)
    return Code(f"union({as_list(left)}, {as_list(right)})", "node", "*")
