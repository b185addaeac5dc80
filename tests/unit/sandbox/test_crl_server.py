# SPDX-License-Identifier: Apache-2.0
"""Revocation lists over http, signed again before they lapse."""

from __future__ import annotations

from datetime import datetime, timedelta

from pytest_aiohttp.plugin import AiohttpClient

from gateway import pki
from gateway.sandbox.crl_server import CRLs, application
from gateway.sandbox.pki import LocalPKI
from tests.pki_fixtures import AT


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


async def test_lists_are_served_as_the_certificates_name_them(
    aiohttp_client: AiohttpClient, local_pki: LocalPKI
) -> None:
    client = await aiohttp_client(application(CRLs(local_pki.crls, clock=Clock())))
    answer = await client.get("/ap-ca.crl")
    assert answer.status == 200
    assert answer.content_type == "application/pkix-crl"
    issuers = [authority.certificate for authority in local_pki.authorities]
    assert pki.load_crl(await answer.read(), issuers=issuers)
    assert (await client.get("/other.crl")).status == 404
    assert "/root.crl" in await (await client.get("/")).text()


def test_lists_are_renewed_in_time(local_pki: LocalPKI) -> None:
    clock = Clock()
    crls = CRLs(local_pki.crls, clock=clock)
    first = crls.get("root.crl")
    clock.at += timedelta(days=1)
    assert crls.get("root.crl") == first
    clock.at += timedelta(days=1)
    renewed = crls.get("root.crl")
    assert renewed is not None
    assert renewed != first
    issuers = [authority.certificate for authority in local_pki.authorities]
    assert pki.load_crl(renewed, issuers=issuers)
