# SPDX-License-Identifier: Apache-2.0
"""What an expression sees where it stands: its context and its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.schematron.fast.codes import Code


@dataclass(frozen=True, slots=True)
class Scope:
    """`context` is one item; `current` what `current()` means: the node of the rule."""

    context: Code
    variables: Mapping[str, Code] = field(default_factory=dict)
    current: Code | None = None

    def at(self, context: Code) -> Scope:
        """The same scope with another context."""
        return replace(self, context=context)

    def binding(self, name: str, code: Code) -> Scope:
        """The scope inside a loop or after a let."""
        return replace(self, variables={**self.variables, name: code})
