# SPDX-License-Identifier: Apache-2.0
"""`for`, `some` and `every` to Python source."""

from __future__ import annotations

from gateway.schematron.fast.codes import Code, as_list
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.translator import Translator
from gateway.schematron.xpath.tree import Loop


def loop(g: Translator, node: Loop, scope: Scope) -> Code:
    """One variable over a list."""
    over = g.expr(node.sequence, scope)
    item = g.fresh("v")
    bound = Code(f"[{item}]", "mixed", "*") if over.item == "mixed" else Code(item, over.item, "1")
    inside = scope.binding(node.variable, bound)
    if node.kind != "for":
        word = "any" if node.kind == "some" else "all"
        test = g.test(node.body, inside)
        return Code(f"{word}({test} for {item} in {as_list(over)})", "boolean", "1")
    body = g.expr(node.body, inside)
    if body.many == "1":
        return Code(f"[{body.source} for {item} in {as_list(over)}]", body.item, "*")
    source = f"[{item}_ for {item} in {as_list(over)} for {item}_ in {as_list(body)}]"
    return Code(source, body.item, "*")
