# SPDX-License-Identifier: Apache-2.0
"""What an attacker may take: time for heads and bodies, size, connections, requests at once."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import FormData, web

from gateway.web import APILimits
from gateway.web.bodies import BodyClock, BodyLimits
from gateway.web.listeners import Address, ConnectionLimits, Listening, limited_body, listen
from tests.api import API, running_api
from tests.builders import invoice

QUICK = BodyLimits(piece_seconds=0.1, total_seconds=0.25)


async def _echo(request: web.Request) -> web.Response:
    body = b"".join([chunk async for chunk in limited_body(request, ceiling=1000, limits=QUICK)])
    return web.Response(body=body)


@asynccontextmanager
async def _server(host: str = "127.0.0.1", **limits: float) -> AsyncIterator[Listening]:
    app = web.Application()
    app.router.add_post("/", _echo)
    granted = {"lingering_seconds": 0.1, **limits}
    listening = await listen(
        app,
        [Address(host, 0)],
        limits=ConnectionLimits(**granted),  # type: ignore[arg-type]
    )
    try:
        yield listening
    finally:
        await listening.close()


async def _raw(listening: Listening, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces, then read until the server closes."""
    address = listening.addresses[0]
    reader, writer = await asyncio.open_connection(address.host, address.port)
    answer = asyncio.create_task(_until_closed(reader))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
    except ConnectionError:
        pass  # the answer was early
    try:
        return await asyncio.wait_for(answer, 5)
    finally:
        writer.close()


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    gathered = b""
    try:
        while piece := await reader.read(65536):
            gathered += piece
    except ConnectionError:
        pass
    return gathered


async def test_a_head_that_does_not_end_is_cut_off() -> None:
    async with _server(head_seconds=0.1) as listening:
        for pieces in ((b"",), (b"POST / HTTP/1.1\r\nHost: a\r\n",)):
            answer = await _raw(listening, *pieces)
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"Connection: close" in answer
        assert listening.door.open == 0


async def test_what_is_no_http_leaves_a_line_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with _server() as listening:
        answer = await _raw(
            listening, b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk_x\0\r\n\r\n"
        )
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert "request_unreadable" in [record.getMessage() for record in caplog.records]
    assert "sk_x" not in caplog.text


async def test_a_head_in_pieces_is_taken() -> None:
    async with _server(head_seconds=0.5) as listening:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"
        answer = await _raw(listening, *(head[n : n + 1] for n in range(len(head))))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"hi")


async def test_a_kept_connection_ends_with_its_time() -> None:
    async with _server(keepalive_seconds=0.1) as listening:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        answer = await _raw(listening, head, b"POST / HTTP/1.1\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.count(b"HTTP/1.1") == 1


async def test_a_body_that_stalls_or_trickles_is_cut_off() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n"
    async with _server() as listening:
        answer = await _raw(listening, head + b"x")
        assert answer.startswith(b"HTTP/1.1 408 ")
        trickle = (b"x" for _ in range(8))
        answer = await _raw(listening, head, *trickle, pause=0.05)
        assert answer.startswith(b"HTTP/1.1 408 "), "every piece in time, the whole is not"
        assert listening.door.open == 0


async def test_a_body_that_only_drips_is_cut_off_long_before_its_time() -> None:
    limits = BodyLimits(piece_seconds=5, total_seconds=60, grace_seconds=0.1, bytes_per_second=1000)
    drops = 0

    async def drip(size: int) -> bytes:
        nonlocal drops
        await asyncio.sleep(0.02)
        drops += 1
        return b"x" * size

    enough = BodyClock(limits)
    for _ in range(20):
        await enough.within(drip(100))
    assert drops == 20, "faster than the rate"
    with pytest.raises(web.HTTPRequestTimeout):
        await _take(BodyClock(limits), (drip(1) for _ in range(100)))
    assert drops < 40


async def _take(clock: BodyClock, pieces: Iterable[Coroutine[None, None, bytes]]) -> None:
    for piece in pieces:
        await clock.within(piece)


async def test_a_body_has_a_ceiling_announced_or_not() -> None:
    async with _server() as listening:
        exactly = b"x" * 1000
        for body, status in ((exactly, b"200"), (exactly + b"x", b"413")):
            plain = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            answer = await _raw(listening, plain % len(body) + body)
            assert answer.startswith(b"HTTP/1.1 " + status)
            chunked = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            chunked += b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body)
            answer = await _raw(listening, chunked + body + b"\r\n0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 " + status)


async def test_an_encoded_body_is_refused_unread() -> None:
    async with _server() as listening:
        for encoding, status in ((b"gzip", b"415"), (b"Identity", b"200")):
            head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n"
            answer = await _raw(listening, head + b"Content-Encoding: " + encoding + b"\r\n\r\nhi")
            assert answer.startswith(b"HTTP/1.1 " + status)


async def test_connections_have_a_cap() -> None:
    async with _server(connections=2, head_seconds=5) as listening:
        address = listening.addresses[0]
        held = [await asyncio.open_connection(address.host, address.port) for _ in range(2)]
        answer = await _raw(listening)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1" in answer
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.05)
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        assert (await _raw(listening, head)).startswith(b"HTTP/1.1 200 ")


