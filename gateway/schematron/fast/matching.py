# SPDX-License-Identifier: Apache-2.0
"""Patterns of names: which paths of names they match. Values are looked at elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.schematron.fast.nodes import State
from gateway.schematron.xpath.tree import Expression


@dataclass(frozen=True, slots=True)
class Link:
    """One step of an alternative: how it hangs below the one before it, its name test."""

    descendant: bool
    test: str
    predicates: tuple[Expression, ...] = ()
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to match. `absolute`: the first link hangs below the document node."""

    absolute: bool
    links: tuple[Link, ...]

    @property
    def depth(self) -> int | None:
        """How many steps below the root element it matches, where that is fixed."""
        fixed = self.absolute and not any(link.descendant for link in self.links)
        return len(self.links) - 1 if fixed else None


def fits(state: State, alternative: Alternative) -> bool:
    """Whether names alone let a node of this state match."""
    links = alternative.links
    if not links:
        return state.depth == 0
    return _fits(state, links, len(links) - 1, absolute=alternative.absolute)


def _fits(state: State | None, links: tuple[Link, ...], at: int, *, absolute: bool) -> bool:
    if state is None or state.depth == 0 or not name_fits(state, links[at].test):
        return False
    if at == 0:
        return not absolute or links[0].descendant or state.depth == 1
    if not links[at].descendant:
        return _fits(state.parent, links, at - 1, absolute=absolute)
    above = state.parent
    while above is not None:
        if _fits(above, links, at - 1, absolute=absolute):
            return True
        above = above.parent
    return False


def name_fits(state: State, test: str) -> bool:
    """Whether a state's name passes a name test."""
    if test == "*":
        return True
    if test.startswith("{*}"):
        return state.local == test[3:]
    if test.endswith("}*"):
        return state.namespace == test[1:-2]
    return state.name == test
