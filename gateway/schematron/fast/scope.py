# SPDX-License-Identifier: Apache-2.0
"""What an expression sees where it stands: its context and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.schematron.fast.codes import Code
from gateway.schematron.xpath.tree import Expression


@dataclass(frozen=True, slots=True)
class Scope:
    """`context` is one item; `current` what `current()` means: the node of the rule.

    `known` are paths from this context that are in a local variable already.
    """

    context: Code
    variables: Mapping[str, Code] = field(default_factory=dict)
    current: Code | None = None
    known: Mapping[Expression, Code] = field(default_factory=dict)

    def at(self, context: Code) -> Scope:
        """The same scope with another context."""
        return replace(self, context=context, known={})

    def binding(self, name: str, code: Code) -> Scope:
        """The scope inside a loop or after a let."""
        return replace(self, variables={**self.variables, name: code})
