# SPDX-License-Identifier: Apache-2.0
"""Lets of schema and patterns as global variables, also where patterns use the same name.

A pattern's let is a global variable under its own name if nothing else has that name. Otherwise it
becomes a global variable under a name of its own, and each rule of its pattern sees it under the
name that the schema uses.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from gateway.schematron.errors import SchemaError
from gateway.schematron.model import Let, Schema, ValueOf

PLACE = "urn:peppol-gateway:place"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternLets:
    """What the rules of one pattern need before their own lets."""

    local: tuple[Let, ...]

    def check_context(self, context: str) -> None:
        """Raise `SchemaError` where a context uses a name that means several things."""
        for let in self.local:
            if _mentions(context, let.name):
                raise SchemaError(
                    f"the context {context} uses ${let.name}, which several patterns define"
                )


def arrange_lets(schema: Schema) -> tuple[list[Let], list[PatternLets]]:
    """The global variables, and the local names of each pattern. Raises `SchemaError`."""
    _refuse_repeated(schema.lets, "the schema")
    for pattern in schema.patterns:
        _refuse_repeated(pattern.lets, f"pattern {pattern.name}".strip())
    uses = Counter(let.name for let in schema.lets)
    uses.update(let.name for pattern in schema.patterns for let in pattern.lets)
    shared = list(schema.lets)
    local = []
    for number, pattern in enumerate(schema.patterns):
        clashing = {
            let.name: f"place:p{number}-{let.name.replace(':', '-')}"
            for let in pattern.lets
            if uses[let.name] > 1
        }
        shared += [_global(let, clashing) for let in pattern.lets]
        aliases = (Let(name=name, select=f"${alias}") for name, alias in clashing.items())
        local.append(PatternLets(local=tuple(aliases)))
    return shared, local


def _refuse_repeated(lets: tuple[Let, ...], where: str) -> None:
    for name, count in Counter(let.name for let in lets).items():
        if count > 1:
            raise SchemaError(f"{where} defines ${name} more than once")


def _global(let: Let, clashing: dict[str, str]) -> Let:
    """The let under its global name, with the pattern's other names in sight."""

    def seen(expression: str) -> str:
        bound = [
            f"${name} := ${alias}"
            for name, alias in clashing.items()
            if name != let.name and _mentions(expression, name)
        ]
        return f"let {', '.join(bound)} return ({expression})" if bound else expression

    select = let.select if let.select is None else seen(let.select)
    content = let.content and tuple(
        ValueOf(select=seen(piece.select)) if isinstance(piece, ValueOf) else piece
        for piece in let.content
    )
    name = clashing.get(let.name, let.name)
    return replace(let, name=name, select=select, content=content)


def _mentions(expression: str, name: str) -> bool:
    return re.search(rf"\$\s*{re.escape(name)}(?![\w.·-])", expression) is not None
