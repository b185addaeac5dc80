# SPDX-License-Identifier: Apache-2.0
"""The door for other access points: hands headers and pieces of the body over, sends the answer.

It knows nothing of what it carries. GET answers a short text, because monitoring asks.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter

from aiohttp import web

from gateway.service.receive import Receiver
from gateway.web.listeners import limited_body

RECEIVER = web.AppKey("receiver", Receiver)

_LOG = logging.getLogger("gateway.as4")

Body = Callable[[web.Request], AsyncIterator[bytes]]


def as4_routes(path: str, *, max_body_bytes: int) -> list[web.RouteDef]:
    """The routes of the AS4 endpoint under `path`."""

    async def post(request: web.Request) -> web.StreamResponse:
        return await _post(request, max_body_bytes)

    handler: Callable[[web.Request], Awaitable[web.StreamResponse]] = post
    return [web.post(path, handler), web.get(path, _get, allow_head=True)]


async def _get(_: web.Request) -> web.Response:
    return web.Response(
        text="This is an AS4 endpoint of the Peppol network. Send messages by POST.\n"
    )


async def _post(request: web.Request, ceiling: int) -> web.StreamResponse:
    started = perf_counter()
    headers = tuple((name.decode(), value.decode("latin-1")) for name, value in request.raw_headers)
    body = limited_body(request, ceiling=ceiling)
    reply = await request.app[RECEIVER].receive(headers, body)
    _LOG.info(
        "message_received" if reply.outcome == "received" else "message_answered",
        extra={
            "outcome": reply.outcome,
            "as4_message": reply.message_id,
            "document": reply.document_id,
            "status": reply.status,
            "bytes": request.content_length,
            "ms": round((perf_counter() - started) * 1000, 3),
        },
    )
    response = web.Response(status=reply.status, body=reply.body)
    for name, value in reply.headers:
        response.headers[name] = value
    if not request.content.at_eof():
        response.force_close()  # answered without reading on; the rest must not be a next request
    return response
