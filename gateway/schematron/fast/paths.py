# SPDX-License-Identifier: Apache-2.0
"""Steps, paths, predicates and sets of nodes to Python source."""

from __future__ import annotations

from gateway.schematron.fast.axes import axis, is_plain, name_test
from gateway.schematron.fast.codes import NUMBERS, Code, as_list, as_number, as_test
from gateway.schematron.fast.expressions import (
    depends_on_place,
    is_closed,
    is_position,
    uses_context,
    variables_of,
)
from gateway.schematron.fast.ordering import is_level, may_be_unordered
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
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

_ORDERED = frozenset(("child", "attribute", "self"))


def path(g: Translator, node: Step | Path | Filter, scope: Scope) -> Code:
    """The code of a step, a path or a filtered list."""
    match node:
        case Step():
            return _step(g, node, scope.context, scope)
        case Path(Root(), Step("child", "*", ())):
            return Code("M.root", "node", "1")
        case Path(base, step):
            return _path(g, base, step, scope)
        case Filter(Step("child", "node()", ()), (Call("not", (Step("self", "comment()", ()),)),)):
            return Code(f"contents({scope.context.source})", "mixed", "*")
        case Filter(base, predicates):
            if len(predicates) == 1 and (index := _index(g, base, predicates[0])) is not None:
                return index
            code = g.expr(base, scope)
            for predicate in predicates:
                code = _filter(g, code, predicate, scope)
            return code
    raise AssertionError(node)


def _path(g: Translator, base: Expression, step: Expression, scope: Scope) -> Code:
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
    if left.item == "node" and left.many == "*" and isinstance(step, Step):
        return _from_many(g, left, Path(base, step), scope)
    return _each(g, left, step, scope)


def _from_many(g: Translator, left: Code, node: Path, scope: Scope) -> Code:
    base, step = node.base, node.step
    assert isinstance(step, Step)
    is_text = step.axis == "attribute" or step.test == "text()"
    if is_text and may_be_unordered(base):
        left = Code(f"ordered({left.source})", "node", "*")
    found = _steps(g, left, step, scope)
    if step.axis == "child" and found.item == "node" and not is_level(base):
        return Code(f"ordered({found.source})", "node", "*")
    return found


def _steps(g: Translator, left: Code, step: Step, scope: Scope) -> Code:
    if not step.predicates:
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
        match node.step:
            case Step("child", name, ()) if is_plain(name):
                names.append(name)
            case _:
                return None
        node = node.base
    match node:
        case Step("child", name, ()) if is_plain(name) and len(names) <= 2:  # noqa: PLR2004
            return [name, *reversed(names)]
    return None


def _anywhere(g: Translator, test: str) -> Code:
    if test == "*":
        return Code("M.document.elements", "node", "*")
    if is_plain(test):
        return Code(f"M.document.named({g.constant(test)})", "node", "*")
    return Code(f"[v for v in M.document.elements if {name_test(g, 'v', test)}]", "node", "*")


def _each(g: Translator, left: Code, step: Expression, scope: Scope) -> Code:
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
        source = (
            f"[{item}_ for {item} in {over} for {item}_ in ({body.source},) if {item}_ is not None]"
        )
    if body.item == "node" and not (isinstance(step, Step) and step.axis in _ORDERED):
        source = f"in_order({source})"
    return Code(source, body.item, "*")


def _right(g: Translator, step: Expression, scope: Scope) -> Code:
    return _step(g, step, scope.context, scope) if isinstance(step, Step) else g.expr(step, scope)


def _step(g: Translator, step: Step, context: Code, scope: Scope) -> Code:
    if context.item != "node":
        if step == Step("self", "node()"):
            return context
        raise UnsupportedError(f"the axis {step.axis} from a value that is no element")
    code = axis(g, step, context.source)
    for predicate in step.predicates:
        if step.axis not in {"child", "attribute", "descendant"} and depends_on_place(predicate):
            raise UnsupportedError(f"a position on the axis {step.axis}")
        code = _filter(g, code, predicate, scope)
    return code


def _filter(g: Translator, code: Code, predicate: Expression, scope: Scope) -> Code:
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
            place = as_number(found).source
            return Code(f"at_position({as_list(code)}, {place})", code.item, "*")
    item = g.fresh("v")
    # Items that carry their kind stay in lists of one.
    context = (
        Code(f"[{item}]", "mixed", "*") if code.item == "mixed" else Code(item, code.item, "1")
    )
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


def _index(g: Translator, base: Expression, predicate: Expression) -> Code | None:
    """`base[F = 'literal']` of a closed base: one pass over the base serves every literal."""
    match predicate:
        case Binary("=", field, Literal(str() as text, "string")):
            pass
        case _:
            return None
    if g.careful or not is_closed(base) or variables_of(field) or not uses_context(field):
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


def sets(g: Translator, node: Binary, scope: Scope) -> Code:
    """`union`, `intersect`, `except`."""
    left, right = g.expr(node.left, scope), g.expr(node.right, scope)
    if left.item != "node" or right.item != "node":
        if node.operator == "union" and left.item == right.item == "attribute":
            raise UnsupportedError("a union of attributes")
        raise UnsupportedError(f"{node.operator} of {left.item} and {right.item}")
    if node.operator != "union":
        raise UnsupportedError(node.operator)
    sources = [
        f"ordered({as_list(code)})" if may_be_unordered(operand) else as_list(code)
        for operand, code in ((node.left, left), (node.right, right))
    ]
    return Code(f"union({', '.join(sources)})", "node", "*")
