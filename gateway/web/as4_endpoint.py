# SPDX-License-Identifier: Apache-2.0
"""The door for other access points: hands headers and pieces of the body over, sends the answer.

It knows nothing of what it carries. GET answers a short text, because monitoring asks.
"""

from __future__ import annotations

import logging
from time import perf_counter

from aiohttp import web

from gateway import correlation
from gateway.service.receive import Receiver, Reply
from gateway.web.bodies import DEFAULT_LIMITS, BodyLimits, limited_body
from gateway.web.health import healthz

RETRY_AFTER_SECONDS = 10

_LOG = logging.getLogger("gateway.as4")


class AS4Door:
    """Lets so many messages in at once; more are asked to come back, before their body is read."""

    def __init__(
        self,
        receiver: Receiver,
        *,
        max_body_bytes: int,
        max_in_flight: int,
        limits: BodyLimits = DEFAULT_LIMITS,
    ) -> None:
        self._receiver = receiver
        self._ceiling = max_body_bytes
        self._room = max_in_flight
        self._limits = limits

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take one message."""
        if self._room <= 0:
            _LOG.warning("message_put_off", extra={"remote": request.remote})
            busy = web.HTTPServiceUnavailable(
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)}, text="Busy, please try again.\n"
            )
            busy.force_close()
            raise busy
        self._room -= 1
        try:
            return await self._take(request)
        finally:
            self._room += 1

    async def _take(self, request: web.Request) -> web.StreamResponse:
        started = perf_counter()
        reply = await self._reply(request)
        _log(request, reply, (perf_counter() - started) * 1000)
        response = web.Response(status=reply.status, body=reply.body)
        for name, value in reply.headers:
            response.headers[name] = value
        if not request.content.is_eof():
            response.force_close()  # answered early; the rest must not be taken for a request
        return response

    async def _reply(self, request: web.Request) -> Reply:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
        )
        # The engine names what is wrong with a message; only what it never sees is refused here.
        body = limited_body(request, ceiling=self._ceiling, limits=self._limits)
        try:
            return await self._receiver.receive(headers, body)
        except web.HTTPException as refused:
            _LOG.info("request_refused", extra={"status": refused.status, "why": refused.text})
            raise
        except Exception:  # noqa: BLE001  a bug: the sender hears that it should try again
            _LOG.exception("message_failed", extra={"remote": request.remote})
            return self._receiver.unable()


def as4_application(
    receiver: Receiver,
    *,
    path: str,
    max_body_bytes: int,
    max_in_flight: int,
    limits: BodyLimits = DEFAULT_LIMITS,
) -> web.Application:
    """The AS4 endpoint under `path`."""
    door = AS4Door(
        receiver, max_body_bytes=max_body_bytes, max_in_flight=max_in_flight, limits=limits
    )
    application = web.Application()
    application.add_routes(
        [
            web.post(path, door.post),
            web.get(path, _get, allow_head=True),
            web.get("/healthz", healthz),
        ]
    )
    return application


async def _get(_: web.Request) -> web.Response:
    return web.Response(text="An AS4 endpoint of the Peppol network. Messages come by POST.\n")


def _log(request: web.Request, reply: Reply, milliseconds: float) -> None:
    correlation.current.set(reply.message_id)
    _LOG.log(
        logging.ERROR if reply.ours else logging.INFO,
        "message_received" if reply.taken else "message_refused",
        extra={
            "outcome": reply.outcome,
            "why": reply.why,
            "as4_message": reply.message_id,
            "document": reply.document_id,
            "status": reply.status,
            "bytes": request.content_length,
            "remote": request.remote,
            "ms": round(milliseconds, 3),
        },
    )
