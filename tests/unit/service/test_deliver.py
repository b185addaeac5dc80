# SPDX-License-Identifier: Apache-2.0
"""One try of a delivery, step by step: deadlines, moves, cancellations, and what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway import as4
from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.deliver import Delivery
from gateway.service.discovery import Found
from gateway.service.errors import StorageFullError
from gateway.service.exchange import Outcome
from gateway.service.lifecycle import Event, Outbound
from gateway.service.lookup_errors import (
    DNSLookupError,
    LookupFailedError,
    ParticipantNotRegisteredError,
)
from gateway.service.ports import HTTPAnswer
from gateway.service.records import (
    Content,
    Direction,
    Document,
    OutboundMessage,
    Problem,
    Routing,
    Summary,
    Wire,
)
from gateway.service.stopwatch import Stopwatch
from gateway.service.verdict import RECEIPT_WITHOUT_PROOF, Verdict
from tests import builders
from tests.fakes import FixedClock
from tests.pki_fixtures import AT
from tests.service_fakes import (
    MemoryAttempts,
    MemoryDocuments,
    MemoryJobs,
    Records,
    job_of,
    logged,
)

URL = "http://ap2.example/as4"
CONTENT = Content(size=1, sha256="0" * 64, gzip=True, inline=b"x")
PROBLEM = Problem(code="ebms_error", detail="no", ebms_code="EBMS:0101", ebms_detail="no")
TRANSIENT = Problem(code="http_error", detail="no", ebms_code="EBMS:0301")


def document(**changed: Any) -> Document:
    fields: dict[str, Any] = {
        "id": "doc_1",
        "direction": Direction.OUTBOUND,
        "organisation": "org_1",
        "state": Outbound.ACCEPTED,
        "settled": False,
        "state_since": AT,
        "sequence": 1,
        "routing": Routing(
            sender=builders.SENDER,
            receiver=builders.RECEIVER,
            document_type=builders.INVOICE,
            process=builders.BILLING,
            country_c1="NL",
        ),
        "summary": Summary(),
        "content": CONTENT,
        "content_media_type": "application/xml",
        "validation": "not_validated",
        "created_at": AT,
        "updated_at": AT,
        "deadline": AT + timedelta(hours=24),
    }
    return Document(**(fields | changed))


def message(number: int, found: Found) -> OutboundMessage:
    return OutboundMessage(
        exchange_id=f"msg_{number}",
        document_id="doc_1",
        message_id=f"m{number}@x",
        conversation_id="c@x",
        instance_id="i",
        sent_at=AT,
        receiving_ap=PartyId("POP000112"),
        url=found.url,
        sent=b"",
        http_headers=(),
        wire=Wire(http_headers=b"", soap=b"", part_headers=b""),
        head=b"",
        body=CONTENT,
        tail=b"",
        signed=CONTENT,
        lookup=found.report,
    )


class Places:
    """The part of `Lookup` that delivery uses; the last answer stays."""

    def __init__(self, *answers: Found | LookupFailedError) -> None:
        self.answers = list(answers)
        self.forgotten = 0

    async def resolve(self, *_: ParticipantId | DocumentTypeId | ProcessId) -> Found:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, LookupFailedError):
            raise answer
        return answer

    def forget(self, participant: ParticipantId) -> None:
        self.forgotten += 1


class Composing:
    """The part of `Composer` that delivery uses: numbered messages."""

    def __init__(self) -> None:
        self.made = 0
        self.failures: list[Exception] = []

    async def compose(self, document: Document, found: Found, watch: Stopwatch) -> OutboundMessage:
        if self.failures:
            raise self.failures.pop(0)
        self.made += 1
        return message(self.made, found)


class Exchanging:
    """The part of `Exchange` that delivery uses: verdicts in order, the last one stays."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = [Outcome(verdict=Verdict(event=Event.RECEIPT_VERIFIED))]
        self.sent: list[OutboundMessage] = []
        self.before: list[Problem | None] = []

    async def run(self, sent: OutboundMessage, *, before: Problem | None) -> Outcome:
        self.sent.append(sent)
        self.before.append(before)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


