# SPDX-License-Identifier: Apache-2.0
"""Submitting, over ports in memory: what is stored, what is refused, what is cleaned up."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.safexml import MalformedXMLError
from gateway.service.admission import (
    Admission,
    AdmissionPolicy,
    DocumentInvalidError,
    NoRulesError,
)
from gateway.service.errors import DuplicateDocumentError, StorageFullError
from gateway.service.order import DuplicatePolicy, Order, StatusWish, ValidationPolicy
from gateway.service.records import Caller, Document, IdempotentAnswer, Organisation, Participant
from gateway.service.submit import SenderNotAuthorisedError, Submitter
from gateway.service.threads import INLINE_WIRE
from gateway.service.validation import (
    NotJudgedError,
    ValidationPendingError,
    ValidationUnavailableError,
    read_report,
)
from tests.builders import BILLING, INVOICE, RECEIVER, SENDER, invoice
from tests.fakes import (
    AT,
    CountingIds,
    FixedClock,
    FixedValidator,
    MemoryParticipants,
    MemoryPayloads,
    MemorySpool,
    MemorySubmissions,
)

OURS = Organisation(id="org_1", name="One", country="NL")
CALLER = Caller(key_id="key_1", organisation=OURS, scopes=frozenset(), environment="test")


class World:
    """A submitter over memory."""

    def __init__(self, validator: Any = None, policy: AdmissionPolicy | None = None) -> None:
        self.submissions = MemorySubmissions()
        self.payloads = MemoryPayloads()
        participant = Participant(
            id=SENDER, organisation="org_1", document_types=((INVOICE, BILLING),), country="NL"
        )
        self.submitter = Submitter(
            submissions=self.submissions,
            participants=MemoryParticipants(participant),
            payloads=self.payloads,
            admission=Admission(validator=validator or FixedValidator(), policy=policy),
            clock=FixedClock(),
            ids=CountingIds(),
        )

    async def submit(self, document: bytes, order: Order | None = None, **more: Any) -> Document:
        gathering = self.submitter.gather()
        for start in range(0, len(document), 1000):
            await gathering.write(document[start : start + 1000])
        return await self.submitter.submit(CALLER, gathering, order or Order(), **more)


async def test_what_is_stored_is_what_was_given() -> None:
    world, document = World(), invoice()
    shown = await world.submit(document, Order(reference="r", mls=StatusWish.ALWAYS_SEND))
    (new,) = world.submissions.stored
    assert list(world.payloads.kept.values()) == [document]
    assert (new.document_id, new.organisation) == (shown.id, "org_1")
    assert (new.routing.sender, new.routing.receiver) == (SENDER, RECEIVER)
    assert (new.routing.document_type, new.routing.process) == (INVOICE, BILLING)
    assert new.routing.country_c1 == "NL"
    assert new.summary.number == "2026-1"
    assert new.mls_type == "ALWAYS_SEND"
    assert (new.validation, new.judged) == ("valid", True)
    assert (shown.rule_set, shown.errors) == ("org.example:invoice:1", 0)
    assert new.accepted_at == AT
    assert new.content.gzip is False
    assert shown.content == new.content


async def test_a_large_document_is_the_same_story() -> None:
    world, document = World(), invoice(note="x" * (INLINE_WIRE * 2))
    await world.submit(document)
    assert list(world.payloads.kept.values()) == [document]


async def test_the_answer_is_stored_with_its_document() -> None:
    world, seen = World(), []

    def answer(document: Document) -> IdempotentAnswer:
        seen.append(document)
        return IdempotentAnswer(
            organisation="org_1",
            key="k",
            fingerprint="f",
            status=202,
            headers={},
            body=document.id.encode(),
            at=AT,
        )

    shown = await world.submit(invoice(), answer=answer)
    assert seen == [shown]
    assert world.submissions.stored[0].idempotency is not None
    assert world.submissions.stored[0].idempotency.body == shown.id.encode()


async def test_a_duplicate_leaves_no_bytes_behind() -> None:
    world = World()
    first = await world.submit(invoice())
    with pytest.raises(DuplicateDocumentError) as caught:
        await world.submit(invoice(note="otherwise"))
    assert caught.value.document_id == first.id
    assert len(world.payloads.kept) == 1
    await world.submit(invoice(), Order(duplicate_policy=DuplicatePolicy.ALLOW))
    assert world.submissions.stored[1].business_key is None


async def test_the_sender_must_be_ours() -> None:
    for document in (invoice(sender=RECEIVER), invoice(sender=RECEIVER, receiver=SENDER)):
        world = World()
        with pytest.raises(SenderNotAuthorisedError):
            await world.submit(document)
        assert world.payloads.kept == {}


async def test_broken_xml_is_told_at_the_end() -> None:
    world = World()
    gathering = world.submitter.gather()
    await gathering.write(b"<a>&nothing;")
    await gathering.write(b"more")
    with pytest.raises(MalformedXMLError):
        await world.submitter.submit(CALLER, gathering, Order())
    assert gathering.spool.size == 0, "bytes behind the error are not kept"
    gathering.discard()
    assert world.payloads.spools[0].discarded


async def test_a_full_disk_is_told() -> None:
    class FullSpool(MemorySpool):
        def write(self, chunk: bytes) -> None:
            raise StorageFullError("the disk is full")

    world = World()
    world.payloads.spool = FullSpool  # type: ignore[method-assign, assignment]
    with pytest.raises(StorageFullError):
        await world.submit(invoice())


async def test_rules_refuse_or_warn() -> None:
    validator = FixedValidator("invalid", "BR-1", "BR-2")
    world = World(validator)
    with pytest.raises(DocumentInvalidError) as caught:
        await world.submit(invoice())
    assert caught.value.detail == "2 errors, first: BR-1 BR-1 is broken."
    dutch = caught.value.told("nl")
    assert dutch["detail"] == "2 fouten, eerste: BR-1 BR-1 is geschonden."
    assert [one["text"] for one in dutch["findings"]] == [
        "BR-1 is geschonden.",
        "BR-2 is geschonden.",
    ]
    assert validator.seen == invoice()
    assert validator.asked == [{"at": AT, "within": 2.0}]
    assert world.payloads.kept == {}
    shown = await world.submit(invoice(), Order(validation=ValidationPolicy.WARN))
    assert (shown.validation, shown.errors) == ("invalid", 2)
    (new,) = world.submissions.stored
    assert read_report(new.validation_detail) == validator.verdict.report


async def test_what_no_rules_are_known_for_is_forced_or_allowed_by_the_operator() -> None:
    validator = FixedValidator("not_judged")
    world = World(validator)
    with pytest.raises(NoRulesError):
        await world.submit(invoice())
    shown = await world.submit(invoice(), Order(validation=ValidationPolicy.WARN))
    assert shown.validation == "not_judged"
    world = World(validator, AdmissionPolicy(accept_unknown=True))
    assert (await world.submit(invoice())).validation == "not_judged"


async def test_a_verdict_that_takes_too_long_comes_after_the_acceptance() -> None:
    world = World(FixedValidator(error=ValidationPendingError()))
    shown = await world.submit(invoice(), Order(validation=ValidationPolicy.WARN))
    (new,) = world.submissions.stored
    assert (shown.state, shown.validation) == ("accepted", "not_validated")
    assert (new.judged, new.validation_detail) == (False, {"policy": "warn"})


@pytest.mark.parametrize(
    "error", [NotJudgedError(StorageFullError("crash")), ValidationUnavailableError()]
)
async def test_trouble_of_ours_is_not_called_invalid(error: GatewayError) -> None:
    world = World(FixedValidator(error=error))
    with pytest.raises(type(error)):
        await world.submit(invoice())
    assert world.payloads.kept == {}


async def test_what_cannot_be_judged_can_be_forced() -> None:
    world = World(FixedValidator(error=NotJudgedError(StorageFullError("crash"))))
    shown = await world.submit(invoice(), Order(validation=ValidationPolicy.WARN))
    assert shown.validation == "not_judged"
    assert world.submissions.stored[0].validation_detail["reason"] == StorageFullError.code


async def test_a_dry_run_stores_nothing_and_measures() -> None:
    world, document = World(), invoice()
    shown = await world.submit(document, Order(dry_run=True))
    assert shown.content.size == len(document)
    assert world.payloads.kept == {}
    assert world.submissions.stored == []


@pytest.mark.parametrize("cut", range(0, 900, 37))
async def test_a_document_cut_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(GatewayError):
        await World().submit(invoice()[:cut])
