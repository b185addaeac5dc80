# SPDX-License-Identifier: Apache-2.0
"""Assertions of the root that names alone decide: "this path must not exist"."""

from __future__ import annotations

from gateway.schematron.fast.matching import Alternative, Link
from gateway.schematron.xpath.tree import Binary, Call, Expression, Path, Root, Step


def forbidden_paths(test: Expression) -> list[Alternative] | None:
    """The paths of `not(path | path)` where names alone decide, anchored at the document."""
    match test:
        case Call("not", (inner,)):
            return _name_paths(inner)
    return None


def _name_paths(node: Expression) -> list[Alternative] | None:
    if isinstance(node, Binary) and node.operator == "union":
        left, right = _name_paths(node.left), _name_paths(node.right)
        return None if left is None or right is None else left + right
    links: list[Link] = []
    while isinstance(node, Path):
        step = node.step
        if not isinstance(step, Step) or step.predicates or step.test.endswith("()"):
            return None
        if step.axis not in {"child", "descendant", "attribute", "descendant-attribute"}:
            return None
        attribute = step.axis.endswith("attribute")
        if attribute and (links or "*" in step.test):
            return None
        if step.axis == "descendant-attribute" and not isinstance(node.base, Root):
            return None
        links.append(Link(step.axis.startswith("descendant"), step.test, attribute=attribute))
        node = node.base
    if not isinstance(node, Root) or not links:
        return None
    return [Alternative(absolute=True, links=tuple(reversed(links)))]