class Desk:
    """A delivery of one document and all that it uses."""

    def __init__(self, found: Found, **changed: Any) -> None:
        self.clock = FixedClock(AT)
        self.documents = MemoryDocuments(document(**changed))
        self.store = MemoryAttempts(self.documents)
        self.jobs, self.places = MemoryJobs(), Places(found)
        self.composing, self.exchanging = Composing(), Exchanging()
        self.delivery = Delivery(
            submissions=self.store,  # type: ignore[arg-type]
            documents=self.documents,  # type: ignore[arg-type]
            jobs=self.jobs,
            lookup=self.places,  # type: ignore[arg-type]
            composer=self.composing,  # type: ignore[arg-type]
            exchange=self.exchanging,  # type: ignore[arg-type]
            clock=self.clock,
            jitter=lambda: 0.0,
        )

    async def run(self) -> Document:
        await self.delivery.attempt(job_of("doc_1"))
        return self.document

    @property
    def document(self) -> Document:
        return self.documents.kept["doc_1"]

    def rule(self, *rulings: Verdict) -> None:
        self.exchanging.outcomes = [Outcome(verdict=ruling) for ruling in rulings]

    def change(self, **changed: Any) -> None:
        self.documents.put(replace(self.document, **changed))


@pytest.fixture
def found(receiver_leaf: IssuedLeaf) -> Found:
    return place(receiver_leaf)


@pytest.fixture
def elsewhere(sender_leaf: IssuedLeaf) -> Found:
    return place(sender_leaf, "http://ap3.example/as4")


@pytest.fixture
def desk(found: Found) -> Desk:
    return Desk(found)


@pytest.fixture
def log() -> Iterator[Records]:
    with logged("gateway.deliver") as records:
        yield records


def place(leaf: IssuedLeaf, url: str = URL) -> Found:
    return Found(
        url=url,
        certificate=leaf.certificate,
        document_type=builders.INVOICE,
        process=builders.BILLING,
        signer=leaf.certificate,
        expires_at=AT + timedelta(hours=1),
        report={"endpoint": {"url": url, "certificate": {"sha256": leaf.certificate.sha256}}},
        evidence=(),
    )


def no_dns() -> DNSLookupError:
    return DNSLookupError("no", cause="timeout", report={})


def refused(**changed: Any) -> Verdict:
    fields = {"event": Event.PEER_REFUSED, "problem": PROBLEM, "look_again": True}
    return Verdict(**(fields | changed))


async def test_the_message_is_stored_before_it_leaves(desk: Desk, log: Records) -> None:
    assert (await desk.run()).state is Outbound.TRANSMITTED
    ((stored, number),) = desk.store.started
    assert (stored.message_id, number) == ("m1@x", 1)
    assert desk.exchanging.sent == [stored]
    (done,) = desk.store.done
    assert (done.due, done.error) == (None, None)
    facts = log.one("attempt_finished")
    assert (facts["document"], facts["as4_message"]) == ("doc_1", "m1@x")
    assert {"lookup_ms", "compose_ms", "store_ms", "transmit_ms", "receipt_ms"} <= facts.keys()


@pytest.mark.parametrize("state", [Outbound.TRANSMITTED, Outbound.CANCELLED, Outbound.FAILED])
async def test_what_is_settled_ends_its_job(found: Found, state: Outbound) -> None:
    desk = Desk(found, state=state)
    await desk.run()
    assert desk.exchanging.sent == []
    assert [done.due for done in desk.jobs.finished] == [None]


async def test_a_document_that_is_gone_ends_its_job(desk: Desk) -> None:
    await desk.delivery.attempt(job_of("doc_2"))
    assert len(desk.jobs.finished) == 1


async def test_what_failed_for_now_says_when_it_goes_on(desk: Desk) -> None:
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT))
    await desk.run()
    (result,) = desk.store.results
    assert result.next_attempt_at == AT + timedelta(minutes=1)
    assert result.problem == replace(TRANSIENT, at=AT, retryable=True)
    assert [(done.due, done.error) for done in desk.store.done] == [
        (AT + timedelta(minutes=1), "http_error")
    ]


async def test_what_failed_for_good_is_not_called_retryable(desk: Desk) -> None:
    desk.rule(Verdict(event=Event.GAVE_UP, problem=PROBLEM))
    assert (await desk.run()).state is Outbound.FAILED
    assert desk.store.results[0].problem == replace(PROBLEM, at=AT)
    assert [done.due for done in desk.store.done] == [None]


async def test_the_problem_before_is_told_only_between_tries_in_a_row(desk: Desk) -> None:
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT))
    await desk.run()
    await desk.run()
    first, second = desk.exchanging.before
    assert first is None
    assert second is not None
    assert second.code == "http_error"


