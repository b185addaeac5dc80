# SPDX-License-Identifier: Apache-2.0
"""Starts servers on host and port lists, each under limits; TLS, IPv4 and IPv6 alike.

aiohttp bounds the size of a request's head but not the time it takes; `connections.Gate` does. The
limits of bodies are in `bodies.py` and given out from here too.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.web.bodies import BodyLimits, limited_body
from gateway.web.connections import ConnectionLimits, Door, Gate

__all__ = [
    "Address",
    "BodyLimits",
    "ConnectionLimits",
    "Listening",
    "limited_body",
    "listen",
]

READ_BUFFER = 256 * 1024  # pieces of a large body come at this size, not at 64 kB
BACKLOG = 1024
TLS_HANDSHAKE_SECONDS = 15.0
MAX_PORT = 65535

DEFAULT_LIMITS = ConnectionLimits()

_LOG = logging.getLogger("gateway.http")


class Unreadable(logging.Filter):
    """Makes one plain line of each request that is no HTTP: strangers send them all day.

    aiohttp would write its stack, and in it a piece of the request, which may be a key.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, without what the stranger wrote."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args, record.exc_info = "request_unreadable", (), None
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.why = type(error).__name__
        return True


_LOG.addFilter(Unreadable())


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: a host name or address, and a port; 0 takes any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `127.0.0.1:9002`, `[::1]:9002` or `:9002`, which means every address."""
        host, separator, port = text.rpartition(":")
        if not separator or not port.isascii() or not port.isdigit() or int(port) > MAX_PORT:
            raise ValueError(f"{text!r} is not host:port")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise ValueError(f"{text!r}: write an IPv6 address in brackets")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Listening:
    """A started application with its ports. `close` stops it, letting requests end first."""

    def __init__(self, runner: web.AppRunner, servers: list[asyncio.Server], door: Door) -> None:
        self._runner = runner
        self._servers = servers
        self.door = door

    @property
    def addresses(self) -> tuple[Address, ...]:
        """What is listened on, with the ports that were chosen for 0."""
        names = (socket.getsockname() for server in self._servers for socket in server.sockets)
        return tuple(Address(name[0], name[1]) for name in names)

    async def close(self) -> None:
        """Take no more connections, let running requests end, close the application."""
        for server in self._servers:
            server.close()
        await self._runner.cleanup()


async def listen(
    app: web.Application,
    addresses: Sequence[Address],
    *,
    tls: ssl.SSLContext | None = None,
    limits: ConnectionLimits = DEFAULT_LIMITS,
) -> Listening:
    """Start `app` on every address. All or none: a port that is taken stops the rest."""
    runner = web.AppRunner(
        app,
        access_log=None,  # middleware.py writes one line a request
        logger=_LOG,
        auto_decompress=False,  # bodies.py refuses what is encoded
        keepalive_timeout=limits.keepalive_seconds,
        lingering_time=limits.lingering_seconds,
        read_bufsize=READ_BUFFER,
        shutdown_timeout=limits.shutdown_seconds,
    )
    await runner.setup()
    listening = Listening(runner, [], Door(limits))
    try:
        for address in addresses:
            listening._servers.append(await _open(runner, address, tls, listening.door))  # noqa: SLF001
    except OSError:
        await listening.close()
        raise
    return listening


async def _open(
    runner: web.AppRunner, address: Address, tls: ssl.SSLContext | None, door: Door
) -> asyncio.Server:
    handlers = runner.server
    assert handlers is not None, "the runner was set up"
    return await asyncio.get_running_loop().create_server(
        lambda: Gate(handlers(), door),
        address.host or None,
        address.port,
        ssl=tls,
        ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS if tls is not None else None,
        backlog=BACKLOG,
    )
