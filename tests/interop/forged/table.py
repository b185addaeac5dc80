# SPDX-License-Identifier: Apache-2.0
"""What a line of the tables is, and the edits that many lines share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.forge.header import Header, Info
from tests.forge.payload import Part
from tests.forge.request import Request
from tests.forge.signal import Reply
from tests.forge.signing import Edit
from tests.forge.wire import Wire


@dataclass(frozen=True, kw_only=True)
class Case:
    """One message. `expect` is an outcome, or a code and perhaps the step; `row` says why.

    Outcomes: accept, ping, fault, http (refused by HTTP alone); for replies also rejected, hint
    (an error that proves nothing), none (no signal).
    """

    name: str
    expect: str
    row: str
    message: Request | Reply


def request(name: str, expect: str, row: str, **changes: object) -> Case:
    return Case(name=name, expect=expect, row=row, message=Request().but(**changes))


def header(name: str, expect: str, row: str, **changes: object) -> Case:
    """A request whose header has other values."""
    values = Header(**changes)  # type: ignore[arg-type]
    return request(name, expect, row, header=values)


def part(name: str, expect: str, row: str, **changes: object) -> Case:
    """A request with one other part."""
    return request(name, expect, row, parts=(Part(**changes),))  # type: ignore[arg-type]


def info(name: str, expect: str, row: str, *properties: tuple[str, str], **changes: object) -> Case:
    """A request whose PartInfo has these properties."""
    said = Info(href=Part().href, properties=properties, **changes)  # type: ignore[arg-type]
    return request(name, expect, row, infos=(said,))


def wire(name: str, expect: str, row: str, **changes: object) -> Case:
    """A request in another frame."""
    return request(name, expect, row, wire=Wire(**changes))  # type: ignore[arg-type]


def reply(name: str, expect: str, row: str, **changes: object) -> Case:
    return Case(name=name, expect=expect, row=row, message=Reply().but(**changes))


def swap(old: str, new: str, count: int = -1) -> Edit:
    """Replace a text that must be there."""

    def edit(text: str) -> str:
        assert old in text, f"{old!r} is not in {text[:300]!r}"
        return text.replace(old, new, count)

    return edit


def all_of(*edits: Edit) -> Edit:
    def edit(text: str) -> str:
        for one in edits:
            text = one(text)
        return text

    return edit


def moved(opening: str, closing: str, place: Callable[[str, str], str]) -> Edit:
    """Cut a piece out; `place` gets the rest and the piece."""

    def edit(text: str) -> str:
        start = text.index(opening)
        end = text.index(closing, start) + len(closing)
        return place(text[:start] + text[end:], text[start:end])

    return edit