async def test_ipv6_is_listened_on() -> None:
    async with _server("::1") as listening:
        assert str(listening.addresses[0]).startswith("[::1]:")
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        assert (await _raw(listening, head)).startswith(b"HTTP/1.1 200 ")


async def test_a_port_that_is_taken_stops_the_start() -> None:
    async with _server() as listening:
        taken = listening.addresses[0]
        with pytest.raises(OSError, match="address already in use"):
            await listen(web.Application(), [Address("127.0.0.1", 0), taken])


@asynccontextmanager
async def _small(folder: Path, **limits: object) -> AsyncIterator[API]:
    granted = {"body": BodyLimits(piece_seconds=0.1, total_seconds=1), **limits}
    async with running_api(folder, limits=APILimits(**granted)) as api:  # type: ignore[arg-type]
        yield api


async def test_documents_have_a_ceiling_in_every_form(tmp_path: Path) -> None:
    document = invoice()
    async with _small(tmp_path, document_bytes=len(document)) as api:
        assert (await api.submit(document)).status == 202
        reply = await api.submit(invoice(note="x"))
        assert (reply.status, reply.code) == (413, "too_large")
        assert reply.json["limit"] == len(document)
        form = FormData()
        form.add_field("document", document + b" " * 70000, filename="a")
        reply = await api.call("POST", "/v1/documents", data=form)
        assert (reply.status, reply.code) == (413, "too_large")
        form = FormData()
        form.add_field("document", document, filename="a")
        form.add_field("metadata", '{"reference": "' + "x" * 70000 + '"}')
        reply = await api.call("POST", "/v1/documents", data=form)
        assert (reply.status, reply.code) == (413, "too_large")
    async with _small(tmp_path / "2", json_bytes=100) as api:
        body = {"document": {"xml_base64": base64.b64encode(document).decode()}}
        reply = await api.call("POST", "/v1/documents", json=body)
        assert (reply.status, reply.code) == (413, "too_large")


async def test_a_stalled_upload_is_answered_with_a_problem(tmp_path: Path) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"<Invoice"
        await asyncio.sleep(0.3)
        yield b"/>"

    async with _small(tmp_path) as api:
        reply = await api.call(
            "POST", "/v1/documents", data=stalled(), headers={"Content-Type": "application/xml"}
        )
        assert (reply.status, reply.code) == (408, "request_timeout")


async def test_an_upload_that_breaks_off_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with _small(tmp_path) as api:
        _, _, place = api.url.partition("//")
        reader, writer = await asyncio.open_connection(*place.split(":"))
        head = f"POST /v1/documents HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.key}\r\n"
        head += "Content-Type: application/xml\r\nContent-Length: 9000000\r\n\r\n<a>"
        writer.write(head.encode() + b"x" * 2_000_000)
        await writer.drain()
        writer.close()
        await reader.read()
        while "request_answered" not in caplog.text:  # noqa: ASYNC110 - only the log tells
            await asyncio.sleep(0.01)
        assert (await api.call("GET", "/v1/documents")).json["data"] == []
    assert [record.levelname for record in caplog.records if record.levelno > 20] == []
    assert not [path for path in (tmp_path / "payloads").rglob("*") if path.is_file()]


async def test_requests_at_once_have_a_cap(tmp_path: Path) -> None:
    async with _small(tmp_path, requests=1) as api:
        location = (await api.submit(invoice())).headers["Location"]
        waiting = asyncio.create_task(api.call("GET", f"{location}?wait=1"))
        await asyncio.sleep(0.1)
        reply = await api.call("GET", "/v1/me")
        assert (reply.status, reply.code) == (503, "overloaded")
        assert reply.headers["Retry-After"] == "1"
        assert reply.json["retryable"] is True
        assert (await waiting).status == 200
        assert (await api.call("GET", "/v1/me")).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data; name=document\r\n\r\n<a/>",
        b"--b\r\nContent-Disposition: form-data; name=document\r\n\r\n<a/>\r\n--b",
        b"--other\r\n\r\n--other--",
        b"--b\r\nbroken header\r\n\r\n\r\n--b--\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\n<a/>\r\n--b--\r\n",
        b"--b\r\nContent-Disposition: form-data; name=other\r\n\r\n<a/>\r\n--b--\r\n",
        b"--b\r\nContent-Disposition: form-data; name=metadata\r\n\r\n{}\r\n--b--\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
        b"--b\r\n" + b"A: b\r\n" * 10_000 + b"\r\n\r\n--b--\r\n",
        b"--b\r\nA: " + b"b" * 100_000 + b"\r\n\r\n\r\n--b--\r\n",
    ],
)
async def test_broken_forms_are_refused(tmp_path: Path, body: bytes) -> None:
    async with _small(tmp_path) as api:
        for content_type in ("multipart/form-data; boundary=b", "multipart/form-data"):
            reply = await api.call(
                "POST", "/v1/documents", data=body, headers={"Content-Type": content_type}
            )
            assert (reply.status, reply.code) == (400, "malformed_request")
