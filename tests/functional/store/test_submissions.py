# SPDX-License-Identifier: Apache-2.0
"""Submitting, trying, retrying: every step in one commit with the job that it completes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.service.errors import (
    DuplicateDocumentError,
    IdempotencyKeyTakenError,
    NotFoundError,
)
from gateway.service.lifecycle import Event, Outbound, StateConflictError
from gateway.service.records import Direction, Document, Job, JobDone, Problem
from gateway.store import Store
from gateway.store.messages import MessageConflictError
from tests.functional.store.builders import (
    AT,
    CERTIFICATE,
    OTHER_AP,
    OWNER,
    SUMMARY,
    answer,
    message,
    reporting,
    result,
    submission,
)
from tests.functional.store.counting import count

ID = "doc_out000001"
LEASE = timedelta(minutes=5)
LATER = AT + timedelta(days=1)  # PostgreSQL uses its own time, SQLite this one


async def _get(store: Store, document_id: str = ID) -> Document:
    document = await store.documents.get(document_id, organisation=OWNER)
    assert document is not None
    return document


async def _claim(store: Store) -> Job:
    (job,) = await store.jobs.claim(["deliver"], limit=1, lease=LEASE, at=LATER)
    return job


async def _sending(store: Store) -> Job:
    """A document in the middle of its first try, and its job."""
    await store.submissions.submit(submission())
    job = await _claim(store)
    await store.submissions.step(ID, Event.ENDPOINT_FOUND, at=AT)
    await store.submissions.start_attempt(message(), number=1, at=AT)
    return job


async def test_submitting_stores_document_job_and_answer(store: Store) -> None:
    await store.submissions.submit(submission(idempotency=answer()))

    document = await _get(store)
    assert document.state is Outbound.ACCEPTED
    assert document.summary == SUMMARY
    assert document.custom == {"colour": "blue"}
    assert document.content == submission().content
    assert document.deadline == AT + timedelta(hours=24)
    assert document.sequence == 1
    assert await store.idempotency.find(OWNER, "key") == answer()
    assert (await _claim(store)).ref == ID


async def test_a_business_key_is_taken_once(store: Store) -> None:
    await store.submissions.submit(submission())
    with pytest.raises(DuplicateDocumentError) as caught:
        await store.submissions.submit(submission(2, business_key="business 1"))
    assert caught.value.document_id == ID
    assert await count(store, "document") == 1
    assert await count(store, "job") == 1


async def test_another_organisation_may_have_the_same_business_key(store: Store) -> None:
    await store.submissions.submit(submission())
    await store.submissions.submit(submission(2, business_key="business 1", organisation="org_2"))


async def test_no_business_key_allows_every_duplicate(store: Store) -> None:
    await store.submissions.submit(submission(business_key=None))
    await store.submissions.submit(submission(2, business_key=None))


@pytest.mark.parametrize(
    "event", [Event.GAVE_UP, Event.INVALID, Event.CANCEL, Event.NO_ENDPOINT, Event.DEADLINE_PASSED]
)
async def test_a_predecessor_that_came_to_nothing_does_not_block(
    store: Store, event: Event
) -> None:
    await store.submissions.submit(submission())
    await store.submissions.step(ID, event, at=AT)
    await store.submissions.submit(submission(2, business_key="business 1"))


async def test_many_at_once_with_one_business_key(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(
            store.submissions.submit(submission(number, business_key="the same"))
            for number in range(1, 41)
        ),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, DuplicateDocumentError) for one in outcomes) == 39


async def test_many_at_once_with_one_idempotency_key(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(
            store.submissions.submit(submission(number, idempotency=answer()))
            for number in range(1, 41)
        ),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, IdempotencyKeyTakenError) for one in outcomes) == 39
    assert await count(store, "document") == 1


async def test_rollback_leaves_no_job_and_no_answer(store: Store) -> None:
    await store.submissions.submit(submission())
    with pytest.raises(DuplicateDocumentError):
        await store.submissions.submit(submission(1, business_key="another", idempotency=answer()))
    assert await count(store, "job") == 1
    assert await count(store, "idempotency") == 0


async def test_a_try_is_recorded_before_it_leaves(store: Store) -> None:
    await _sending(store)
    document = await _get(store)
    assert document.state is Outbound.SENDING
    assert document.attempts == 1
    assert (document.message_id, document.other_ap) == ("o1@us.example", OTHER_AP)
    (attempt,) = await store.evidence.attempts(ID)
    assert attempt.ended_at is None
    assert await store.submissions.message_of(ID) == replace(message(), tries=1)


async def test_a_receipt_completes_everything_at_once(store: Store) -> None:
    job = await _sending(store)

    await store.submissions.finish_attempt(
        result(
            Event.RECEIPT_VERIFIED,
            receipt=b"receipt",
            reporting=reporting(Direction.OUTBOUND),
            evidence=(CERTIFICATE,),
        ),
        done=JobDone(job=job),
    )

    document = await _get(store)
    assert document.state is Outbound.TRANSMITTED
    assert document.settled
    (exchange,) = await store.evidence.exchanges(ID)
    assert (exchange.receipt, exchange.receipt_headers) == (b"receipt", b"reply headers")
    (attempt,) = await store.evidence.attempts(ID)
    assert (attempt.outcome, attempt.reply_body) == ("receipt_verified", b"reply")
    assert await count(store, "reporting_row") == 1
    assert (await store.jobs.counts())["deliver"] == {"done": 1}
    events = [entry.event for entry in await store.evidence.timeline(ID)]
    assert events == ["accepted", "endpoint_found", "attempt_started", "receipt_verified"]


async def test_a_retry_sends_the_same_message(store: Store) -> None:
    job = await _sending(store)
    due = AT + timedelta(minutes=1)
    problem = Problem(code="connection_failed", detail="refused", retryable=True, at=AT)

    await store.submissions.finish_attempt(
        result(Event.DEFERRED, next_attempt_at=due, problem=problem),
        done=JobDone(job=job, due=due, error="connection_failed"),
    )

    document = await _get(store)
    assert document.state is Outbound.WAITING_RETRY
    assert document.next_attempt_at == due
    assert document.problem == problem
    again = await store.submissions.message_of(ID)
    assert again == replace(message(), tries=1, earlier=(problem,))
    assert again is not None
    await _claim(store)
    await store.submissions.start_attempt(again, number=2, at=due)
    assert (await _get(store)).attempts == 2
    assert await count(store, "exchange") == 1


async def test_a_dropped_message_stays_as_history(store: Store) -> None:
    job = await _sending(store)
    await store.submissions.finish_attempt(
        result(Event.DEFERRED, drop_message=True), done=JobDone(job=job, due=AT)
    )
    assert await store.submissions.message_of(ID) is None
    assert len(await store.evidence.exchanges(ID)) == 1
    fresh = message(exchange_id="exc_2", message_id="o2@us.example")
    await store.submissions.start_attempt(fresh, number=2, at=AT)
    assert await store.submissions.message_of(ID) == replace(fresh, tries=1)


async def test_after_a_crash_the_outcome_is_unknown(store: Store) -> None:
    await _sending(store)
    stored = await store.submissions.message_of(ID)
    assert stored is not None

    await store.submissions.start_attempt(stored, number=2, at=AT + timedelta(minutes=5))

    first, second = await store.evidence.attempts(ID)
    assert (first.outcome, first.ended_at) == ("unknown", AT + timedelta(minutes=5))
    assert (second.number, second.ended_at) == (2, None)
    assert (await _get(store)).state is Outbound.SENDING
    assert [entry.event for entry in await store.evidence.timeline(ID)][-1] == "outcome_unknown"


async def test_a_worker_that_lost_its_lease_changes_no_state_but_its_receipt_is_kept(
    store: Store,
) -> None:
    job = await _sending(store)
    stored = await store.submissions.message_of(ID)
    assert stored is not None
    await store.submissions.start_attempt(stored, number=2, at=AT + timedelta(minutes=5))
    stale = JobDone(job=replace(job, token="0" * 32))

    await store.submissions.finish_attempt(
        result(
            Event.RECEIPT_VERIFIED,
            receipt=b"receipt",
            reporting=reporting(Direction.OUTBOUND),
        ),
        done=stale,
    )

    assert (await _get(store)).state is Outbound.SENDING
    (exchange,) = await store.evidence.exchanges(ID)
    assert exchange.receipt == b"receipt"
    first, second = await store.evidence.attempts(ID)
    assert (first.outcome, first.reply_body) == ("unknown", b"reply")
    assert second.ended_at is None
    # The other worker's own receipt does not count the exchange twice.
    await store.submissions.finish_attempt(
        replace(
            result(
                Event.RECEIPT_VERIFIED,
                receipt=b"second",
                reporting=reporting(Direction.OUTBOUND),
            ),
            number=2,
        ),
        done=JobDone(job=job),
    )
    (exchange,) = await store.evidence.exchanges(ID)
    assert exchange.receipt == b"receipt"
    assert await count(store, "reporting_row") == 1


async def test_the_first_try_needs_a_document_that_may_be_sent(store: Store) -> None:
    await store.submissions.submit(submission())
    await store.submissions.step(ID, Event.CANCEL, at=AT)
    with pytest.raises(StateConflictError):
        await store.submissions.start_attempt(message(), number=1, at=AT)
    assert await count(store, "exchange") == 0


async def test_a_message_id_names_one_message(store: Store) -> None:
    await _sending(store)
    await store.submissions.submit(submission(2))
    await store.submissions.step("doc_out000002", Event.ENDPOINT_FOUND, at=AT)
    with pytest.raises(MessageConflictError):
        await store.submissions.start_attempt(
            message(2, message_id="o1@us.example"), number=1, at=AT
        )
    assert (await _get(store, "doc_out000002")).state is Outbound.QUEUED


async def test_a_message_may_go_to_another_address(store: Store) -> None:
    job = await _sending(store)
    await store.submissions.finish_attempt(result(Event.DEFERRED), done=JobDone(job=job, due=AT))
    moved = message(url="https://moved.example/as4")
    await store.submissions.start_attempt(moved, number=2, at=AT)
    assert await store.submissions.message_of(ID) == replace(moved, tries=2)
    tries = await store.evidence.attempts(ID)
    assert [one.url for one in tries] == ["https://ap.example/as4", "https://moved.example/as4"]


async def test_a_step_under_a_stale_lease_changes_nothing(store: Store) -> None:
    await store.submissions.submit(submission())
    stale = JobDone(job=replace(await _claim(store), token="0" * 32))
    await store.submissions.step(ID, Event.GAVE_UP, at=AT, done=stale)
    assert (await _get(store)).state is Outbound.ACCEPTED
    assert (await store.jobs.counts())["deliver"] == {"leased": 1}


async def test_a_step_keeps_lookup_and_evidence(store: Store) -> None:
    await store.submissions.submit(submission())
    problem = Problem(code="receiver_not_registered", detail="not there", at=AT)
    await store.submissions.step(
        ID,
        Event.NO_ENDPOINT,
        at=AT,
        problem=problem,
        lookup={"outcome": "receiver_not_registered"},
        evidence=[CERTIFICATE],
        done=JobDone(job=await _claim(store)),
    )
    document = await _get(store)
    assert document.state is Outbound.UNROUTABLE
    assert document.problem == problem
    details = await store.evidence.details(ID)
    assert details is not None
    assert details["lookup"] == {"outcome": "receiver_not_registered"}
    assert await count(store, "evidence_link") == 1
    assert (await store.jobs.counts())["deliver"] == {"done": 1}


async def test_what_used_up_the_time_is_shown_when_time_is_over(store: Store) -> None:
    await store.submissions.submit(submission())
    first = Problem(code="dns_unavailable", detail="no answer", retryable=True)
    late = Problem(code="deadline_passed", detail="too late")
    await store.submissions.step(ID, Event.DEFERRED, at=AT, problem=first)
    await store.submissions.step(ID, Event.DEADLINE_PASSED, at=AT, problem=late)
    assert (await _get(store)).problem == first
    timeline = await store.evidence.timeline(ID)
    assert [entry.problem for entry in timeline] == [None, first, late]


async def test_retrying_enqueues_again_with_a_new_span(store: Store) -> None:
    await store.submissions.submit(submission())
    job = await _claim(store)
    problem = Problem(code="x", detail="x")
    await store.submissions.step(
        ID, Event.DEADLINE_PASSED, at=AT, problem=problem, done=JobDone(job=job)
    )
    later = AT + timedelta(days=3)

    await store.submissions.step(ID, Event.RETRY, at=later)

    document = await _get(store)
    assert document.state is Outbound.QUEUED
    assert document.problem is None
    assert document.deadline == later + timedelta(hours=24)
    assert (await store.jobs.counts())["deliver"] == {"done": 1, "ready": 1}


async def test_retrying_is_refused_when_the_same_document_was_sent_meanwhile(store: Store) -> None:
    await store.submissions.submit(submission())
    await store.submissions.step(ID, Event.GAVE_UP, at=AT)
    await store.submissions.submit(submission(2, business_key="business 1"))
    with pytest.raises(DuplicateDocumentError) as caught:
        await store.submissions.step(ID, Event.RETRY, at=AT)
    assert caught.value.document_id == "doc_out000002"
    assert (await _get(store)).state is Outbound.FAILED


async def test_two_steps_at_once_are_one(store: Store) -> None:
    await store.submissions.submit(submission())
    outcomes = await asyncio.gather(
        *(store.submissions.step(ID, Event.CANCEL, at=AT) for _ in range(10)),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, StateConflictError) for one in outcomes) == 9
    assert (await _get(store)).sequence == 2


@pytest.mark.parametrize("changes", [{"event": Event.LEASE}, {"document_id": "doc_none"}])
async def test_steps_that_cannot_be(store: Store, changes: dict[str, Any]) -> None:
    await store.submissions.submit(submission())
    call = {"document_id": ID, "event": Event.CANCEL} | changes
    with pytest.raises((StateConflictError, NotFoundError)):
        await store.submissions.step(at=AT, **call)


async def test_remembering_an_answer_twice_keeps_the_first(store: Store) -> None:
    await store.idempotency.remember(answer())
    await store.idempotency.remember(answer(status=500))
    assert await store.idempotency.find(OWNER, "key") == answer()
    assert await store.idempotency.find("org_2", "key") is None
    assert await store.idempotency.purge(before=AT + timedelta(seconds=1)) == 1
    assert await store.idempotency.find(OWNER, "key") is None
