# SPDX-License-Identifier: Apache-2.0
"""Lookups: every way one can end, what the report says then, and what is remembered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway import pki, smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.pki import Role
from gateway.sandbox.pki import Flaw, IssuedLeaf, LocalPKI
from gateway.service.errors import AddressRefusedError, DNSUnavailableError, UnreachableError
from gateway.service.lookup import Lookup, LookupFailedError
from gateway.service.ports import NAPTRAnswer
from tests.discovery_builders import (
    AP_URL,
    AT,
    BILLING,
    CREDIT_NOTE,
    INVOICE,
    OTHER_PROCESS,
    RECEIVER,
    SMP_URL,
    ZONE,
    endpoint,
    information,
    pint,
)
from tests.discovery_fakes import FakeResolver, FakeWeb, SettableClock, naptr_answer
from tests.pki_fixtures import fresh_pki, shared_key

MINUTE = timedelta(minutes=1)
OTHER_SMP = "https://other.example.org/smp"


class World:
    """A network with one receiver; a test breaks one thing in it."""

    def __init__(self, local_pki: LocalPKI, receiver: IssuedLeaf, smp_leaf: IssuedLeaf) -> None:
        self.pki = local_pki
        self.smp_leaf = smp_leaf
        self.clock = SettableClock()
        self.dns = FakeResolver()
        self.web = FakeWeb()
        self.revocation = local_pki.revocation(AT, days=800)
        self.publish(information(endpoint(receiver)))
        self.web.publish_group(RECEIVER, INVOICE)
        self.lookup = self.make()

    def make(self, **changed: Any) -> Lookup:
        fields: dict[str, Any] = {
            "resolver": self.dns,
            "transport": self.web,
            "smp_trust": self.pki.trust(Role.SMP),
            "ap_trust": self.pki.trust(Role.AP),
            "revocation": lambda: self.revocation,
            "clock": self.clock,
            "zone": ZONE,
        }
        return Lookup(**(fields | changed))

    def publish(
        self,
        record: smp.ServiceMetadata,
        *,
        kind: DocumentTypeId = INVOICE,
        signer: IssuedLeaf | None = None,
        base_url: str = SMP_URL,
    ) -> None:
        leaf = signer or self.smp_leaf
        self.web.publish(
            record, leaf.pair, participant=RECEIVER, document_type=kind, base_url=base_url
        )

    def url(self, kind: DocumentTypeId = INVOICE, base_url: str = SMP_URL) -> str:
        return base_url + smp.metadata_path(RECEIVER, kind)

    async def fails(self, kind: DocumentTypeId = INVOICE, **changed: Any) -> LookupFailedError:
        with pytest.raises(LookupFailedError) as caught:
            await self.make(**changed).resolve(RECEIVER, kind, BILLING)
        report = caught.value.report
        json.dumps(report)
        assert report["outcome"] == caught.value.outcome
        assert report["cause"] == caught.value.cause
        assert report["dns"]["name"] == smp.dns_name(RECEIVER, ZONE)
        return caught.value


@pytest.fixture
def world(local_pki: LocalPKI, receiver_leaf: IssuedLeaf, smp_leaf: IssuedLeaf) -> World:
    return World(local_pki, receiver_leaf, smp_leaf)


async def test_the_endpoint_is_found(world: World, receiver_leaf: IssuedLeaf) -> None:
    found = await world.lookup.resolve(RECEIVER, INVOICE, BILLING)
    assert found.url == AP_URL
    assert found.certificate == receiver_leaf.certificate
    assert found.document_type == INVOICE
    assert {entry.kind for entry in found.evidence} == {"smp_answer", "certificate"}
    assert found.report == {
        "outcome": "reachable",
        "cause": None,
        "participant": {"scheme": "iso6523-actorid-upis", "value": "0106:12345678"},
        "checked_at": "2026-11-22T12:00:00.000Z",
        "from_cache": False,
        "expires_at": "2026-11-22T12:05:00.000Z",
        "dns": {
            "name": smp.dns_name(RECEIVER, ZONE),
            "zone": ZONE,
            "rcode": "NOERROR",
            "records": ['100 10 "U" "Meta:SMP" "!.*!https://smp.example.org!" .'],
            "smp_url": SMP_URL,
            "ms": found.report["dns"]["ms"],
        },
        "smp": {
            "status": 200,
            "signature": "valid",
            "certificate": found.report["smp"]["certificate"],
            "redirected": False,
            "ms": found.report["smp"]["ms"],
        },
        "document_types": [
            {
                "scheme": INVOICE.scheme,
                "value": INVOICE.value,
                "name": "Peppol BIS Billing 3 Invoice",
                "processes": [{"scheme": BILLING.scheme, "value": BILLING.value}],
            }
        ],
        "endpoint": {
            "url": AP_URL,
            "transport_profile": "peppol-transport-as4-v2_0",
            "activation": None,
            "expiration": None,
            "technical_contact": "mailto:support@example.org",
            "certificate": found.report["endpoint"]["certificate"],
        },
        "match": {
            "kind": "exact",
            "document_type": {"scheme": INVOICE.scheme, "value": INVOICE.value},
            "process": {"scheme": BILLING.scheme, "value": BILLING.value},
        },
        "advice": [],
    }
    certificate = found.report["endpoint"]["certificate"]
    assert certificate["sha256"] == receiver_leaf.certificate.sha256
    assert (certificate["role"], certificate["revocation"]) == ("AP", "good")
    assert found.report["smp"]["certificate"]["revocation"] == "good"


@pytest.mark.parametrize(
    ("answer", "outcome", "cause", "retry"),
    [
        (NAPTRAnswer(rcode="NXDOMAIN", records=(), ttl=0), "not_registered", "nxdomain", False),
        (NAPTRAnswer(rcode="NOERROR", records=(), ttl=0), "not_registered", "nodata", False),
        (naptr_answer("http://smp.example"), "not_registered", "faulty_smp_address", False),
        (DNSUnavailableError("x"), "dns_unavailable", "servfail", True),
        (DNSUnavailableError("x", cause="timeout"), "dns_unavailable", "timeout", True),
    ],
    ids=["nxdomain", "nodata", "http", "servfail", "timeout"],
)
async def test_dns(world: World, answer: Any, outcome: str, cause: str, retry: bool) -> None:
    world.dns.answer = answer
    error = await world.fails()
    assert (error.outcome, error.code, error.cause, error.retry) == (outcome, outcome, cause, retry)
    assert world.web.urls == []
    assert error.report["smp"] is None


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (500, "http_status"),
        (302, "http_status"),
        (UnreachableError("x", cause="tls"), "tls"),
        (UnreachableError("x", cause="timeout"), "timeout"),
        (UnreachableError("x", cause="too_large"), "too_large"),
        (AddressRefusedError("x"), "address_refused"),
        (b"<html/>", "not_metadata"),
        (b"nonsense", "not_xml"),
        (b"<!DOCTYPE x><x/>", "not_xml"),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value)[:30],
)
async def test_an_smp_that_gives_no_answer(world: World, answer: Any, cause: str) -> None:
    world.web.answers[world.url()] = answer
    error = await world.fails()
    assert (error.outcome, error.cause, error.retry) == ("smp_unavailable", cause, True)


async def test_a_document_type_that_is_not_taken(world: World) -> None:
    error = await world.fails(CREDIT_NOTE)
    assert (error.code, error.cause) == ("document_type_not_supported", "document_type")
    assert not error.retry
    assert [kind["value"] for kind in error.report["document_types"]] == [INVOICE.value]


async def test_an_smp_that_does_not_know_the_participant(world: World) -> None:
    world.web.answers.clear()
    error = await world.fails()
    assert (error.code, error.cause) == ("document_type_not_supported", "unknown_to_smp")


async def test_the_list_of_alternatives_is_a_courtesy(world: World) -> None:
    world.web.answers[SMP_URL + smp.group_path(RECEIVER)] = 500
    error = await world.fails(CREDIT_NOTE)
    assert (error.code, error.cause) == ("document_type_not_supported", "document_type")


async def test_another_process_does_not_do(world: World) -> None:
    with pytest.raises(LookupFailedError) as caught:
        await world.lookup.resolve(RECEIVER, INVOICE, OTHER_PROCESS)
    assert caught.value.code == "process_not_supported"
    assert caught.value.report["document_types"][0]["processes"][0]["value"] == BILLING.value


async def test_endpoints_that_do_not_do(world: World, receiver_leaf: IssuedLeaf) -> None:
    for changed, code, cause in (
        (
            {"transport_profile": "busdox-transport-start"},
            "no_supported_transport",
            "transport_profile",
        ),
        ({"address": "http://ap.example.org"}, "no_supported_transport", "endpoint_address"),
        ({"expiration": AT - MINUTE}, "endpoint_not_active", "expired"),
        ({"activation": AT + MINUTE}, "endpoint_not_active", "not_yet_active"),
        ({"certificate": "AAAA"}, "receiver_certificate_untrusted", "unreadable"),
    ):
        world.publish(information(endpoint(receiver_leaf, **changed)))
        error = await world.fails()
        assert (error.code, error.cause, error.retry) == (code, cause, False)
        if code.startswith("receiver"):
            assert error.report["endpoint"]["url"] == AP_URL


@pytest.mark.parametrize(
    ("flaw", "code", "cause"),
    [
        (Flaw.EXPIRED, "receiver_certificate_expired", "expired"),
        (Flaw.NOT_YET, "receiver_certificate_untrusted", "not_yet_valid"),
        (Flaw.REVOKED, "receiver_certificate_revoked", "revoked"),
        (Flaw.FOREIGN, "receiver_certificate_untrusted", "untrusted"),
        (Flaw.NO_KEYENC, "receiver_certificate_untrusted", "untrusted"),
    ],
)
async def test_the_receivers_certificate(flaw: Flaw, code: str, cause: str) -> None:
    own = fresh_pki()
    world = World(
        own,
        own.issue(Role.AP, "POP000119", at=AT, flaw=flaw, key=shared_key("flawed")),
        own.issue(Role.SMP, "POP000120", at=AT, key=shared_key("smp")),
    )
    error = await world.fails()
    assert (error.outcome, error.code) == ("receiver_certificate_invalid", code)
    assert (error.cause, error.retry) == (cause, False)


async def test_an_smp_certificate_is_no_receiver(world: World, smp_leaf: IssuedLeaf) -> None:
    world.publish(information(endpoint(smp_leaf)))
    error = await world.fails()
    assert (error.code, error.cause) == ("receiver_certificate_untrusted", "wrong_role")


async def test_revocation_that_is_not_known_is_tried_again(world: World) -> None:
    world.revocation = pki.Revocation.none()
    error = await world.fails()
    assert (error.outcome, error.code) == ("smp_signature_invalid", "revocation_unknown")
    assert error.retry
    lenient = world.pki.trust(Role.SMP, unknown_revocation=pki.Unknown.ACCEPT)
    error = await world.fails(smp_trust=lenient)
    assert (error.outcome, error.code) == ("receiver_certificate_invalid", "revocation_unknown")
    assert error.retry


async def test_signatures_of_the_wrong_hand(world: World, receiver_leaf: IssuedLeaf) -> None:
    record = information(endpoint(receiver_leaf))
    world.publish(record, signer=receiver_leaf)
    error = await world.fails()
    assert (error.code, error.cause) == ("smp_signature_invalid", "wrong_role")
    assert error.report["smp"]["signature"] == "invalid"
    assert not error.retry

    world.publish(record)
    data = world.web.answers[world.url()]
    assert isinstance(data, bytes)
    world.web.answers[world.url()] = data.replace(b"ap.example", b"xx.example")
    error = await world.fails()
    assert (error.code, error.cause) == ("smp_signature_invalid", "signature_wrong")


async def test_somebody_elses_record(world: World, receiver_leaf: IssuedLeaf) -> None:
    other = information(endpoint(receiver_leaf), participant=ParticipantId("0106:99999999"))
    world.publish(other)
    error = await world.fails()
    assert (error.code, error.cause) == ("smp_signature_invalid", "other_participant")
    world.publish(information(endpoint(receiver_leaf), document_type=CREDIT_NOTE))
    error = await world.fails()
    assert (error.code, error.cause) == ("smp_signature_invalid", "other_document_type")


async def test_values_ignore_case(world: World, receiver_leaf: IssuedLeaf) -> None:
    asked = ParticipantId("9944:NL123456789B01")
    record = information(endpoint(receiver_leaf), participant=ParticipantId(asked.folded))
    world.web.publish(record, world.smp_leaf.pair, participant=asked, document_type=INVOICE)
    assert (await world.lookup.resolve(asked, INVOICE, BILLING)).url == AP_URL


class TestRedirects:
    """One is followed, to the SMP that it names."""

    @pytest.fixture
    def other_leaf(self, local_pki: LocalPKI) -> IssuedLeaf:
        return local_pki.issue(Role.SMP, "POP000113", at=AT, key=shared_key("other smp"))

    def redirect(self, world: World, other: IssuedLeaf, **changed: str) -> smp.Redirect:
        return smp.Redirect(
            **{
                "href": world.url(base_url=OTHER_SMP),
                "certificate_uid": other.certificate.subject,
            }
            | changed
        )

    async def test_followed(
        self, world: World, other_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
    ) -> None:
        world.publish(self.redirect(world, other_leaf))
        record = information(endpoint(receiver_leaf))
        world.publish(record, signer=other_leaf, base_url=OTHER_SMP)
        found = await world.lookup.resolve(RECEIVER, INVOICE, BILLING)
        assert found.url == AP_URL
        assert found.report["smp"]["redirected"]
        assert found.signer == other_leaf.certificate
        assert world.web.urls == [world.url(), world.url(base_url=OTHER_SMP)]

    async def test_another_signer(
        self, world: World, other_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
    ) -> None:
        record = information(endpoint(receiver_leaf))
        world.publish(record, signer=other_leaf, base_url=OTHER_SMP)
        for named in (world.smp_leaf.certificate.subject, "abc"):
            world.publish(self.redirect(world, other_leaf, certificate_uid=named))
            error = await world.fails()
            assert (error.code, error.cause) == ("smp_signature_invalid", "redirect_certificate")

    async def test_a_second_one(self, world: World, other_leaf: IssuedLeaf) -> None:
        redirect = self.redirect(world, other_leaf)
        world.publish(redirect)
        world.publish(redirect, signer=other_leaf, base_url=OTHER_SMP)
        error = await world.fails()
        assert (error.code, error.cause) == ("smp_unavailable", "redirect_loop")

    async def test_an_address_that_must_not_be_used(
        self, world: World, other_leaf: IssuedLeaf
    ) -> None:
        world.publish(self.redirect(world, other_leaf, href="http://169.254.169.254/x"))
        error = await world.fails()
        assert (error.code, error.cause) == ("smp_unavailable", "redirect_address")
        assert len(world.web.urls) == 1

    async def test_nothing_there(self, world: World, other_leaf: IssuedLeaf) -> None:
        world.publish(self.redirect(world, other_leaf))
        error = await world.fails()
        assert (error.code, error.cause) == ("smp_unavailable", "http_status")


async def test_wildcards(world: World, receiver_leaf: IssuedLeaf) -> None:
    kind, registered = pint("urn:peppol:pint:billing-1@eu-1"), pint("urn:peppol:pint:billing-1*")
    record = information(endpoint(receiver_leaf), document_type=registered)
    world.publish(record, kind=registered)
    found = await world.lookup.resolve(RECEIVER, kind, BILLING)
    assert found.document_type == registered
    assert found.report["match"]["kind"] == "wildcard"
    assert len(world.web.urls) == 3


class TestMemory:
    """What is remembered, and for how long."""

    async def ask(self, world: World, *, fresh: bool = False) -> dict[str, Any]:
        try:
            return (await world.lookup.resolve(RECEIVER, INVOICE, BILLING, fresh=fresh)).report
        except LookupFailedError as error:
            return error.report

    async def test_a_result_for_five_minutes_at_least(self, world: World) -> None:
        assert not (await self.ask(world))["from_cache"]
        world.clock.forward(5 * MINUTE - timedelta(seconds=1))
        assert (await self.ask(world))["from_cache"]
        assert len(world.dns.names) == 1
        world.clock.forward(timedelta(seconds=1))
        assert not (await self.ask(world))["from_cache"]

    async def test_a_day_at_most(self, world: World) -> None:
        world.dns.answer = naptr_answer(ttl=10**7)
        assert (await self.ask(world))["expires_at"] == "2026-11-23T12:00:00.000Z"

    async def test_not_beyond_the_end_of_the_endpoint(
        self, world: World, receiver_leaf: IssuedLeaf
    ) -> None:
        world.publish(information(endpoint(receiver_leaf, expiration=AT + MINUTE)))
        assert (await self.ask(world))["expires_at"] == "2026-11-22T12:01:00.000Z"

    async def test_not_beyond_the_end_of_a_certificate(self, local_pki: LocalPKI) -> None:
        short = local_pki.issue(Role.AP, "POP000114", at=AT, days=2, key=shared_key("short"))
        smp_leaf = local_pki.issue(Role.SMP, "POP000114", at=AT, key=shared_key("smp"))
        world = World(local_pki, short, smp_leaf)
        world.dns.answer = naptr_answer(ttl=10**7)
        expires = (await self.ask(world))["expires_at"]
        assert expires <= short.certificate.not_after.strftime("%FT%T.000Z")

    async def test_a_revoked_receiver_is_noticed_at_once(self) -> None:
        own = fresh_pki()
        receiver = own.issue(Role.AP, "POP000115", at=AT, key=shared_key("receiver"))
        world = World(own, receiver, own.issue(Role.SMP, "POP000115", at=AT))
        assert (await self.ask(world))["outcome"] == "reachable"
        own.revoke(receiver.certificate)
        world.revocation = own.revocation(AT)
        assert (await self.ask(world))["cause"] == "revoked"

    async def test_fresh_asks_again(self, world: World) -> None:
        await self.ask(world)
        assert not (await self.ask(world, fresh=True))["from_cache"]
        assert len(world.dns.names) == 2

    async def test_forget(self, world: World) -> None:
        await self.ask(world)
        world.lookup.forget(ParticipantId("9915:other"))
        assert (await self.ask(world))["from_cache"]
        world.lookup.forget(RECEIVER)
        assert not (await self.ask(world))["from_cache"]

    async def test_a_final_no_for_a_minute(self, world: World) -> None:
        world.dns.answer = NAPTRAnswer(rcode="NXDOMAIN", records=(), ttl=0)
        assert not (await self.ask(world))["from_cache"]
        world.dns.answer = naptr_answer()
        again = await self.ask(world)
        assert (again["from_cache"], again["outcome"]) == (True, "not_registered")
        assert (await self.ask(world, fresh=True))["outcome"] == "reachable"
        world.clock.forward(MINUTE)
        assert (await self.ask(world))["outcome"] == "reachable"

    async def test_what_may_be_better_next_time_is_not_remembered(self, world: World) -> None:
        world.dns.answer = DNSUnavailableError("x")
        await self.ask(world)
        world.dns.answer = naptr_answer()
        assert (await self.ask(world))["outcome"] == "reachable"

    async def test_many_askers_share_one_query(self, world: World) -> None:
        world.dns.gate = asyncio.Event()
        askers = [asyncio.create_task(self.ask(world)) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        askers[0].cancel()  # the query goes on without its first asker
        world.dns.gate.set()
        reports = await asyncio.gather(*askers[1:])
        assert {report["outcome"] for report in reports} == {"reachable"}
        assert len(world.dns.names) == 1


class TestSurvey:
    """What a participant takes."""

    async def test_everything(self, world: World, receiver_leaf: IssuedLeaf) -> None:
        expired = endpoint(receiver_leaf, expiration=AT - MINUTE)
        world.publish(information(expired, document_type=CREDIT_NOTE), kind=CREDIT_NOTE)
        world.web.publish_group(RECEIVER, INVOICE, CREDIT_NOTE, pint("a"))
        report = await world.lookup.survey(RECEIVER)
        json.dumps(report)
        outcomes = [kind["outcome"] for kind in report["document_types"]]
        assert outcomes == ["reachable", "endpoint_not_active", "document_type_not_supported"]
        assert report["outcome"] == "reachable"
        assert report["smp"]["signature"] == "valid"
        process = report["document_types"][0]["processes"][0]
        assert process["endpoint"]["certificate"]["revocation"] == "good"

    async def test_the_list_alone(self, world: World) -> None:
        report = await world.lookup.survey(RECEIVER, details=False)
        assert report["outcome"] == "reachable"
        assert [kind["value"] for kind in report["document_types"]] == [INVOICE.value]
        assert len(world.web.urls) == 1

    async def test_failures_are_in_the_report(self, world: World) -> None:
        world.web.publish_group(RECEIVER)
        assert (await world.lookup.survey(RECEIVER))["outcome"] == "document_type_not_supported"
        world.web.answers.clear()
        assert (await world.lookup.survey(RECEIVER))["cause"] == "unknown_to_smp"
        world.dns.answer = DNSUnavailableError("x")
        assert (await world.lookup.survey(RECEIVER))["outcome"] == "dns_unavailable"

    async def test_nothing_usable(self, world: World, receiver_leaf: IssuedLeaf) -> None:
        world.publish(information(endpoint(receiver_leaf)), signer=receiver_leaf)
        report = await world.lookup.survey(RECEIVER)
        assert (report["outcome"], report["cause"]) == ("smp_signature_invalid", "wrong_role")
        world.publish(replace(information(), processes=()))
        report = await world.lookup.survey(RECEIVER)
        assert report["outcome"] == "no_supported_transport"
