# SPDX-License-Identifier: Apache-2.0
"""Lists as Saxon evaluates them: item after item, and no further than the answer needs.

Where `exists`, `not` or a comparison has its answer, an error behind it is never met (XPath 2.0,
section 2.3.4). Careful code makes its lists that way: `lazily` rewrites the source of eager code,
`gather` makes a list that ends in the error, if there is one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.schematron.fast.atoms import XPathError
from gateway.schematron.fast.nodes import EMPTY

_GATHER = "gather"
_LAZY = {"children": "lazy_children", "attributes": "lazy_attributes", "strings": "lazy_strings"}


class Cut(list[Any]):
    """The items before an error. Who asks for more than they tell gets the error."""

    def __init__(self, items: list[Any], error: XPathError) -> None:
        super().__init__(items)
        self.error = error

    def __iter__(self) -> Iterator[Any]:
        """The items, then the error."""
        yield from super().__iter__()
        raise self.error

    def __bool__(self) -> bool:
        if super().__len__():
            return True
        raise self.error

    def __len__(self) -> int:
        raise self.error

    def __contains__(self, item: object) -> bool:
        return any(each == item for each in self)

    def __getitem__(self, at: Any) -> Any:
        last = at.stop if isinstance(at, slice) else at
        if last is None or last < 0 or last > super().__len__() - isinstance(at, int):
            raise self.error
        return super().__getitem__(at)


def gather(items: Iterable[Any]) -> list[Any]:
    """The items as a list; a `Cut` where they end in an error."""
    found: list[Any] = []
    try:
        found.extend(items)
    except XPathError as error:
        return Cut(found, error)
    return found


def lazy_children(nodes: Any, name: str) -> list[Any]:
    """`nodes/name`."""
    return gather(child for node in nodes for child in node.k.get(name, EMPTY))


def lazy_attributes(nodes: Any, name: str) -> list[Any]:
    """`nodes/@name`."""
    return gather(node.a[name] for node in nodes if name in node.a)


def lazy_strings(nodes: Any) -> list[Any]:
    """The string values."""
    return gather(node.t for node in nodes)


def lazily(source: str) -> ast.Module:
    """The same code with lists that are made as far as they are asked for."""
    module = ast.parse(source)
    _Rewriter().visit(module)
    return ast.fix_missing_locations(module)


class _Rewriter(ast.NodeTransformer):
    def visit_ListComp(self, node: ast.ListComp) -> ast.Call:
        """`[…for…]` becomes `gather(…for…)`."""
        self.generic_visit(node)
        items = ast.GeneratorExp(node.elt, node.generators)
        return ast.Call(ast.Name(_GATHER, ast.Load()), [items], [])

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Functions of lists give way to their lazy kin."""
        return ast.Name(_LAZY.get(node.id, node.id), node.ctx)
