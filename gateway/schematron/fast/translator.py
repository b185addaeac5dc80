# SPDX-License-Identifier: Apache-2.0
"""What the translators of single forms need from the generator that calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gateway.schematron.fast.codes import Code
from gateway.schematron.fast.scope import Scope
from gateway.schematron.model import Function
from gateway.schematron.xpath.tree import Expression


class Translator(Protocol):
    """The generator, seen from the translators (`generator.py` says what each member is)."""

    lines: list[str]
    globals: dict[str, tuple[Expression, str | None]]
    user_functions: dict[str, Function]
    keys: dict[str, tuple[Expression, Expression]]
    variants: dict[Any, tuple[str, Code]]
    reader: Callable[[str], Expression]
    reader_of: Callable[[Function], Callable[[str], Expression]]
    careful: bool

    def fresh(self, prefix: str) -> str:
        """A new name."""
        ...

    def constant(self, value: Any) -> str:
        """The name of a value that generated code refers to."""
        ...

    def define(self, parameters: str, body: list[str]) -> str:
        """A new function; its name."""
        ...

    def slot(self, key: Any, make: Callable[[], Code]) -> Code:
        """The code that reads a memoised value."""
        ...

    def expr(self, node: Expression, scope: Scope) -> Code:
        """The code of an expression."""
        ...

    def test(self, node: Expression, scope: Scope) -> str:
        """Source whose Python truth is the effective boolean value."""
        ...

    def read(self, source: str) -> Expression:
        """An expression of a function's body or of a local let."""
        ...
