# SPDX-License-Identifier: Apache-2.0
"""What can be seen of HTTP at our door and at our client: connections, and how bodies come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import aiohttp
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Guest:
    """One request at our door: the connection it came on, and whether its body was chunked."""

    connection: object
    chunked: bool


@dataclass
class Guests:
    """Those who came to our door; the answers to the next `lose` of them get lost on their way."""

    came: list[Guest] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)  # the bodies
    lose: int = 0

    @classmethod
    def watching(cls, door: web.Application) -> Guests:
        """Watch a door that is not open yet."""
        guests = cls()
        door.middlewares.append(guests._middleware())
        return guests

    @property
    def connections(self) -> int:
        return len({one.connection for one in self.came})

    def _middleware(self) -> web.Middleware:
        @web.middleware
        async def watch(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            assert request.transport is not None
            address = request.transport.get_extra_info("peername")
            chunked = "chunked" in request.headers.get("Transfer-Encoding", "")
            self.came.append(Guest(address, chunked))
            response = await handler(request)
            assert isinstance(response, web.Response)
            self.answers.append(response.body)
            if self.lose:
                self.lose -= 1
                request.transport.abort()
            return response

        return watch


@dataclass
class Calls:
    """How our client connected: anew, or over a connection that it kept."""

    new: int = 0
    kept: int = 0

    @classmethod
    def watching(cls, session: aiohttp.ClientSession) -> Calls:
        """Watch a client."""
        calls = cls()
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(calls._created)
        trace.on_connection_reuseconn.append(calls._reused)
        trace.freeze()
        session.trace_configs.append(trace)
        return calls

    async def _created(self, _: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
        self.new += 1

    async def _reused(self, _: aiohttp.ClientSession, __: SimpleNamespace, ___: object) -> None:
        self.kept += 1
