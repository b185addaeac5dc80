# SPDX-License-Identifier: Apache-2.0
"""Runs a POST once under its idempotency key: read all of the body, look for an answer, then act.

The body is read before the key is looked up, because the fingerprint of the whole body decides
whether this is the same request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from gateway.errors import GatewayError
from gateway.service.errors import IdempotencyKeyTakenError
from gateway.service.idempotency import Claim, Fingerprint, Idempotency
from gateway.service.records import Caller, IdempotentAnswer
from gateway.web.middleware import problem
from gateway.web.parts import PARTS

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = ("Content-Type", "Location")
_FORM = "multipart/form-data"

_T = TypeVar("_T")


class Once:
    """One request on its way: its claim, its fingerprint, and whether its answer is stored."""

    def __init__(self, idempotency: Idempotency, claim: Claim, fingerprint: Fingerprint) -> None:
        self._idempotency = idempotency
        self._claim = claim
        self.fingerprint = fingerprint
        self._stored = False

    def answer(self, response: web.Response) -> IdempotentAnswer | None:
        """The answer for a store that keeps it in the same commit as the effect."""
        self._stored = True
        return self._made(response)

    async def remember(self, response: web.Response) -> None:
        """Keep the answer, unless it was stored with its effect."""
        if not self._stored:
            await self._idempotency.remember(self._made(response))

    async def replay(self) -> web.Response | None:
        """The first answer, if there was one."""
        stored = await self._idempotency.replay(self._claim, self.fingerprint)
        return _again(stored) if stored is not None else None

    def forget(self) -> None:
        """The commit did not happen."""
        self._stored = False

    def _made(self, response: web.Response) -> IdempotentAnswer | None:
        body = response.body
        assert isinstance(body, bytes), "answers of a POST are made of bytes"
        return self._idempotency.answer(
            self._claim,
            self.fingerprint,
            status=response.status,
            headers={
                name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers
            },
            body=body,
        )


async def run_once(
    request: web.Request,
    caller: Caller,
    read: Callable[[Fingerprint], Awaitable[_T]],
    act: Callable[[_T, Once], Awaitable[web.Response]],
) -> web.Response:
    """Read the body through the fingerprint, then act, or answer again what was answered before.

    `read` leaves judging to `act`: what it raises is not remembered.
    """
    idempotency = request.app[PARTS].idempotency
    whole = request.content_type == _FORM  # its boundary differs at each try
    fingerprint = Fingerprint(
        method=request.method,
        path=request.path_qs,
        organisation=caller.organisation.id,
        content_type=_FORM if whole else request.headers.get("Content-Type", ""),
    )
    header = request.headers.get(HEADER)
    async with idempotency.claim(caller.organisation.id, header) as claim:
        once = Once(idempotency, claim, fingerprint)
        given = await read(fingerprint)
        again = await once.replay()
        return again if again is not None else await _act(request, once, given, act)


async def _act(
    request: web.Request,
    once: Once,
    given: _T,
    act: Callable[[_T, Once], Awaitable[web.Response]],
) -> web.Response:
    try:
        response = await act(given, once)
    except IdempotencyKeyTakenError:
        again = await once.replay()  # another process was first
        if again is None:
            raise
        return again
    except GatewayError as error:
        response = problem(request, error)
        once.forget()
    await once.remember(response)
    return response


def _again(stored: IdempotentAnswer) -> web.Response:
    return web.Response(
        status=stored.status, headers={**stored.headers, REPLAYED: "true"}, body=stored.body
    )
