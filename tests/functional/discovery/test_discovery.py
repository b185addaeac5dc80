# SPDX-License-Identifier: Apache-2.0
"""A real SMP over HTTP with its database, a real name server, and lookups through both."""

from __future__ import annotations

import base64
import io
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway import smp
from gateway.identifiers import DocumentTypeId
from gateway.net.resolver import DNSResolver
from gateway.net.session import SANDBOX
from gateway.net.smp_client import SMPReader
from gateway.pki import Role
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.lookup import Lookup, LookupFailedError
from gateway.service.metadata_publisher import PublishFailedError, PublishRefusedError
from gateway.service.records import Participant
from gateway.store.metadata import MetadataStore
from gateway.web.smp_endpoint import Credentials
from tests.discovery_builders import AT, BILLING, CREDIT_NOTE, INVOICE, RECEIVER, ZONE, pint
from tests.discovery_fakes import SettableClock
from tests.functional.discovery.network import AP_URL, PASSWORD, USER, RunningSMP, StartSMP, Zone


def lookup(running: RunningSMP, nameserver: str, local_pki: LocalPKI) -> Lookup:
    return Lookup(
        resolver=DNSResolver(nameservers=[nameserver], lifetime_seconds=2),
        transport=SMPReader(session=running.session, policy=SANDBOX),
        smp_trust=local_pki.trust(Role.SMP),
        ap_trust=local_pki.trust(Role.AP),
        revocation=lambda: local_pki.revocation(AT),
        clock=SettableClock(),
        zone=ZONE,
        allow_http=True,
    )


def served(*document_types: DocumentTypeId) -> Participant:
    return Participant(
        id=RECEIVER,
        organisation="org_1",
        document_types=tuple((kind, BILLING) for kind in document_types),
        country="NL",
    )


@pytest.mark.parametrize("path", ["", "/some/smp"])
async def test_published_then_found(
    start_smp: StartSMP,
    zone: tuple[Zone, str],
    local_pki: LocalPKI,
    receiver_leaf: IssuedLeaf,
    path: str,
) -> None:
    answers, nameserver = zone
    running = await start_smp(path)
    answers.register(RECEIVER, running.url)
    wildcard = pint("urn:peppol:pint:billing-1*")
    await running.publisher(receiver_leaf).publish(served(INVOICE, wildcard))
    finder = lookup(running, nameserver, local_pki)
    found = await finder.resolve(RECEIVER, INVOICE, BILLING)
    assert (found.url, found.certificate) == (AP_URL, receiver_leaf.certificate)
    found = await finder.resolve(RECEIVER, pint("urn:peppol:pint:billing-1@eu-1"), BILLING)
    assert found.document_type == wildcard
    report = await finder.survey(RECEIVER)
    assert {kind["outcome"] for kind in report["document_types"]} == {"reachable"}

    with pytest.raises(LookupFailedError) as caught:
        await finder.resolve(RECEIVER, CREDIT_NOTE, BILLING)
    assert caught.value.code == "document_type_not_supported"
    assert len(caught.value.report["document_types"]) == 2

    await running.publisher(receiver_leaf).publish(served(CREDIT_NOTE))
    assert (await finder.resolve(RECEIVER, CREDIT_NOTE, BILLING, fresh=True)).url == AP_URL
    with pytest.raises(LookupFailedError):
        await finder.resolve(RECEIVER, INVOICE, BILLING, fresh=True)


async def test_who_is_not_registered(
    start_smp: StartSMP, zone: tuple[Zone, str], local_pki: LocalPKI
) -> None:
    answers, nameserver = zone
    finder = lookup(await start_smp(), nameserver, local_pki)
    with pytest.raises(LookupFailedError) as caught:
        await finder.resolve(RECEIVER, INVOICE, BILLING)
    assert caught.value.code == "not_registered"
    answers.broken = True
    with pytest.raises(LookupFailedError) as caught:
        await finder.resolve(RECEIVER, INVOICE, BILLING, fresh=True)
    assert caught.value.code == "dns_unavailable"


async def test_every_writing_of_an_address_is_understood(
    start_smp: StartSMP, receiver_leaf: IssuedLeaf
) -> None:
    running = await start_smp()
    odd = DocumentTypeId.parse("busdox-docid-qns::http://a/b/services/c+d::R##x@y#z::1.0")
    star = pint("urn:peppol:pint:billing-1*")
    await running.publisher(receiver_leaf).publish(served(odd, star))
    path = smp.metadata_path(RECEIVER, odd)
    status, _ = await running.get(path)
    assert status == 200
    for other in (
        path.replace("%3A", ":"),
        path.replace("%3A", "%3a").replace("%2F", "%2f"),
        path.replace("+", "%2B"),
        path.replace("iso6523", "%69so6523"),
        path.replace("0106", "%30106"),
        smp.metadata_path(RECEIVER, star),
        smp.metadata_path(RECEIVER, star).replace("%2A", "*"),
    ):
        assert (await running.get(other))[0] == 200, other
    for other in (path.replace("%3A", "%253A"), path.replace("busdox", "BUSDOX"), path + "x", "/x"):
        assert (await running.get(other))[0] == 404, other
    status, body = await running.get(smp.group_path(RECEIVER))
    assert smp.parse_service_group(body).document_types == (odd, star)


