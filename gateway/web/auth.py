# SPDX-License-Identifier: Apache-2.0
"""Who may call what: every route is an `Endpoint` that names its scope, or one of the open ones.

`mount` is the only way onto the application, so nothing is reachable without a decision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from gateway.service.records import Caller
from gateway.web.parts import PARTS
from gateway.web.problems import InsufficientScopeError, RequestError

Handler = Callable[[web.Request, Caller], Awaitable[web.StreamResponse]]
OpenHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CALLER = web.RequestKey("caller", Caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter as the interface description shows it."""

    name: str
    description: str
    kind: Literal["string", "integer", "boolean"] = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint answers when all went well; a media type alone means bytes.

    `others` are media types that Accept can ask for instead.
    """

    status: int
    shape: Any = None
    media_type: str = "application/json"
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route: who may call it, what it takes and what it answers.

    `scope` None admits every valid key. `bodies` maps media types to shapes, None being bytes.
    `idempotency`: whether a POST takes an idempotency key.
    """

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    scope: str | None
    summary: str
    answer: Answer
    problems: tuple[str, ...] = ()
    query: tuple[Parameter, ...] = ()
    bodies: tuple[tuple[str, Any], ...] = ()
    idempotency: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEndpoint:
    """A route without a key."""

    path: str
    handler: OpenHandler
    summary: str


ENDPOINTS = web.AppKey("endpoints", tuple[Endpoint, ...])
OPEN_ENDPOINTS = web.AppKey("open_endpoints", tuple[OpenEndpoint, ...])


def mount(
    app: web.Application, endpoints: Iterable[Endpoint], open_endpoints: Iterable[OpenEndpoint]
) -> None:
    """Put the routes on the application, each behind its guard."""
    app[ENDPOINTS] = tuple(endpoints)
    app[OPEN_ENDPOINTS] = tuple(open_endpoints)
    for endpoint in app[ENDPOINTS]:
        app.router.add_route(endpoint.method, endpoint.path, _guarded(endpoint))
    for opened in app[OPEN_ENDPOINTS]:
        app.router.add_get(opened.path, opened.handler)  # HEAD too: monitors ask so


def _guarded(endpoint: Endpoint) -> OpenHandler:
    known = frozenset(parameter.name for parameter in endpoint.query)

    async def guarded(request: web.Request) -> web.StreamResponse:
        # The order is the meaning: who, then whether they may, then what they ask.
        caller = await request.app[PARTS].access.check(request.headers.get("Authorization"))
        request[CALLER] = caller
        if endpoint.scope is not None and endpoint.scope not in caller.scopes:
            raise InsufficientScopeError(endpoint.scope)
        if unknown := sorted(set(request.query) - known):
            raise RequestError(f"there is no query parameter {unknown[0][:60]!r} here")
        if "\0" in request.path or any("\0" in value for value in request.query.values()):
            raise RequestError("the address holds a NUL character")  # no database keeps one
        return await endpoint.handler(request, caller)

    return guarded
