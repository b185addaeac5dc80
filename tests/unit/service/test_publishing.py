# SPDX-License-Identifier: Apache-2.0
"""The SMP role: what it takes, what it refuses, what it remembers."""

from __future__ import annotations

import pytest

from gateway import smp
from gateway.errors import GatewayError
from gateway.identifiers import InvalidIdentifierError, ParticipantId
from gateway.pki import Role
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.errors import NotFoundError
from gateway.service.publishing import Publishing
from tests.discovery_builders import AT, CREDIT_NOTE, INVOICE, RECEIVER, endpoint, information, pint
from tests.discovery_fakes import MemoryRecords, SettableClock

GROUP, KIND = RECEIVER.uri, INVOICE.uri


class Desk:
    """An SMP with one group in it."""

    def __init__(self, local_pki: LocalPKI, leaf: IssuedLeaf, receiver: IssuedLeaf) -> None:
        self.pki = local_pki
        self.records = MemoryRecords()
        self.signer = CountingSigner(leaf)
        self.receiver = receiver
        self.publishing = Publishing(
            records=self.records,
            signer=self.signer,
            ap_trust=local_pki.trust(Role.AP),
            revocation=lambda: local_pki.revocation(AT),
            clock=SettableClock(),
            public_url="https://smp.example.org/x/",
        )

    def record(self, **changed: object) -> bytes:
        return smp.build_service_metadata(information(endpoint(self.receiver, **changed)))

    async def made(self) -> None:
        group = smp.ServiceGroup(participant=RECEIVER, document_types=())
        body = smp.build_service_group(group, base_url="")
        await self.publishing.put_group(GROUP, body, owner="u")


class CountingSigner:
    """Signs and counts."""

    def __init__(self, leaf: IssuedLeaf) -> None:
        self._pair = leaf.pair
        self.certificate = leaf.certificate
        self.signed = 0

    def sign(self, data: bytes) -> bytes:
        self.signed += 1
        return self._pair.sign(data)


