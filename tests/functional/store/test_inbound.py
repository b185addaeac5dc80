# SPDX-License-Identifier: Apache-2.0
"""Received messages: all in one commit, and a repeat is known by its unique key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.identifiers import PartyId
from gateway.service.errors import NotFoundError
from gateway.service.lifecycle import Event, Inbound, StateConflictError
from gateway.service.records import JobDone, StoredReceipt, Summary
from gateway.store import Store
from tests.functional.store.builders import (
    AT,
    CERTIFICATE,
    OTHER_AP,
    OWNER,
    ROUTING,
    SUMMARY,
    inbound,
)
from tests.functional.store.counting import count

LEASE = timedelta(minutes=5)


async def test_accepting_stores_everything_that_the_receipt_promises(store: Store) -> None:
    assert await store.inbound.accept(inbound()) is None

    document = await store.documents.get("doc_in000001", organisation=OWNER)
    assert document is not None
    assert document.state is Inbound.RECEIVED
    assert not document.settled
    assert document.routing == ROUTING
    assert document.routing.receiver.value == "0190:ABC"  # the writing is kept
    assert document.content == inbound().content
    assert document.created_at == inbound().received_at
    assert (document.message_id, document.other_ap) == ("1@ap.example", OTHER_AP)
    assert (document.mls_to, document.mls_type) == ("0242:000052", "FAILURE_ONLY")

    (exchange,) = await store.evidence.exchanges("doc_in000001")
    assert exchange.receipt == b"receipt"
    assert exchange.wire == inbound().wire
    assert exchange.evidence == (CERTIFICATE,)
    (event,) = await store.evidence.timeline("doc_in000001")
    assert (event.event, event.sequence) == ("received", 1)
    assert await count(store, "reporting_row") == 1
    (job,) = await store.jobs.claim(["check"], limit=9, lease=LEASE, at=AT + timedelta(1))
    assert job.ref == "doc_in000001"


async def test_a_repeat_gets_the_first_receipt_and_stores_nothing(store: Store) -> None:
    await store.inbound.accept(inbound())
    repeat = inbound(2, message_id="1@ap.example", receipt=b"another", digests="others")

    earlier = await store.inbound.accept(repeat)

    wanted = StoredReceipt(document_id="doc_in000001", receipt=b"receipt", digests="digests")
    assert earlier == wanted
    assert await store.inbound.receipt_of(OTHER_AP, "1@ap.example") == wanted
    for table in ("document", "exchange", "payload", "job", "reporting_row", "document_event"):
        assert await count(store, table) == 1, table


async def test_the_same_id_from_another_access_point_is_no_repeat(store: Store) -> None:
    await store.inbound.accept(inbound())
    other = PartyId("PBE000001")
    assert await store.inbound.receipt_of(other, "1@ap.example") is None
    assert (
        await store.inbound.accept(inbound(2, message_id="1@ap.example", sending_ap=other)) is None
    )


async def test_many_copies_at_once_leave_one(store: Store) -> None:
    copies = [inbound(number, message_id="same@ap.example") for number in range(60)]

    answers = await asyncio.gather(*(store.inbound.accept(copy) for copy in copies))

    assert answers.count(None) == 1
    winner = copies[answers.index(None)].document_id
    assert {one.document_id for one in answers if one is not None} == {winner}
    assert await count(store, "document") == 1


async def test_the_same_instance_in_another_message_is_flagged(store: Store) -> None:
    await store.inbound.accept(inbound())
    await store.inbound.accept(inbound(2, instance_id="instance-1"))
    document = await store.documents.get("doc_in000002", organisation=OWNER)
    assert document is not None
    assert document.possible_duplicate_of == "doc_in000001"


async def test_evidence_is_stored_once_for_many_messages(store: Store) -> None:
    for number in range(1, 6):
        await store.inbound.accept(inbound(number))
    assert await count(store, "evidence") == 1
    assert await count(store, "evidence_link") == 5


async def test_checking_makes_a_document_ready_and_completes_its_job(store: Store) -> None:
    await store.inbound.accept(inbound())
    (job,) = await store.jobs.claim(["check"], limit=1, lease=LEASE, at=AT + timedelta(1))

    await store.inbound.checked(
        "doc_in000001",
        event=Event.CHECKED,
        summary=SUMMARY,
        validation="valid",
        validation_detail={"errors": 0},
        at=AT + timedelta(seconds=1),
        done=JobDone(job=job),
    )

    document = await store.documents.get("doc_in000001", organisation=None)
    assert document is not None
    assert document.state is Inbound.READY
    assert document.summary == SUMMARY
    assert document.validation == "valid"
    assert document.sequence == 2
    assert await store.evidence.details("doc_in000001") == {
        "validation_detail": {"errors": 0},
        "lookup": None,
    }
    assert (await store.jobs.counts())["check"] == {"done": 1}


async def test_a_stale_lease_changes_nothing(store: Store) -> None:
    await store.inbound.accept(inbound())
    (job,) = await store.jobs.claim(["check"], limit=1, lease=LEASE, at=AT + timedelta(1))
    stale = JobDone(job=replace(job, token="0" * 32))

    await _check(store, "doc_in000001", done=stale)

    document = await store.documents.get("doc_in000001", organisation=None)
    assert document is not None
    assert document.state is Inbound.RECEIVED
    assert (await store.jobs.counts())["check"] == {"leased": 1}


async def test_a_step_that_is_not_allowed_leaves_the_job_leased(store: Store) -> None:
    await store.inbound.accept(inbound())
    await _check(store, "doc_in000001")
    (job,) = await store.jobs.claim(["check"], limit=1, lease=LEASE, at=AT + timedelta(1))

    with pytest.raises(StateConflictError):
        await _check(store, "doc_in000001", done=JobDone(job=job))

    assert (await store.jobs.counts())["check"] == {"leased": 1}


async def test_checking_what_is_not_there(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await _check(store, "doc_missing")


async def _check(store: Store, document_id: str, done: JobDone | None = None) -> None:
    await store.inbound.checked(
        document_id,
        event=Event.CHECKED,
        summary=Summary(),
        validation="not_validated",
        validation_detail={},
        at=AT,
        done=done,
    )
