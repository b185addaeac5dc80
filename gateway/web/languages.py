# SPDX-License-Identifier: Apache-2.0
"""What form and language of an answer the caller wants (RFC 9110, 12.5): texts are nl or en."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aiohttp import web

from gateway.web.problems import NotAcceptableError
from gateway.web.reading import choice

LANGUAGES = ("en", "nl")
DEFAULT = "en"


def language_of(request: web.Request) -> str:
    """The query parameter `language`, else the best of Accept-Language, else English."""
    given = choice(request, "language", LANGUAGES) if "language" in request.query else None
    return given or preferred_language(request.headers.get("Accept-Language", ""))


def preferred_language(header: str) -> str:
    """The best of what we have for a header; English where it names none of ours."""
    for name, weight in _ranked(header):
        found = name.partition("-")[0]
        if weight > 0 and found in LANGUAGES:
            return found
    return DEFAULT


def wanted_type(request: web.Request, offered: Sequence[str]) -> str:
    """The media type of the answer; the first of those offered unless Accept names another.

    Raises `NotAcceptableError` where none of them will do.
    """
    header = request.headers.get("Accept", "").strip()
    if not header:
        return offered[0]
    for name, weight in _ranked(header):
        if weight <= 0:
            continue
        for one in offered:
            if name in (one, "*/*", f"{one.partition('/')[0]}/*"):
                return one
    raise NotAcceptableError(f"the answer can be {', '.join(offered)}")


def _ranked(header: str) -> Iterator[tuple[str, float]]:
    """Names with their weights, best first; of equal ones the first named."""
    found = []
    for part in header.lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter.removeprefix("q="))
        if name:
            found.append((name, weight))
    yield from sorted(found, key=lambda one: -one[1])


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
