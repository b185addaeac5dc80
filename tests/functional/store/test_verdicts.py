# SPDX-License-Identifier: Apache-2.0
"""What the rules said: kept whole, shown short, and nothing is delivered before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.service.lifecycle import Event, Outbound, StateConflictError
from gateway.service.records import DocumentFilter, Job, JobDone, Problem
from gateway.service.validation import detail_of, read_report
from gateway.store import Store
from tests.fakes import FixedValidator
from tests.functional.store.builders import AT, OWNER, submission

ID = "doc_out000001"
LATER = AT + timedelta(days=1)
VERDICT = FixedValidator("invalid", "BR-1", "BR-2").verdict


async def _claim(store: Store, queue: str) -> list[Job]:
    return await store.jobs.claim([queue], limit=9, lease=timedelta(minutes=5), at=LATER)


async def _unjudged(store: Store) -> Job:
    new = submission(validation="not_validated", validation_detail={"policy": "warn"}, judged=False)
    await store.submissions.submit(new)
    assert await _claim(store, "deliver") == []
    assert await store.documents.validation_detail(ID) == {"policy": "warn"}
    (job,) = await _claim(store, "validate")
    return job


def _judged(job: Job) -> dict[str, Any]:
    return {
        "validation": VERDICT.outcome,
        "validation_detail": detail_of(VERDICT),
        "at": AT,
        "done": JobDone(job=job),
    }


async def test_a_verdict_that_lets_pass_makes_the_job_that_delivers(store: Store) -> None:
    job = await _unjudged(store)
    await store.submissions.judged(ID, Event.VALID, **_judged(job))
    document = await store.documents.get(ID, organisation=OWNER)
    assert document is not None
    assert (document.state, document.validation) == (Outbound.VALIDATED, "invalid")
    assert [one.ref for one in await _claim(store, "deliver")] == [ID]
    assert await _claim(store, "validate") == []


async def test_a_refusal_ends_it_and_says_why(store: Store) -> None:
    job = await _unjudged(store)
    problem = Problem(code="document_invalid", detail="2 errors")
    await store.submissions.judged(ID, Event.INVALID, problem=problem, **_judged(job))
    document = await store.documents.get(ID, organisation=OWNER)
    assert document is not None
    assert (document.state, document.settled, document.problem) == (Outbound.INVALID, True, problem)
    assert await _claim(store, "deliver") == []


async def test_a_document_that_moved_on_is_not_judged(store: Store) -> None:
    job = await _unjudged(store)
    await store.submissions.step(ID, Event.CANCEL, at=AT)
    with pytest.raises(StateConflictError):
        await store.submissions.judged(ID, Event.VALID, **_judged(job))
    assert await store.documents.validation_detail(ID) == {"policy": "warn"}
    assert await _claim(store, "deliver") == []


async def test_trying_again_begins_with_the_rules_if_they_never_spoke(store: Store) -> None:
    job = await _unjudged(store)
    await store.submissions.step(ID, Event.GAVE_UP, at=AT, done=JobDone(job=job))
    await store.submissions.step(ID, Event.RETRY, at=AT)
    assert await _claim(store, "deliver") == []
    assert [one.ref for one in await _claim(store, "validate")] == [ID]


async def test_lists_show_the_short_of_it_and_the_whole_is_kept(store: Store) -> None:
    detail = detail_of(VERDICT)
    await store.submissions.submit(submission(validation="invalid", validation_detail=detail))
    await store.submissions.submit(submission(2, validation_detail={}))
    page = await store.documents.page(
        DocumentFilter(organisation=OWNER), limit=9, after=None, newest_first=False
    )
    assert [(one.rule_set, one.errors, one.warnings) for one in page.documents] == [
        ("org.example:invoice:1", 2, 0),
        (None, None, None),
    ]
    assert read_report(await store.documents.validation_detail(ID)) == VERDICT.report
    assert await store.documents.validation_detail("doc_none") == {}
