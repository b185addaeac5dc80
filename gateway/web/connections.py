# SPDX-License-Identifier: Apache-2.0
"""Stands between a connection and aiohttp: how many there are, and how long a head may take.

A connection over the cap is told 503 and closed; one whose first head does not end in time, 408.
Later heads on a kept connection are bounded by aiohttp's keep-alive time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

_HEAD_END = b"\r\n\r\n"
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)
_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What one listening application grants to those who connect."""

    connections: int = 1000
    head_seconds: float = 10.0  # from connecting to the end of the first request's head
    keepalive_seconds: float = 75.0  # a new TLS connection costs more than a message does
    lingering_seconds: float = 2.0  # reading on after an early answer, so that it is seen
    shutdown_seconds: float = 20.0


class Door:
    """Counts the open connections of one listening application."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.open = 0

    @property
    def full(self) -> bool:
        """Whether one more is too many."""
        return self.open >= self.limits.connections


class Gate(asyncio.Protocol):
    """One connection: hands everything to aiohttp's handler once it was let in."""

    def __init__(self, inner: asyncio.Protocol, door: Door) -> None:
        self._inner = inner
        self._door = door
        self._inside = False
        self._transport: asyncio.Transport | None = None
        self._tail = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or say that the house is full."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._door.full:
            transport.write(_BUSY)
            transport.close()
            return
        self._inside = True
        self._door.open += 1
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._door.limits.head_seconds, self._too_slow)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on; watch for the end of the first head."""
        if not self._inside:
            return
        if self._timer is not None:
            seen = self._tail + data
            self._tail = seen[-len(_HEAD_END) + 1 :]
            if _HEAD_END in seen:
                self._stop_timer()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._inner.eof_received() if self._inside else None

    def pause_writing(self) -> None:
        """Pass on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on and count."""
        self._stop_timer()
        if self._inside:
            self._inside = False
            self._door.open -= 1
            self._inner.connection_lost(exc)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._tail = None, b""

    def _too_slow(self) -> None:
        self._timer = None
        if self._transport is not None:
            self._transport.write(_SLOW)
            self._transport.close()