async def test_every_try_sends_the_same_message(desk: Desk) -> None:
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT))
    for _ in range(3):
        await desk.run()
    assert {sent.message_id for sent in desk.exchanging.sent} == {"m1@x"}
    assert [sent.tries for sent in desk.exchanging.sent] == [0, 1, 2]
    assert [number for _, number in desk.store.started] == [1, 2, 3]


async def test_lookups_that_fail_are_tried_ever_less_often(desk: Desk) -> None:
    desk.places.answers = [no_dns()]
    for claims in (1, 2, 3):
        await desk.delivery.attempt(job_of("doc_1", attempts=claims))
    waits = [done.due - AT for done in desk.store.done if done.due]
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 15)]
    assert desk.document.attempts == 0


async def test_a_full_lane_makes_the_document_wait_untouched(desk: Desk) -> None:
    desk.jobs.full_lanes = {"ap2.example"}
    assert (await desk.run()).state is Outbound.ACCEPTED
    assert desk.composing.made == 0
    assert desk.jobs.finished == []  # the lane itself put it back
    desk.jobs.full_lanes = set()
    await desk.run()
    assert len(desk.exchanging.sent) == 1


@pytest.mark.parametrize(
    ("asked", "minutes"), [(0, 1), (30, 1), (600, 10), (86400, 24 * 60), (999_999, 24 * 60)]
)
async def test_a_peer_may_lengthen_the_wait_up_to_the_deadline(
    desk: Desk, asked: int, minutes: int
) -> None:
    """A busy peer that asks for too much gets one more try, and does not expire the document."""
    wait = timedelta(seconds=asked)
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT, retry_after=wait))
    assert (await desk.run()).state is Outbound.WAITING_RETRY
    assert desk.store.results[0].next_attempt_at == AT + timedelta(minutes=minutes)
    desk.clock.at = AT + timedelta(minutes=minutes, seconds=5)
    await desk.run()
    assert len(desk.exchanging.sent) == 2


async def test_no_try_is_planned_behind_the_deadline(desk: Desk) -> None:
    desk.clock.at = AT + timedelta(hours=24, seconds=-30)
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT))
    assert (await desk.run()).state is Outbound.EXPIRED
    assert [done.due for done in desk.store.done] == [None]


@pytest.mark.parametrize("state", [Outbound.ACCEPTED, Outbound.QUEUED, Outbound.WAITING_RETRY])
async def test_nothing_is_sent_when_the_time_is_over(found: Found, state: Outbound) -> None:
    """As when the gateway was down: its user said until when the document is of use."""
    desk = Desk(found, state=state, deadline=AT - timedelta(minutes=2))
    assert (await desk.run()).state is Outbound.EXPIRED
    assert desk.exchanging.sent == []
    ((event, facts),) = desk.store.steps
    assert (event, facts["problem"].code) == (Event.DEADLINE_PASSED, "expired")
    assert [done.due for done in desk.store.done] == [None]


async def test_a_deadline_that_nobody_set_is_a_day(found: Found) -> None:
    desk = Desk(found, deadline=None)
    desk.clock.at = AT + timedelta(hours=25)
    assert (await desk.run()).state is Outbound.EXPIRED


async def test_the_last_try_may_come_a_moment_late(found: Found) -> None:
    desk = Desk(found, deadline=AT - timedelta(seconds=20))
    assert (await desk.run()).state is Outbound.TRANSMITTED


async def test_a_try_that_was_cut_off_is_resolved_whatever_the_time(found: Found) -> None:
    """Its outcome is unknown; the same bytes again say whether it arrived."""
    desk = Desk(found, state=Outbound.SENDING, attempts=1, deadline=AT - timedelta(hours=2))
    desk.store.message = replace(message(7, found), tries=1)
    assert (await desk.run()).state is Outbound.TRANSMITTED
    (sent,) = desk.exchanging.sent
    assert (sent.message_id, sent.tries, desk.composing.made) == ("m7@x", 1, 0)


async def test_a_lookup_that_fails_for_now_is_tried_again(desk: Desk) -> None:
    desk.places.answers = [no_dns()]
    assert (await desk.run()).state is Outbound.WAITING_RETRY
    ((event, facts),) = desk.store.steps
    assert event is Event.DEFERRED
    assert facts["next_attempt_at"] == AT + timedelta(minutes=1)
    assert facts["problem"] == Problem(code="dns_unavailable", detail="no", retryable=True, at=AT)
    assert facts["lookup"]["outcome"] == "dns_unavailable"
    assert desk.exchanging.sent == []


