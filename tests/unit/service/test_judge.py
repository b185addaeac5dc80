# SPDX-License-Identifier: Apache-2.0
"""Judging after the acceptance: nothing passes unjudged, and trouble of ours is not a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.service.admission import Admission
from gateway.service.errors import StorageFullError
from gateway.service.judge import Judge
from gateway.service.lifecycle import Outbound
from gateway.service.records import Content, Direction, Document, Routing, Summary
from gateway.service.validation import NotJudgedError, ValidationUnavailableError
from tests import builders
from tests.fakes import AT, FixedClock, FixedValidator, MemoryPayloads
from tests.service_fakes import MemoryAttempts, MemoryDocuments, MemoryJobs, job_of

XML = b"<Invoice/>"


class Bench:
    """A judge with one accepted document."""

    def __init__(self, validator: FixedValidator, policy: str = "strict") -> None:
        self.payloads = MemoryPayloads()
        self.payloads.kept["d"] = XML
        self.documents = MemoryDocuments(accepted())
        self.documents.details["doc_1"] = {"policy": policy}
        self.submissions, self.jobs = MemoryAttempts(self.documents), MemoryJobs()
        self.clock = FixedClock()
        self.judge = Judge(
            submissions=self.submissions,  # type: ignore[arg-type]
            documents=self.documents,  # type: ignore[arg-type]
            jobs=self.jobs,
            payloads=self.payloads,
            admission=Admission(validator=validator),
            clock=self.clock,
        )

    async def run(self) -> Document:
        await self.judge.attempt(job_of("doc_1", queue="validate"))
        return self.documents.kept["doc_1"]


def accepted(**changes: Any) -> Document:
    made = Document(
        id="doc_1",
        direction=Direction.OUTBOUND,
        organisation="org_1",
        state=Outbound.ACCEPTED,
        settled=False,
        state_since=AT,
        sequence=1,
        routing=Routing(
            sender=builders.SENDER,
            receiver=builders.RECEIVER,
            document_type=builders.INVOICE,
            process=builders.BILLING,
            country_c1="NL",
        ),
        summary=Summary(),
        content=Content(size=len(XML), sha256="d", gzip=False, key="k"),
        content_media_type="application/xml",
        validation="not_validated",
        created_at=AT,
        updated_at=AT,
        deadline=AT + timedelta(hours=1),
    )
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("outcome", "policy", "state"),
    [
        ("valid", "strict", Outbound.VALIDATED),
        ("invalid", "strict", Outbound.INVALID),
        ("invalid", "warn", Outbound.VALIDATED),
        ("not_judged", "strict", Outbound.FAILED),
        ("not_judged", "warn", Outbound.VALIDATED),
    ],
)
async def test_the_verdict_decides(outcome: str, policy: str, state: Outbound) -> None:
    validator = FixedValidator(outcome, *(["BR-1"] if outcome == "invalid" else []))
    bench = Bench(validator, policy)
    after = await bench.run()
    assert after.state is state
    assert validator.seen == XML
    assert len(bench.submissions.done) == 1
    # Who tries a document again that was never judged begins here again.
    assert after.validation == ("not_validated" if state is Outbound.FAILED else outcome)


async def test_an_invalid_document_says_why() -> None:
    after = await Bench(FixedValidator("invalid", "BR-1")).run()
    assert after.problem is not None
    assert (after.problem.code, after.problem.at) == ("document_invalid", AT)
    assert "BR-1" in after.problem.detail


async def test_trouble_that_passes_is_tried_again_until_the_deadline() -> None:
    bench = Bench(FixedValidator(error=ValidationUnavailableError()))
    after = await bench.run()
    assert after.state is Outbound.ACCEPTED
    (done,) = bench.jobs.finished
    assert done.due == AT + timedelta(minutes=1)
    bench.clock.move(3590)
    assert (await bench.run()).state is Outbound.EXPIRED


async def test_trouble_that_stays_ends_it_without_a_verdict() -> None:
    bench = Bench(FixedValidator(error=NotJudgedError(StorageFullError("crash"))))
    after = await bench.run()
    assert (after.state, after.validation) == (Outbound.FAILED, "not_validated")
    assert after.problem is not None
    assert after.problem.code == "not_judged"


@pytest.mark.parametrize(
    "changes", [{"state": Outbound.CANCELLED}, {"validation": "valid"}, {"state": Outbound.SENDING}]
)
async def test_what_moved_on_is_left_alone(changes: dict[str, Any]) -> None:
    validator = FixedValidator()
    bench = Bench(validator)
    bench.documents.put(accepted(**changes))
    assert await bench.run() == accepted(**changes)
    assert validator.asked == []
    assert len(bench.jobs.finished) == 1


async def test_what_is_cancelled_meanwhile_stays_cancelled() -> None:
    bench = Bench(FixedValidator())
    cancelled = accepted(state=Outbound.CANCELLED)
    bench.submissions.before_step.append(lambda: bench.documents.put(cancelled))
    assert (await bench.run()).state is Outbound.CANCELLED
    assert bench.submissions.done == []
    assert bench.jobs.finished[0].due == AT


async def test_a_document_tried_again_may_be_judged_while_queued() -> None:
    bench = Bench(FixedValidator())
    bench.documents.put(accepted(state=Outbound.QUEUED))
    assert (await bench.run()).state is Outbound.VALIDATED
