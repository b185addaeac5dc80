# SPDX-License-Identifier: Apache-2.0
"""One axis step from one element to Python source (XPath 2.0, section 3.2.1)."""

from __future__ import annotations

from gateway.schematron.fast.codes import Code
from gateway.schematron.fast.translator import Translator
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.xpath.tree import Step

_SIBLINGS = {"preceding-sibling": "siblings_before", "following-sibling": "siblings_after"}


def is_plain(name: str) -> bool:
    """Whether a node test is one name, without wildcard and no kind test."""
    return "*" not in name and not name.endswith("()")


def axis(g: Translator, step: Step, node: str) -> Code:
    """The code of a step from the element that `node` is the source of; predicates aside."""
    test = step.test
    match step.axis:
        case "child":
            return _child(g, test, node)
        case "attribute":
            return _attribute(g, test, node)
        case "self" if test == "node()":
            return Code(node, "node", "1")
        case "self":
            name = f"[v for v in ({node},) if {name_test(g, 'v', test)}]"
            return Code(name, "node", "*")
        case "parent" if test == "node()":
            return Code(f"{node}.p", "node", "1")
        case "parent":
            return Code(f"[v for v in ({node}.p,) if {name_test(g, 'v', test)}]", "node", "*")
        case "descendant" if test == "*" or is_plain(test):
            return Code(f"descendants({node}, {g.constant(test)})", "node", "*")
        case "ancestor" if test == "node()":
            return Code(f"ancestors({node})", "node", "*")
        case "ancestor":
            return Code(f"[v for v in ancestors({node}) if {name_test(g, 'v', test)}]", "node", "*")
        case "ancestor-or-self":
            found = (
                f"[v for w in ({node},) for v in (*ancestors(w), w) if {name_test(g, 'v', test)}]"
            )
            return Code(found, "node", "*")
        case "preceding-sibling" | "following-sibling":
            found = f"[v for v in {_SIBLINGS[step.axis]}({node}) if {name_test(g, 'v', test)}]"
            return Code(found, "node", "*")
        case "preceding" if is_plain(test):
            named = g.constant(test)
            return Code(f"preceding({node}, M.document.named({named}))", "node", "*")
    raise UnsupportedError(f"the step {step.axis}::{test}")


def _child(g: Translator, test: str, node: str) -> Code:
    if test == "*":
        return Code(f"{node}.c", "node", "*")
    if test == "text()":
        return Code(f"{node}.texts()", "attribute", "*")
    if is_plain(test):
        return Code(f"{node}.k.get({g.constant(test)}, E)", "node", "*")
    return Code(f"[v for v in {node}.c if {name_test(g, 'v', test)}]", "node", "*")


def _attribute(g: Translator, test: str, node: str) -> Code:
    if is_plain(test):
        return Code(f"{node}.a.get({g.constant(test)})", "attribute", "?")
    if test == "*":
        return Code(f"list({node}.a.values())", "attribute", "*")
    if test.startswith("{*}"):
        local = g.constant(test[3:])
        found = f"[v for w, v in {node}.a.items() if w.rpartition('}}')[2] == {local}]"
        return Code(found, "attribute", "*")
    raise UnsupportedError(f"the step @{test}")


def name_test(g: Translator, node: str, test: str) -> str:
    """Source that tells whether an element passes a name test; the document node never does."""
    if test == "*":
        return f"{node}.s.depth"
    if test.endswith("()"):
        raise UnsupportedError(f"the node test {test} here")
    if test.startswith("{*}"):
        return f"{node}.s.depth and {node}.s.local == {g.constant(test[3:])}"
    if test.endswith("}*"):
        return f"{node}.s.depth and {node}.s.namespace == {g.constant(test[1:-2])}"
    return f"{node}.s.name is {g.constant(test)}"
