# SPDX-License-Identifier: Apache-2.0
"""The one policy of outgoing HTTP, against real servers on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.net.revocation_fetch import RevocationFetcher, crl_policy
from gateway.net.session import (
    SANDBOX,
    NetworkPolicy,
    open_session,
    refuse_address,
    refuse_private,
)
from gateway.net.smp_client import MAX_ANSWER, SMPReader, SMPWriter
from gateway.sandbox.pki import LocalPKI
from gateway.service.errors import AddressRefusedError, UnreachableError

REAL = NetworkPolicy()
NO_LOOPBACK = NetworkPolicy(allow_http=True, allowed_ports=frozenset())


@pytest.mark.parametrize(
    "url",
    [
        "https://smp.example.org",
        "https://smp.example.org:443/iso6523-actorid-upis%3A%3A0106%3A1",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
def test_addresses_of_the_real_network(url: str) -> None:
    assert str(refuse_address(url, REAL)) == url.replace(":443", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://smp.example.org/",
        "https://smp.example.org:8443/",
        "https://user@smp.example.org/",
        "https://user:pw@smp.example.org/",
        "https://:pw@smp.example.org/",
        "https:///x",
        "https://smp.example.org:port/",
        "ftp://smp.example.org/",
        "smp.example.org",
        "https://smp.example.org/a b",
        "https://smp.example.org/\r\nX: y",
        "https://smp.exämple.org/",
        "https://smp.example.org/" + "x" * 2048,
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://[fe80::1%25eth0]/",
        "https://[::ffff:192.168.0.1]/",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        refuse_address(url, REAL)


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_private_addresses(ip: str) -> None:
    with pytest.raises(AddressRefusedError):
        refuse_private(ip, REAL)
    refuse_private(ip, SANDBOX)


Serve = Callable[[web.Application], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[TestServer] = []

    async def start(application: web.Application) -> str:
        server = TestServer(application, host="127.0.0.1")
        await server.start_server()
        servers.append(server)
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(SANDBOX) as opened:
        yield opened


def application(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    made = web.Application()
    made.router.add_route("*", "/{rest:.*}", handler)
    return made


async def test_a_name_is_checked_where_it_is_resolved(serve: Serve) -> None:
    async def never(_: web.Request) -> web.Response:
        raise AssertionError("nobody may get here")

    url = (await serve(application(never))).replace("127.0.0.1", "localhost")
    async with open_session(NO_LOOPBACK) as session:
        with pytest.raises(AddressRefusedError):
            await SMPReader(session=session, policy=NO_LOOPBACK).get(url)


async def test_the_path_is_sent_as_written(serve: Serve, session: aiohttp.ClientSession) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(text="ok")

    url = await serve(application(handler))
    path = "/iso6523-actorid-upis%3A%3A0106%3A1/services/a%3A%3Ahttp%3A%2F%2Fx%23%23b%2A"
    answer = await SMPReader(session=session, policy=SANDBOX).get(url + path)
    assert (answer.status, answer.body, seen) == (200, b"ok", [path])


async def test_redirects_are_not_followed(serve: Serve, session: aiohttp.ClientSession) -> None:
    async def handler(_: web.Request) -> web.Response:
        raise web.HTTPFound("https://elsewhere.example/")

    url = await serve(application(handler))
    assert (await SMPReader(session=session, policy=SANDBOX).get(url)).status == 302


@pytest.mark.parametrize(("size", "fits"), [(MAX_ANSWER, True), (MAX_ANSWER + 1, False)])
async def test_the_ceiling(
    serve: Serve, session: aiohttp.ClientSession, size: int, fits: bool
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * size)

    reader = SMPReader(session=session, policy=SANDBOX)
    url = await serve(application(handler))
    if fits:
        assert len((await reader.get(url)).body) == size
        return
    with pytest.raises(UnreachableError) as caught:
        await reader.get(url)
    assert caught.value.cause == "too_large"


async def test_an_answer_that_breaks_off(serve: Serve, session: aiohttp.ClientSession) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.close()
        return response

    with pytest.raises(UnreachableError):
        await SMPReader(session=session, policy=SANDBOX).get(await serve(application(handler)))


async def test_nobody_listens(session: aiohttp.ClientSession) -> None:
    with pytest.raises(UnreachableError) as caught:
        await SMPReader(session=session, policy=SANDBOX).get("http://127.0.0.1:9")
    assert caught.value.cause == "connection"


async def test_no_tls_where_it_is_due(serve: Serve, session: aiohttp.ClientSession) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    url = (await serve(application(handler))).replace("http:", "https:")
    with pytest.raises(UnreachableError) as caught:
        await SMPReader(session=session, policy=SANDBOX).get(url)
    assert caught.value.cause == "tls"


async def test_a_name_that_may_be_used_is_connected_to(
    serve: Serve, session: aiohttp.ClientSession
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    url = (await serve(application(handler))).replace("127.0.0.1", "localhost")
    assert (await SMPReader(session=session, policy=SANDBOX).get(url)).body == b"ok"


async def test_a_server_that_says_nothing() -> None:
    ended = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        ended.set()

    impatient = NetworkPolicy(
        allow_http=True, allow_private=True, allowed_ports=frozenset(), total_seconds=0.1
    )
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with open_session(impatient) as opened:
        with pytest.raises(UnreachableError) as caught:
            await SMPReader(session=opened, policy=impatient).get(f"http://127.0.0.1:{port}")
    await ended.wait()
    server.close()
    await server.wait_closed()
    assert caught.value.cause == "timeout"


async def test_tls_with_and_without_a_known_authority(tmp_path: Path, local_pki: LocalPKI) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    issued = local_pki.issue_tls(["localhost", "127.0.0.1"], at=datetime.now(UTC))
    for name, data in (("c", issued.certificate_pem), ("k", issued.key_pem)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "ca").write_bytes(local_pki.tls_ca.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    server = TestServer(application(handler), host="127.0.0.1", scheme="https")
    await server.start_server(ssl=context)
    url = f"https://127.0.0.1:{server.port}"
    trusting = replace(SANDBOX, ca_file=str(tmp_path / "ca"))
    async with open_session(trusting) as opened:
        assert (await SMPReader(session=opened, policy=trusting).get(url)).body == b"ok"
    async with open_session(SANDBOX) as opened:
        with pytest.raises(UnreachableError) as caught:
            await SMPReader(session=opened, policy=SANDBOX).get(url)
    assert caught.value.cause == "tls"
    await server.close()


async def test_writing_carries_credentials_and_body(
    serve: Serve, session: aiohttp.ClientSession
) -> None:
    seen: list[tuple[str, str, str, str, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(
            (
                request.method,
                request.raw_path,
                request.headers["Authorization"],
                request.content_type,
                await request.read(),
            )
        )
        return web.Response(status=201)

    base_url = await serve(application(handler))
    writer = SMPWriter(
        session=session, policy=SANDBOX, base_url=base_url + "/smp/", user="u", password="é"
    )
    assert (await writer.call("PUT", "/a%3Ab", b"<x/>")).status == 201
    assert (await writer.call("DELETE", "/a%3Ab")).status == 201
    assert seen[0] == ("PUT", "/smp/a%3Ab", "Basic dTrDqQ==", "application/xml", b"<x/>")
    assert seen[1][0] == "DELETE"


async def test_revocation_lists_come_from_known_hosts_only(
    serve: Serve, session: aiohttp.ClientSession
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"crl", status=200 if request.path == "/a.crl" else 404)

    url = await serve(application(handler))
    host = url.removeprefix("http://")
    policy = crl_policy([host], allow_private=True)
    async with open_session(policy) as opened:
        fetcher = RevocationFetcher(session=opened, policy=policy, hosts=[host])
        assert await fetcher.fetch(url + "/a.crl") == b"crl"
        with pytest.raises(UnreachableError):
            await fetcher.fetch(url + "/b.crl")
        for other in (
            url.replace("127.0.0.1", "localhost"),
            "http://127.0.0.1/a.crl",
            "ldap://x/y",
        ):
            with pytest.raises(AddressRefusedError):
                await fetcher.fetch(other)


def test_the_hosts_of_the_real_network_are_plain_http_on_port_80() -> None:
    policy = crl_policy(["crl.one.nl.digicert.com"])
    assert policy.allowed_ports == {80}
    assert policy.allow_http
    assert not policy.allow_private
