# SPDX-License-Identifier: Apache-2.0
"""A cheap HTTP client for load: kept connections, requests written as ready bytes.

It reads what ours and Java's servers answer and no more: a status, headers, a body with
Content-Length or in chunks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from benchmarks.messages import Request

ANSWER_SECONDS = 30.0
READ_LIMIT = 1024 * 1024


class BrokenOffError(Exception):
    """No answer: the server cannot be reached, or went away before it had answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds after the request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float = 0.0


def post(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as bytes."""
    parts = urlsplit(url)
    lines = {"Host": parts.netloc, **headers, "Content-Length": str(len(body))}
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    return head.encode("latin-1") + b"\r\n" + body


def get(url: str) -> bytes:
    """A GET as bytes."""
    parts = urlsplit(url)
    return f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("latin-1")


def post_message(url: str, request: Request) -> bytes:
    """An AS4 message as the bytes of its HTTP request."""
    return post(url, dict(request.headers), request.body)


class Connection:
    """One kept connection, opened when it is needed."""

    def __init__(self, url: str, *, patience: float = ANSWER_SECONDS) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> Answer:
        """Send and read the answer. Raises `BrokenOffError`."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(
                        self._host, self._port, limit=READ_LIMIT
                    )
                reader, writer = self._streams
                writer.write(request)
                answer = await _read(reader)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.close()
            raise BrokenOffError from error
        if ("connection", "close") in answer.headers:
            self.close()
        return replace(answer, seconds=time.perf_counter() - started)

    def close(self) -> None:
        """Close it; the next `send` opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = tuple(
        (name.strip().lower(), value.strip())
        for name, _, value in (line.partition(":") for line in head[1:] if line)
    )
    named = dict(headers)
    if named.get("transfer-encoding") == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(named.get("content-length", "0")))
    return Answer(status=int(head[0].split(" ", 2)[1]), headers=headers, body=body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        chunks.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(chunks)


async def drive(
    url: str, requests: Iterator[bytes], *, connections: int, patience: float = ANSWER_SECONDS
) -> list[Answer]:
    """Send all, over so many connections at once; each sends its next when it has its answer."""
    answers: list[Answer] = []

    async def one() -> None:
        connection = Connection(url, patience=patience)
        try:
            answers.extend([await connection.send(request) for request in requests])
        finally:
            connection.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return answers
