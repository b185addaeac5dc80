# SPDX-License-Identifier: Apache-2.0
"""What is worth evaluating once per document, and how often an expression is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from gateway.schematron.fast.expressions import is_closed, parts_of
from gateway.schematron.xpath.tree import (
    Binary,
    Call,
    Expression,
    Filter,
    Literal,
    Logic,
    Loop,
    Path,
    Step,
    Variable,
)

_MANY_NODES = 100


@lru_cache(maxsize=20_000)
def cost(node: Expression) -> int:
    """Roughly how many steps an evaluation takes; a look at every element counts for more."""
    match node:
        case Step("descendant" | "descendant-attribute" | "preceding" | "ancestor", _, _):
            return 5 + sum(map(cost, node.predicates))
        case Step() | Variable() | Literal():
            return 1
        case Path() | Filter() | Call() | Binary() | Loop():
            return 1 + sum(map(cost, parts_of(node)))
        case Logic():
            return 1 + sum(map(cost, parts_of(node)))
    return sum(map(cost, parts_of(node)))


def count_uses(node: Expression, uses: Counter[Expression], *, once: bool) -> None:
    """Count closed expressions inside; one in a rule that runs at many nodes counts as many."""
    if isinstance(node, Path | Filter | Call | Loop | Binary) and is_closed(node):
        uses[node] += 1 if once else _MANY_NODES
    for part in parts_of(node):
        count_uses(part, uses, once=once)


def repeated_paths(expressions: Iterable[Expression]) -> list[Expression]:
    """Paths of two or more plain child steps from the context that are asked more than once."""
    asked: Counter[Expression] = Counter()
    for expression in expressions:
        _count_paths(expression, asked)
    return [path for path, times in asked.items() if times > 1]


def _count_paths(node: Expression, asked: Counter[Expression]) -> None:
    match node:
        case Path(base, step):
            if _is_plain(node):
                asked[node] += 1
            elif not _is_plain(base) or isinstance(step, Step):
                _count_paths(base, asked)
        case Filter(base, _):
            _count_paths(base, asked)
        case Loop(_, _, sequence, body):
            _count_paths(sequence, asked)
            _count_paths(body, asked)
        case _:
            for part in parts_of(node):
                _count_paths(part, asked)


def _is_plain(node: Expression) -> bool:
    match node:
        case Path(base, Step("child", name, ())):
            return (
                not name.endswith("()") and "*" not in name and (_is_step(base) or _is_plain(base))
            )
    return False


def _is_step(node: Expression) -> bool:
    match node:
        case Step("child", name, ()):
            return not name.endswith("()") and "*" not in name
    return False