@pytest.fixture
async def desk(local_pki: LocalPKI, smp_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> Desk:
    made = Desk(local_pki, smp_leaf, receiver_leaf)
    await made.made()
    return made


async def test_a_record_is_signed_when_it_is_asked_for(desk: Desk, local_pki: LocalPKI) -> None:
    await desk.publishing.put_metadata(GROUP, KIND, desk.record())
    assert desk.signer.signed == 0
    answer = await desk.publishing.service_metadata(GROUP, KIND)
    found = smp.verify(
        answer, trust=local_pki.trust(Role.SMP), revocation=local_pki.revocation(AT), at=AT
    )
    assert found.metadata == information(endpoint(desk.receiver))


async def test_it_is_signed_once_as_long_as_it_stays_the_same(desk: Desk) -> None:
    await desk.publishing.put_metadata(GROUP, KIND, desk.record())
    first = await desk.publishing.service_metadata(GROUP, KIND)
    assert await desk.publishing.service_metadata(GROUP, KIND) is first
    assert (desk.signer.signed, desk.records.reads) == (1, 1)
    await desk.publishing.put_metadata(GROUP, KIND, desk.record())  # the same again
    assert await desk.publishing.service_metadata(GROUP, KIND) is first
    assert (desk.signer.signed, desk.records.reads) == (1, 2)
    await desk.publishing.put_metadata(GROUP, KIND, desk.record(description="new"))
    assert b">new<" in await desk.publishing.service_metadata(GROUP, KIND)
    await desk.publishing.delete_metadata(GROUP, KIND)
    with pytest.raises(NotFoundError):
        await desk.publishing.service_metadata(GROUP, KIND)


async def test_memory_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.service.publishing.MAX_REMEMBERED", 1)
    for kind in (INVOICE, CREDIT_NOTE):
        record = information(endpoint(desk.receiver), document_type=kind)
        body = smp.build_service_metadata(record)
        await desk.publishing.put_metadata(GROUP, kind.uri, body)
    for kind in (INVOICE, CREDIT_NOTE, INVOICE):
        await desk.publishing.service_metadata(GROUP, kind.uri)
    assert desk.signer.signed == 3


async def test_references_point_below_the_public_address(desk: Desk) -> None:
    await desk.publishing.put_metadata(GROUP, KIND, desk.record())
    group = await desk.publishing.service_group(GROUP)
    assert b'href="https://smp.example.org/x/iso6523-actorid-upis%3A%3A0106%3A12345678/' in group
    assert smp.parse_service_group(group).document_types == (INVOICE,)
    assert b"smp.example.org/x/iso6523" in await desk.publishing.groups("u")
    assert await desk.publishing.groups("v") != await desk.publishing.groups("u")
    assert b"ServiceInformation" in await desk.publishing.complete_group(GROUP)


async def test_the_case_of_a_value_does_not_matter(desk: Desk) -> None:
    upper, body = "iso6523-actorid-upis::9915:AbC", ParticipantId("9915:abc")
    group = smp.ServiceGroup(participant=body, document_types=())
    written = smp.build_service_group(group, base_url="")
    assert await desk.publishing.put_group(upper, written, owner="u")
    assert not await desk.publishing.put_group(upper.lower(), written, owner="u")
    assert b">9915:abc<" in await desk.publishing.service_group("iso6523-actorid-upis::9915:ABC")


@pytest.mark.parametrize(
    ("group", "kind", "body"),
    [
        (GROUP, CREDIT_NOTE.uri, None),
        ("iso6523-actorid-upis::0106:99999999", KIND, None),
        ("0106:12345678", KIND, None),
        ("other::0106:12345678", KIND, None),
        (GROUP, INVOICE.value, None),
        (GROUP, f"busdox-docid-qns::{pint('a*').value}", None),
        (GROUP, pint("a**").uri, None),
        (GROUP, KIND, b"<ServiceMetadata"),
        (GROUP, KIND, b"<x/>"),
        (GROUP, KIND, b""),
    ],
)
async def test_writing_what_does_not_fit(
    desk: Desk, group: str, kind: str, body: bytes | None
) -> None:
    with pytest.raises((smp.RegistrationRefusedError, InvalidIdentifierError)):
        await desk.publishing.put_metadata(group, kind, desk.record() if body is None else body)
    assert desk.records.kept[RECEIVER] == {}


async def test_a_record_needs_its_group(desk: Desk) -> None:
    await desk.publishing.delete_group(GROUP)
    with pytest.raises(NotFoundError):
        await desk.publishing.put_metadata(GROUP, KIND, desk.record())


async def test_a_group_of_another(desk: Desk) -> None:
    group = smp.ServiceGroup(participant=ParticipantId("9915:other"), document_types=())
    body = smp.build_service_group(group, base_url="")
    for bad in (body, b"<ServiceGroup", b"<x/>"):
        with pytest.raises(smp.RegistrationRefusedError):
            await desk.publishing.put_group(GROUP, bad, owner="u")


async def test_reading_what_cannot_exist_is_not_found(desk: Desk) -> None:
    publishing = desk.publishing
    for group, kind in (("foo", KIND), (GROUP, "x"), (GROUP, KIND), ("a::b", "x")):
        with pytest.raises(NotFoundError):
            await publishing.service_metadata(group, kind)
    with pytest.raises(NotFoundError):
        await publishing.service_group("iso6523-actorid-upis::9915:nobody")
    with pytest.raises(NotFoundError):
        await publishing.delete_all_metadata("iso6523-actorid-upis::9915:nobody")
    with pytest.raises(GatewayError):
        await publishing.delete_group("foo")


async def test_a_redirect_takes_the_place_of_an_endpoint(desk: Desk) -> None:
    await desk.publishing.put_metadata(GROUP, KIND, desk.record())
    redirect = smp.Redirect(href="https://b.example/x", certificate_uid="CN=a")
    await desk.publishing.put_metadata(GROUP, KIND, smp.build_service_metadata(redirect))
    answer = await desk.publishing.service_metadata(GROUP, KIND)
    assert b"Redirect" in answer
    assert b"Endpoint" not in answer