async def test_a_lookup_that_fails_until_the_deadline(desk: Desk) -> None:
    desk.places.answers = [no_dns()]
    desk.clock.at = AT + timedelta(hours=24)
    assert (await desk.run()).state is Outbound.EXPIRED
    ((_, facts),) = desk.store.steps
    assert not facts["problem"].retryable


async def test_a_lookup_that_says_no_is_final(desk: Desk) -> None:
    desk.places.answers = [ParticipantNotRegisteredError("no", cause="nxdomain", report={})]
    assert (await desk.run()).state is Outbound.UNROUTABLE
    ((_, facts),) = desk.store.steps
    assert (facts["problem"].code, facts["next_attempt_at"]) == ("not_registered", None)


async def test_a_failing_lookup_holds_no_message_back(desk: Desk) -> None:
    desk.rule(
        Verdict(event=Event.DEFERRED, problem=TRANSIENT), Verdict(event=Event.RECEIPT_VERIFIED)
    )
    await desk.run()
    desk.places.answers = [ParticipantNotRegisteredError("no", cause="nxdomain", report={})]
    assert (await desk.run()).state is Outbound.TRANSMITTED
    assert [sent.message_id for sent in desk.exchanging.sent] == ["m1@x", "m1@x"]


async def test_a_full_disk_defers(desk: Desk) -> None:
    desk.composing.failures = [StorageFullError("no room")]
    assert (await desk.run()).state is Outbound.WAITING_RETRY
    assert (await desk.run()).state is Outbound.TRANSMITTED


async def test_a_document_that_cannot_be_made_a_message_is_given_up(desk: Desk) -> None:
    desk.composing.failures = [as4.UnusableOrderError("odd")]
    assert (await desk.run()).state is Outbound.FAILED
    ((event, facts),) = desk.store.steps
    assert (event, facts["lookup"]) == (Event.GAVE_UP, None)


async def test_cancelled_while_we_prepare(desk: Desk) -> None:
    """Nothing leaves, nothing fails, and the next look at it ends the job."""

    def cancel() -> None:
        desk.change(state=Outbound.CANCELLED, settled=True)

    desk.store.before_step = [cancel]
    assert (await desk.run()).state is Outbound.CANCELLED
    assert desk.exchanging.sent == []
    (done,) = desk.jobs.finished
    assert (done.due, done.error) == (AT + timedelta(seconds=1), "state_conflict")
    await desk.run()
    assert desk.jobs.finished[-1].due is None


@pytest.mark.parametrize("ruling", [refused(), refused(event=Event.DEFERRED)])
async def test_a_refusal_at_an_address_that_moved_makes_a_new_message(
    desk: Desk, found: Found, elsewhere: Found, ruling: Verdict
) -> None:
    desk.places.answers = [found, elsewhere]
    desk.rule(ruling, Verdict(event=Event.RECEIPT_VERIFIED))
    assert (await desk.run()).state is Outbound.WAITING_RETRY
    (result,) = desk.store.results
    assert (result.drop_message, result.next_attempt_at) == (True, AT + timedelta(seconds=1))
    assert desk.places.forgotten == 1
    assert (await desk.run()).state is Outbound.TRANSMITTED
    assert [sent.url for sent in desk.exchanging.sent] == [found.url, elsewhere.url]
    assert desk.composing.made == 2


async def test_an_smp_that_changes_its_mind_all_the_time_is_no_loop(
    desk: Desk, found: Found, elsewhere: Found
) -> None:
    desk.rule(refused())
    for _ in range(8):
        desk.places.answers = [found, elsewhere]
        await desk.run()
    waits = [result.next_attempt_at - AT for result in desk.store.results]  # type: ignore[operator]
    assert waits[:5] == [timedelta(seconds=1)] * 5
    assert waits[5:] == [timedelta(hours=6), timedelta(hours=12), timedelta(hours=12)]


async def test_a_refusal_where_nothing_moved_is_final(desk: Desk) -> None:
    desk.rule(refused())
    assert (await desk.run()).state is Outbound.REFUSED
    assert desk.places.forgotten == 1
    assert not desk.store.results[0].drop_message


