# SPDX-License-Identifier: Apache-2.0
"""A Schematron schema as values: what both front ends yield and both engines take.

Includes, abstract patterns and abstract rules are already resolved. Expressions are text as
published; the prefixes in them mean what `Schema.namespaces` says (ISO/IEC 19757-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOf:
    """A place in a text that shows the value of an expression."""

    select: str


Text = tuple[str | ValueOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """A name for a value. Exactly one of `select` (an expression) and `content` (text) is given."""

    name: str
    select: str | None = None
    content: Text | None = None
    as_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """`xsl:sequence` (and `xsl:copy-of` of a value): the expression's value as it is."""

    select: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextValue:
    """`xsl:value-of` or plain text: one text node, its parts parted by a blank."""

    content: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """`xsl:choose` and `xsl:if`: the first branch whose test holds."""

    branches: tuple[tuple[str, Body], ...]
    otherwise: Body = ()


Instruction = Let | Return | TextValue | Choose
Body = tuple[Instruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a function, with its declared sequence type."""

    name: str
    as_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """An `xsl:function`; `source` is its element, for the generator of XSLT."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    as_type: str | None = None
    source: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An `xsl:key`: the nodes that match, found by the value of `use`."""

    name: str
    match: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """An assert (fails when its test is false) or a report (fails when its test is true).

    `rule` is the identifier findings carry: the id attribute or, without it, what stands between
    the brackets at the head of the text. `flag` is lower case, `fatal` where none is given.
    """

    rule: str
    flag: str
    test: str
    text: Text = ()
    is_report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The assertions on the nodes that match `context`, with the lets they use."""

    context: str
    assertions: tuple[Assertion, ...]
    lets: tuple[Let, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Rules in order: of one pattern, the first rule that matches a node is the one that runs."""

    rules: tuple[Rule, ...]
    lets: tuple[Let, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A whole schema.

    The walk over a document visits the document node, all elements and, of the root's level, all
    nodes but text. `visits_attributes` says whether attributes are visited too: where it is false,
    a context that matches an attribute never fires. `visits_comments` says the same of comments
    and processing instructions within the root element. Only stylesheets that were generated with
    other settings than the usual ones differ from the defaults.

    Where `xpath_1` is true, expressions follow the rules of XPath 1.0 compatibility (XPath 3.1,
    2.1.1 and 3.1.5.2): of several items, an argument or operand that takes one is the first, and
    numbers are doubles. So `normalize-space()` of two nodes is no error there.
    """

    title: str
    namespaces: Mapping[str, str]
    patterns: tuple[Pattern, ...]
    lets: tuple[Let, ...] = ()
    keys: tuple[Key, ...] = ()
    functions: tuple[Function, ...] = field(default=())
    visits_attributes: bool = True
    visits_comments: bool = False
    xpath_1: bool = False
