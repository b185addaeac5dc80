# SPDX-License-Identifier: Apache-2.0
"""How a request's body is read: in pieces, under a ceiling, against the clock.

aiohttp applies its own size limit only to bodies read whole, and has no limit for one that stalls.
What is raised here are aiohttp's own exceptions, so that they mean the same at every door.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How long a body may take: between two pieces, as a whole, and for what has come so far.

    The third keeps one who sends a byte now and then from holding a place for the whole time.
    """

    piece_seconds: float = 20.0
    total_seconds: float = 900.0  # 100 MB over a line of 1 Mbit/s
    grace_seconds: float = 30.0  # of waiting, before the rate counts
    bytes_per_second: float = 8192.0  # a poor mobile line does better


DEFAULT_LIMITS = BodyLimits()


class BodyTooLargeError(web.HTTPRequestEntityTooLarge):
    """413, with the limit that was passed."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_size=limit, text=f"the body is larger than {limit} bytes")
        self.limit = limit
        self.force_close()


class BodyClock:
    """Watches the time that reading one body takes; starts when made."""

    def __init__(self, limits: BodyLimits = DEFAULT_LIMITS) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits
        self._end = self._loop.time() + limits.total_seconds
        self._granted = limits.grace_seconds  # waiting that the sender may still cost us

    async def within(self, piece: Coroutine[Any, Any, _T]) -> _T:
        """The next piece, or aiohttp's 408, or 400 when the sender is gone."""
        asked = self._loop.time()
        patience = min(self._limits.piece_seconds, self._granted)
        try:
            async with asyncio.timeout_at(min(self._end, asked + patience)):
                came = await piece
        except TimeoutError:
            late = web.HTTPRequestTimeout(text="the body came too slowly")
            late.force_close()
            raise late from None
        except (ConnectionError, web.RequestPayloadError) as error:
            broken = web.HTTPBadRequest(text="the body broke off")
            broken.force_close()
            raise broken from error
        # Only waiting counts: how long we work on a piece is no fault of the sender.
        self._granted -= self._loop.time() - asked
        if isinstance(came, bytes | bytearray):
            self._granted += len(came) / self._limits.bytes_per_second
        return came


async def limited_body(
    request: web.Request, *, ceiling: int, limits: BodyLimits = DEFAULT_LIMITS
) -> AsyncIterator[bytes]:
    """The body in pieces, never more than `ceiling` bytes of it.

    Raises aiohttp's 413, 415 and 408, each of which also closes the connection.
    """
    refuse_encoding(request)
    refuse_announced(request, ceiling)
    clock = BodyClock(limits)
    received = 0
    while chunk := await clock.within(request.content.readany()):
        received += len(chunk)
        if received > ceiling:
            raise BodyTooLargeError(ceiling)
        yield chunk


def refuse_encoding(request: web.Request) -> None:
    """Raise 415 for a body under Content-Encoding: its unpacked size would be anybody's guess."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        refused = web.HTTPUnsupportedMediaType(text="send the body without Content-Encoding")
        refused.force_close()
        raise refused


def refuse_announced(request: web.Request, ceiling: int) -> None:
    """Raise 413 for a body that says itself that it is too large, before reading any of it."""
    if request.content_length is not None and request.content_length > ceiling:
        raise BodyTooLargeError(ceiling)