async def test_a_refusal_where_nobody_knows_whether_it_moved_is_final(
    desk: Desk, found: Found
) -> None:
    desk.places.answers = [found, no_dns()]
    desk.rule(refused())
    assert (await desk.run()).state is Outbound.REFUSED


async def test_an_address_that_changed_for_the_same_certificate_gets_the_same_message(
    desk: Desk, receiver_leaf: IssuedLeaf
) -> None:
    desk.rule(
        Verdict(event=Event.DEFERRED, problem=TRANSIENT, look_again=True),
        Verdict(event=Event.RECEIPT_VERIFIED),
    )
    await desk.run()
    assert desk.places.forgotten == 1
    desk.places.answers = [place(receiver_leaf, "http://new.example/as4")]
    assert (await desk.run()).state is Outbound.TRANSMITTED
    assert [(sent.message_id, sent.url) for sent in desk.exchanging.sent] == [
        ("m1@x", URL),
        ("m1@x", "http://new.example/as4"),
    ]


async def test_another_certificate_does_not_readdress_what_it_cannot_open(
    desk: Desk, elsewhere: Found
) -> None:
    desk.rule(Verdict(event=Event.DEFERRED, problem=TRANSIENT))
    await desk.run()
    desk.places.answers = [elsewhere]
    await desk.run()
    assert {sent.url for sent in desk.exchanging.sent} == {URL}


async def test_a_duplicate_at_the_first_try_is_not_sent_again_under_that_id(desk: Desk) -> None:
    desk.rule(
        Verdict(event=Event.GAVE_UP, problem=PROBLEM, drop_message=True),
        Verdict(event=Event.RECEIPT_VERIFIED),
    )
    assert (await desk.run()).state is Outbound.FAILED
    desk.change(state=Outbound.QUEUED, settled=False, attempts=0)  # as its user asks
    assert (await desk.run()).state is Outbound.TRANSMITTED
    assert [sent.message_id for sent in desk.exchanging.sent] == ["m1@x", "m2@x"]


async def test_a_receipt_is_recorded_with_its_proof(desk: Desk, receiver_leaf: IssuedLeaf) -> None:
    receipt = as4.Receipt(
        message_id="r@x",
        ref_to_message_id="m1@x",
        given_at=AT,
        signer=receiver_leaf.certificate,
        revocation="good",
    )
    answer = HTTPAnswer(status=200, headers=(("A", "b"),), body=b"<receipt/>")
    desk.exchanging.outcomes = [
        Outcome(verdict=Verdict(event=Event.RECEIPT_VERIFIED), answer=answer, receipt=receipt)
    ]
    await desk.run()
    (result,) = desk.store.results
    assert (result.http_status, result.reply_headers) == (200, b"A: b\r\n")
    assert result.receipt == result.reply_body == b"<receipt/>"
    assert [one.sha256 for one in result.evidence] == [receiver_leaf.certificate.sha256]
    assert result.reporting is not None
    assert (result.reporting.exchanged_at, result.reporting.end_user) == (AT, "org_1")


async def test_an_answer_without_a_receipt_is_kept_and_reported_nowhere(desk: Desk) -> None:
    answer = HTTPAnswer(status=502, headers=(), body=b"<html/>")
    desk.exchanging.outcomes = [
        Outcome(verdict=Verdict(event=Event.DEFERRED, problem=TRANSIENT), answer=answer)
    ]
    await desk.run()
    (result,) = desk.store.results
    assert (result.reply_body, result.receipt, result.reporting) == (b"<html/>", None, None)


@pytest.mark.parametrize(
    ("ruling", "level"),
    [
        (Verdict(event=Event.RECEIPT_VERIFIED), "INFO"),
        (Verdict(event=Event.RECEIPT_VERIFIED, receipt_note=RECEIPT_WITHOUT_PROOF), "WARNING"),
        (Verdict(event=Event.DEFERRED, problem=TRANSIENT), "INFO"),
        (Verdict(event=Event.DEFERRED, problem=replace(PROBLEM, ebms_code="EBMS:0302")), "WARNING"),
    ],
)
async def test_what_somebody_should_look_at_stands_out(
    desk: Desk, log: Records, ruling: Verdict, level: str
) -> None:
    desk.rule(ruling)
    await desk.run()
    facts = log.one("attempt_finished")
    assert facts["levelname"] == level
    assert facts["receipt_note"] == ruling.receipt_note
