# SPDX-License-Identifier: Apache-2.0
"""A translated schema as a value that can be kept: the next process need not translate it again.

What is kept is code, and to load it is to run it. Whoever keeps it must keep it where only those
can write who may change the program itself, named by a digest of the schema and of this package.
"""

from __future__ import annotations

import marshal
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.schematron.fast.matching import Alternative
from gateway.schematron.fast.plans import CompiledRule, Flag
from gateway.schematron.fast.program import Program
from gateway.schematron.fast.runtime import RUNTIME
from gateway.schematron.model import Assertion

# A rule as written: its alternatives with the names of their tests (by name, by value), then the
# names of what runs at the root element and elsewhere.
WrittenRule = tuple[tuple[tuple[Alternative, str, str], ...], str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Everything that a program is made of."""

    code: bytes
    constants: dict[str, Any]
    patterns: tuple[tuple[WrittenRule, ...], ...]
    flags: tuple[Flag, ...]
    assertions: tuple[Assertion, ...]

    def program(self, careful: Callable[[], Program] | None) -> Program:
        """The program; `careful` makes the one that judges again what ends in an error."""
        scope: dict[str, Any] = dict(RUNTIME)
        for name, value in self.constants.items():
            # Names of nodes are found by identity, which they lose where they are kept.
            scope[name] = sys.intern(value) if type(value) is str else value
        # The source was ours: of the schema it held nothing but what `repr` wrote.
        exec(marshal.loads(self.code), scope)  # noqa: S102, S302
        patterns = tuple(tuple(_rule(rule, scope) for rule in rules) for rules in self.patterns)
        return Program(
            patterns=patterns,
            flags=self.flags,
            assertions=self.assertions,
            functions=scope["SLOTS"],
            careful=careful,
        )

    def dump(self) -> bytes:
        """The bytes to keep."""
        return pickle.dumps(self)

    @staticmethod
    def load(data: bytes) -> Compiled | None:
        """What was kept, or `None` where it cannot be read."""
        try:
            found = pickle.loads(data)  # noqa: S301 - see the module's text
        except Exception:  # noqa: BLE001 - broken bytes raise anything
            return None
        return found if isinstance(found, Compiled) else None


def _rule(rule: WrittenRule, scope: dict[str, Any]) -> CompiledRule:
    contexts, at_root, elsewhere = rule
    return CompiledRule(
        contexts=tuple(
            (alternative, scope.get(by_name), scope.get(by_value))
            for alternative, by_name, by_value in contexts
        ),
        at_root=scope[at_root],
        elsewhere=scope[elsewhere],
    )
