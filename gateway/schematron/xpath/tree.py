# SPDX-License-Identifier: Apache-2.0
"""The syntax tree of XPath 2.0 (W3C Recommendation, section 3), as far as rules use it.

Every node is frozen and compares by value, so that equal expressions are one key. Names are
expanded: `{namespace}local`, with `*` for either half of a wildcard.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, an integer, a decimal or (with an exponent) a double."""

    value: str | int | Decimal | float
    kind: str

    def __hash__(self) -> int:
        """`1`, `1.0` and `1e0` are different literals."""
        return hash((self.kind, self.value))


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`."""

    name: str


@dataclass(frozen=True, slots=True)
class ContextItem:
    """`.`."""


@dataclass(frozen=True, slots=True)
class Root:
    """`/` at the head of a path: the document node."""


@dataclass(frozen=True, slots=True)
class Step:
    """An axis step. `test` is an expanded name, or `node()`, `text()`, `comment()`, ... ."""

    axis: str
    test: str
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A primary expression with predicates."""

    base: Expression
    predicates: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """`base/step`: the step evaluated with each item of the base as context."""

    base: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function call, by the name as written (`upper-case`, `u:slack`, `xs:decimal`)."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and an operator: arithmetic, comparison, range, set."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two or more operands; chains are flat, because some are very long."""

    word: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items parted by commas; none for `()`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if (test) then yes else no`."""

    test: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Loop:
    """`for`, `some` or `every` over one variable; several variables nest."""

    kind: str
    variable: str
    sequence: Expression
    body: Expression


@dataclass(frozen=True, slots=True)
class TypeTest:
    """`castable as`, `cast as`, `instance of`, `treat as`."""

    kind: str
    operand: Expression
    type_name: str


Expression = (
    Literal
    | Variable
    | ContextItem
    | Root
    | Step
    | Filter
    | Path
    | Call
    | Binary
    | Logic
    | Negation
    | Sequence
    | Conditional
    | Loop
    | TypeTest
)
