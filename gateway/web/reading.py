# SPDX-License-Identifier: Apache-2.0
"""Reads what came with a request: small JSON bodies, query words. Words and bytes only."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from aiohttp import web

from gateway.service.errors import PointedError
from gateway.service.idempotency import Fingerprint
from gateway.web.bodies import limited_body
from gateway.web.parts import PARTS
from gateway.web.problems import RequestError, UnsupportedMediaTypeError

JSON = "application/json"
MAX_LIMIT = 200
DEFAULT_LIMIT = 50

_T = TypeVar("_T")
_AT = re.compile(r" - at `\$(?P<path>[\w.]*)[^`]*`$")  # up to the first list or map
_UNKNOWN = "Object contains unknown field"


async def read_json(request: web.Request, fingerprint: Fingerprint, *, ceiling: int) -> bytes:
    """A whole body under a ceiling."""
    gathered = bytearray()
    limits = request.app[PARTS].limits.body
    async for chunk in limited_body(request, ceiling=ceiling, limits=limits):
        fingerprint.update(chunk)
        gathered += chunk
    return bytes(gathered)


def require_json(request: web.Request) -> None:
    """Raise `UnsupportedMediaTypeError` unless the body is called JSON."""
    if request.content_type != JSON:
        raise UnsupportedMediaTypeError(f"send {JSON}")


def decode(body: bytes | msgspec.Raw, shape: type[_T], *, at: str = "#") -> _T:
    """JSON of a known shape, itself at `at`. Raises `PointedError` that names the wrong member."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _AT.search(text)
        path = found.group("path") if found else ""
        raise ShapeError(
            text[: found.start()] if found else text,
            pointer=at + path.replace(".", "/"),
            member_code="unknown_member" if text.startswith(_UNKNOWN) else None,
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError("the body is not JSON in UTF-8") from error


class ShapeError(PointedError):
    """JSON that has not the shape that is taken."""


def word(request: web.Request, name: str) -> str | None:
    """A query parameter given at most once; empty counts as not given."""
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise RequestError(f"the query parameter {name} may be given once")
    return values[0] if values and values[0] else None


def words(request: web.Request, name: str) -> tuple[str, ...]:
    """A query parameter given many times, or with commas."""
    return tuple(one for value in request.query.getall(name, []) for one in value.split(",") if one)


def number(request: web.Request, name: str, *, least: int, most: int) -> int | None:
    """A whole number of the query within its range."""
    text = word(request, name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not least <= int(text[:18]) <= most:
        raise RequestError(f"{name} must be a number from {least} to {most}")
    return int(text)


def limit(request: web.Request) -> int:
    """How many items a page shall have."""
    return number(request, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT


def choice(request: web.Request, name: str, allowed: tuple[str, ...]) -> str | None:
    """One of a few words of the query."""
    text = word(request, name)
    if text is not None and text not in allowed:
        raise RequestError(f"{name} must be one of {', '.join(allowed)}")
    return text


def truth(request: web.Request, name: str) -> bool | None:
    """`true` or `false`."""
    text = choice(request, name, ("true", "false"))
    return None if text is None else text == "true"


def instant(request: web.Request, name: str) -> datetime | None:
    """A moment in RFC 3339 with its offset."""
    text = word(request, name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a bare + in a query reads as blank
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC some moments of year 1 and 9999 lie outside
        pass
    raise RequestError(f"{name} must be a moment such as 2026-11-24T12:00:00Z")
