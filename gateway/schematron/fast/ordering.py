# SPDX-License-Identifier: Apache-2.0
"""The order of nodes: steps yield each once, in that of the document (XPath 2.0, 3.2.1)."""

from __future__ import annotations

from gateway.schematron.xpath.tree import (
    Call,
    Conditional,
    ContextItem,
    Expression,
    Filter,
    Loop,
    Path,
    Root,
    Sequence,
    Step,
    Variable,
)


def may_be_unordered(node: Expression) -> bool:
    """Whether the nodes may be out of document order, or one of them there twice."""
    match node:
        case Variable() | Sequence() | Loop() | Conditional():
            return True
        case Filter(base, _):
            return may_be_unordered(base)
        case Call(name, _):
            return name not in {"key", "current"}
    return False


def is_level(node: Expression) -> bool:
    """Whether all nodes are known to be in order and equally deep, as their children are then."""
    match node:
        case ContextItem() | Root() | Step("child" | "attribute" | "self" | "parent", _, _):
            return True
        case Path(base, Step("child" | "attribute" | "self" | "parent", _, _)) | Filter(base, _):
            return is_level(base)
    return False