async def test_who_may_write(start_smp: StartSMP, receiver_leaf: IssuedLeaf) -> None:
    running = await start_smp()
    with pytest.raises(PublishRefusedError):
        await running.publisher(receiver_leaf, password="wrong").publish(served(INVOICE))
    path = smp.group_path(RECEIVER)
    for method in ("PUT", "DELETE"):
        async with running.session.request(method, running.url + path, data=b"<x/>") as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert (await running.get(path))[0] == 404
    assert (await running.get(f"/list/{USER}"))[0] == 401
    assert (await running.get("/list/other", login=True))[0] == 403
    status, body = await running.get(f"/list/{USER}", login=True)
    assert (status, b"ServiceGroupReference " in body) == (200, False)


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !", "Basic Z2F0ZXdheTo=", "Bearer x", "basic Z2F0ZXdheTpzZWNyZXQ="],
)
def test_headers_that_are_no_login(header: str) -> None:
    assert not Credentials(user=USER, password=PASSWORD).admits(header)
    assert not Credentials(user="gateway", password="").admits("Basic Z2F0ZXdheTo=")


async def test_a_database_that_cannot_be_used(
    tmp_path: Path, start_smp: StartSMP, receiver_leaf: IssuedLeaf
) -> None:
    running = await start_smp()
    with sqlite3.connect(tmp_path / "smp0.db") as database:
        database.execute("DROP TABLE smp_record")
    status, body = await running.get(smp.metadata_path(RECEIVER, INVOICE))
    assert (status, body) == (503, b"The SMP cannot answer now.\n")
    with pytest.raises(PublishFailedError):
        await running.publisher(receiver_leaf).publish(served(INVOICE))


async def test_bodies_that_are_refused(start_smp: StartSMP) -> None:
    running = await start_smp()
    writer, path = running.writer(), smp.group_path(RECEIVER)
    for body in (b"<ServiceGroup", b"<!DOCTYPE a><a/>", b"<x/>", b""):
        assert (await writer.call("PUT", path, body)).status == 400
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "text/xml"}
    large = io.BytesIO(b"x" * (1024 * 1024 + 1))
    async with running.session.put(running.url + path, data=large, headers=headers) as response:
        assert response.status == 413
    headers["Content-Type"] = "application/json"
    async with running.session.put(running.url + path, data=b"{}", headers=headers) as response:
        assert response.status == 415
    assert (await writer.call("DELETE", path)).status == 404
    assert (await writer.call("DELETE", "/foo")).status == 400


async def test_what_is_written_survives_a_restart(
    tmp_path: Path, start_smp: StartSMP, receiver_leaf: IssuedLeaf
) -> None:
    running = await start_smp()
    await running.publisher(receiver_leaf).publish(served(INVOICE))
    reopened = await MetadataStore.open(f"sqlite:///{tmp_path}/smp0.db")
    before = reopened.version()
    assert await reopened.document_types(RECEIVER) == [INVOICE]
    assert reopened.version() == before
    await running.publisher(receiver_leaf).withdraw(RECEIVER)
    assert reopened.version() != before
    assert await reopened.document_types(RECEIVER) is None
    assert await reopened.records(RECEIVER) == []
    await reopened.close()


async def test_an_smp_that_redirects(
    start_smp: StartSMP, zone: tuple[Zone, str], local_pki: LocalPKI, receiver_leaf: IssuedLeaf
) -> None:
    answers, nameserver = zone
    old = await start_smp()
    new = await start_smp(leaf=local_pki.issue(Role.SMP, "POP000118", at=AT))
    await new.publisher(receiver_leaf).publish(served(INVOICE))
    await old.publisher(receiver_leaf).publish(served(INVOICE))
    path = smp.metadata_path(RECEIVER, INVOICE)
    redirect = smp.Redirect(
        href=new.url + quote(path, safe="/%"), certificate_uid=new.leaf.certificate.subject
    )
    body = smp.build_service_metadata(redirect)
    assert (await old.writer().call("PUT", path, body)).status == 200
    answers.register(RECEIVER, old.url)
    finder = lookup(old, nameserver, local_pki)
    found = await finder.resolve(RECEIVER, INVOICE, BILLING)
    assert found.report["smp"]["redirected"]
    assert found.signer == new.leaf.certificate
