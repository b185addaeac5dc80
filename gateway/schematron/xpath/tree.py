# SPDX-License-Identifier: Apache-2.0
"""The syntax tree of XPath 2.0 (W3C Recommendation, section 3), as far as rules use it.

Every node is frozen and compares by value, so that equal expressions are one key. Names are
expanded: `{namespace}local`, with `*` for either half of a wildcard.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class Node:
    """What all have in common: a hash that is computed once, because trees are keys."""

    __slots__ = ("_hash",)
    _hash: int

    def hashed(self) -> int:
        """The hash; each class names it as its own, or `dataclass` would make one."""
        try:
            return self._hash
        except AttributeError:
            fields: Any = type(self).__dataclass_fields__  # type: ignore[attr-defined]
            value = hash((type(self).__name__, *(getattr(self, name) for name in fields)))
            object.__setattr__(self, "_hash", value)
            return value


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A string or number; `kind` tells the integer `1` from the decimal `1.0`."""

    value: str | int | Decimal | float
    kind: str

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`$name`."""

    name: str

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class ContextItem(Node):
    """`.`."""

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Root(Node):
    """`/` at the head of a path: the document node."""

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Step(Node):
    """An axis step. `test` is an expanded name, or `node()`, `text()`, `comment()`, ... ."""

    axis: str
    test: str
    predicates: tuple[Expression, ...] = ()

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """A primary expression with predicates."""

    base: Expression
    predicates: tuple[Expression, ...]

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`base/step`: the step evaluated with each item of the base as context."""

    base: Expression
    step: Expression

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call, by the name as written (`u:slack`, `xs:decimal`) without `fn:`."""

    name: str
    arguments: tuple[Expression, ...]

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands and an operator: arithmetic, comparison, range, set."""

    operator: str
    left: Expression
    right: Expression

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or` over two or more operands; chains are flat, because some are very long."""

    word: str
    operands: tuple[Expression, ...]

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Unary minus."""

    operand: Expression

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """Items parted by commas; none for `()`."""

    items: tuple[Expression, ...]

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`if (test) then yes else no`."""

    test: Expression
    yes: Expression
    no: Expression

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """`for`, `some` or `every` over one variable; several variables nest."""

    kind: str
    variable: str
    sequence: Expression
    body: Expression

    __hash__ = Node.hashed


@dataclass(frozen=True, slots=True)
class TypeTest(Node):
    """`castable as`, `cast as`, `instance of`, `treat as`."""

    kind: str
    operand: Expression
    type_name: str

    __hash__ = Node.hashed


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
