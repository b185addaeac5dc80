# SPDX-License-Identifier: Apache-2.0
"""Around every request of the REST interface: its id, its one log line, its problems, its limit.

The log line holds ids, counts and times; never a payload, a key or a participant.
"""

from __future__ import annotations

import logging
import re
from time import perf_counter

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway import correlation
from gateway.errors import GatewayError
from gateway.web.auth import CALLER
from gateway.web.languages import preferred_language
from gateway.web.parts import PARTS
from gateway.web.problems import SERVER_FAULT, OverloadedError, ProblemWriter

REQUEST_ID = web.RequestKey("request_id", str)
TRACE_ID = web.RequestKey("trace_id", str)
PROBLEMS = web.AppKey("problems", ProblemWriter)

_LOG = logging.getLogger("gateway.api")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C


class InFlight:
    """How many requests are being answered, against a cap."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self.now = 0

    def __enter__(self) -> None:
        if self.now >= self._cap:
            raise OverloadedError("too many requests at once")
        self.now += 1

    def __exit__(self, *_: object) -> None:
        self.now -= 1


def surround(app: web.Application) -> None:
    """Put all of this around an application that has its `PARTS`."""
    app[PROBLEMS] = ProblemWriter(type_base=app[PARTS].problem_type_base)
    in_flight = InFlight(app[PARTS].limits.requests)

    @web.middleware
    async def observed(request: web.Request, handler: Handler) -> web.StreamResponse:
        request[REQUEST_ID] = app[PARTS].ids.prefixed("req")
        if trace := _TRACEPARENT.fullmatch(request.headers.get("traceparent", "")):
            request[TRACE_ID] = trace.group(1)
        correlation.current.set(request[REQUEST_ID])
        started = perf_counter()
        try:
            with in_flight:
                response = await handler(request)
        except web.HTTPRedirection as elsewhere:  # pages beside the interface send people on
            _log(request, elsewhere, started)
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets a problem
            response = problem(request, error)
        if not request.content.is_eof():
            response.force_close()  # the unread rest must not be taken for a next request
        _log(request, response, started)
        return response

    app.middlewares.append(observed)
    app.on_response_prepare.append(_stamp)


def problem(request: web.Request, error: Exception) -> web.Response:
    """The problem document of an error; what nobody foresaw goes to the log with its trace."""
    response = request.app[PROBLEMS].write(
        error,
        request_id=request[REQUEST_ID],
        language=preferred_language(request.headers.get("Accept-Language", "")),
    )
    if response.status >= SERVER_FAULT and not isinstance(error, OverloadedError):
        foreseen = isinstance(error, GatewayError)
        facts = {"request": request[REQUEST_ID], "error": type(error).__name__}
        if foreseen:
            facts["why"] = str(error)
        _LOG.error("request_failed", extra=facts, exc_info=None if foreseen else error)
    return response


async def _stamp(request: web.Request, response: web.StreamResponse) -> None:
    if REQUEST_ID in request:
        response.headers["X-Request-Id"] = request[REQUEST_ID]
    response.headers.setdefault("Cache-Control", "no-store")


def _log(request: web.Request, response: web.StreamResponse, started: float) -> None:
    caller = request.get(CALLER)
    resource = request.match_info.route.resource
    _LOG.info(
        "request_answered",
        extra={
            "request": request[REQUEST_ID],
            "trace": request.get(TRACE_ID),
            "method": request.method,
            "route": resource.canonical if resource is not None else None,
            "status": response.status,
            "organisation": caller.organisation.id if caller else None,
            "key": caller.key_id if caller else None,
            "bytes": request.content_length,
            "ms": round((perf_counter() - started) * 1000, 3),
        },
    )
