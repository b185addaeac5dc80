# SPDX-License-Identifier: Apache-2.0
"""Fetching a file that an operator named, from real TLS servers on loopback."""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.net.download import DOWNLOADS, MAX_REDIRECTS, download
from gateway.net.session import NetworkPolicy
from gateway.sandbox.pki import LocalPKI
from gateway.service.errors import AddressRefusedError, UnreachableError


@dataclass(frozen=True, slots=True)
class Site:
    """Where the files are, and the policy that lets us there."""

    url: str
    policy: NetworkPolicy

    async def fetch(self, path: str, *, ceiling: int = 1_000) -> bytes:
        target = io.BytesIO()
        await download(self.url + path, target, ceiling=ceiling, policy=self.policy)
        return target.getvalue()


async def answer(request: web.Request) -> web.StreamResponse:
    path = request.path
    if path == "/to-http":
        raise web.HTTPFound("http://127.0.0.1:9/x.zip")
    if path.startswith("/away/"):
        left = int(path.rpartition("/")[2])
        raise web.HTTPFound(f"/away/{left - 1}" if left else "/x.zip")
    if path == "/endless":
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"0" * 100)
        return response
    if path == "/x.zip":
        return web.Response(body=b"the file")
    raise web.HTTPNotFound


@pytest.fixture
async def site(tmp_path: Path, local_pki: LocalPKI) -> AsyncIterator[Site]:
    issued = local_pki.issue_tls(["127.0.0.1"], at=datetime.now(UTC))
    for name, data in (("c", issued.certificate_pem), ("k", issued.key_pem)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "ca").write_bytes(local_pki.tls_ca.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    server = TestServer(application, host="127.0.0.1", scheme="https")
    await server.start_server(ssl=context)
    policy = replace(
        DOWNLOADS, allow_private=True, allowed_ports=frozenset(), ca_file=str(tmp_path / "ca")
    )
    yield Site(f"https://127.0.0.1:{server.port}", policy)
    await server.close()


async def test_a_file_also_behind_redirects(site: Site) -> None:
    assert await site.fetch("/x.zip") == b"the file"
    assert await site.fetch(f"/away/{MAX_REDIRECTS - 1}") == b"the file"


async def test_redirects_end_somewhere(site: Site) -> None:
    with pytest.raises(UnreachableError, match="redirects"):
        await site.fetch(f"/away/{MAX_REDIRECTS}")


async def test_what_is_larger_than_allowed_is_not_read_to_its_end(site: Site) -> None:
    with pytest.raises(UnreachableError, match="more than 1000 bytes"):
        await site.fetch("/endless")


async def test_no_file_is_no_file(site: Site) -> None:
    with pytest.raises(UnreachableError, match="404"):
        await site.fetch("/lost.zip")


async def test_only_https_also_behind_a_redirect(site: Site) -> None:
    with pytest.raises(AddressRefusedError, match="not https"):
        await site.fetch("/to-http")
    with pytest.raises(AddressRefusedError, match="not https"):
        await download("http://example.org/x.zip", io.BytesIO(), ceiling=1)


async def test_progress_is_told(site: Site) -> None:
    told: list[tuple[int, int | None]] = []
    await download(
        f"{site.url}/x.zip",
        io.BytesIO(),
        ceiling=100,
        policy=site.policy,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (8, 8)
