# SPDX-License-Identifier: Apache-2.0
"""DNS servers for tests: one that answers what it is told, byte for byte, over UDP and TCP."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Answer = Callable[[bytes, bool], bytes | None]  # query and "over TCP" -> answer; None is silence


@dataclass
class FakeDNS:
    """Where it listens and what it was asked."""

    address: str = ""
    queries: list[tuple[bytes, bool]] = field(default_factory=list)


@asynccontextmanager
async def running_dns(answer: Answer) -> AsyncIterator[FakeDNS]:
    """Listen on one port for both transports."""
    seen = FakeDNS()

    class Datagrams(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast("asyncio.DatagramTransport", transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            seen.queries.append((data, False))
            reply = answer(data, False)
            if reply is not None:
                self.transport.sendto(reply, addr)

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        query = await reader.readexactly(length)
        seen.queries.append((query, True))
        reply = answer(query, True)
        if reply is not None:
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Datagrams, ("127.0.0.1", port))
    seen.address = f"127.0.0.1:{port}"
    try:
        yield seen
    finally:
        transport.close()
        server.close()
        await server.wait_closed()


def same_id(query: bytes, answer: bytes) -> bytes:
    """A recorded answer under the id and with the question of this query."""
    question_end = 12 + query[12:].index(b"\0") + 5
    return query[:2] + answer[2:12] + query[12:question_end] + answer[question_end:]
