# SPDX-License-Identifier: Apache-2.0
"""TLS: a new certificate is served to new connections without a restart."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import web

from gateway.sandbox.pki import LocalPKI
from gateway.web.listeners import Address, listen
from gateway.web.tls import ServerCertificate
from tests.pki_fixtures import AT


def _write(pki: LocalPKI, folder: Path) -> None:
    issued = pki.issue_tls(["127.0.0.1"], at=AT)
    (folder / "tls.pem").write_bytes(issued.certificate_pem)
    (folder / "tls.key").write_bytes(issued.key_pem)


def _client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # which certificate it is, is what is asked here
    return context


async def _served(address: Address) -> bytes:
    reader, writer = await asyncio.open_connection(address.host, address.port, ssl=_client())
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 404 ")
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return bytes(found)


async def test_a_new_certificate_is_served_to_new_connections(
    local_pki: LocalPKI, tmp_path: Path
) -> None:
    _write(local_pki, tmp_path)
    certificate = ServerCertificate(certificate=tmp_path / "tls.pem", key=tmp_path / "tls.key")
    listening = await listen(web.Application(), [Address("127.0.0.1", 0)], tls=certificate.context)
    try:
        address = listening.addresses[0]
        first = await _served(address)
        assert certificate.reload_if_changed() is False
        _write(local_pki, tmp_path)
        assert await _served(address) == first, "not before it was looked at"
        assert certificate.reload_if_changed() is True
        second = await _served(address)
        assert second != first
        (tmp_path / "tls.key").write_bytes(b"half a k")
        assert certificate.reload_if_changed() is False
        assert await _served(address) == second, "what does not fit changes nothing"
        (tmp_path / "tls.pem").unlink()
        assert certificate.reload_if_changed() is False
    finally:
        await listening.close()


async def test_the_files_are_watched(local_pki: LocalPKI, tmp_path: Path) -> None:
    _write(local_pki, tmp_path)
    certificate = ServerCertificate(certificate=tmp_path / "tls.pem", key=tmp_path / "tls.key")
    _write(local_pki, tmp_path)
    watching = asyncio.create_task(certificate.watch(every=0.01))
    await asyncio.sleep(0.1)
    watching.cancel()
    assert certificate.reload_if_changed() is False, "the watch was first"


async def test_a_handshake_without_tls_is_dropped(local_pki: LocalPKI, tmp_path: Path) -> None:
    _write(local_pki, tmp_path)
    certificate = ServerCertificate(certificate=tmp_path / "tls.pem", key=tmp_path / "tls.key")
    assert certificate.context.minimum_version is ssl.TLSVersion.TLSv1_2
    listening = await listen(web.Application(), [Address("127.0.0.1", 0)], tls=certificate.context)
    try:
        address = listening.addresses[0]
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
    finally:
        await listening.close()


def test_a_key_that_does_not_fit_stops_the_start(local_pki: LocalPKI, tmp_path: Path) -> None:
    _write(local_pki, tmp_path)
    (tmp_path / "tls.key").write_bytes(local_pki.issue_tls(["a"], at=AT).key_pem)
    with pytest.raises(ssl.SSLError):
        ServerCertificate(certificate=tmp_path / "tls.pem", key=tmp_path / "tls.key")
