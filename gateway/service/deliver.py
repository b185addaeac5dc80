# SPDX-License-Identifier: Apache-2.0
"""The outbound story, one try: look up, envelope, sign and encrypt, send, receipt, state.

The message is stored before its first byte leaves, and a try that is repeated sends the same bytes
under the same message id: the receiver can tell a repeat, so a crash costs a try, never a double.
Sources: as4.md 7, 9.4 and 10; docs/api.md on the states.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import GatewayError
from gateway.service import retry
from gateway.service.compose import Composer, at_address
from gateway.service.exchange import Exchange, Outcome
from gateway.service.lifecycle import SETTLED_OUTBOUND, Event, Outbound
from gateway.service.lookup import Found, Lookup, LookupFailedError
from gateway.service.ports import Clock, DocumentIndex, Jobs, SubmissionStore
from gateway.service.receive import certificate_evidence, header_lines
from gateway.service.records import (
    AttemptResult,
    Direction,
    Document,
    Job,
    JobDone,
    OutboundMessage,
    Problem,
    ReportingRow,
)
from gateway.service.stopwatch import Stopwatch
from gateway.service.verdict import Verdict

_LOG = logging.getLogger("gateway.deliver")
_AT_ONCE = timedelta(seconds=1)  # a new endpoint was found: no reason to wait


class Delivery:
    """Tries to deliver one document. `jitter` draws a number from -1 to 1."""

    def __init__(
        self,
        *,
        submissions: SubmissionStore,
        documents: DocumentIndex,
        jobs: Jobs,
        lookup: Lookup,
        composer: Composer,
        exchange: Exchange,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._submissions = submissions
        self._documents = documents
        self._jobs = jobs
        self._lookup = lookup
        self._composer = composer
        self._exchange = exchange
        self._clock = clock
        self._jitter = jitter

    async def attempt(self, job: Job) -> None:
        """One try. Whatever happens, the document has a state and the job an end or a due time."""
        document = await self._documents.get(job.ref, organisation=None)
        if document is None or document.state in SETTLED_OUTBOUND:
            await self._jobs.finish(JobDone(job=job), at=self._clock())
            return
        watch = Stopwatch()
        message = await self._submissions.message_of(document.id)
        try:
            found = await self._find(document, message)
            watch.lap("lookup_ms")
            message = await self._message(document, message, found, watch)
        except GatewayError as error:
            await self._no_message(document, job, error, watch)
            return
        await self._send(document, message, job, watch)

    async def _find(self, document: Document, message: OutboundMessage | None) -> Found | None:
        """The endpoint. A look-up that fails is no reason to hold back a message that exists."""
        try:
            return await self._resolve(document)
        except LookupFailedError:
            if message is None:
                raise
            return None

    async def _resolve(self, document: Document) -> Found:
        routing = document.routing
        return await self._lookup.resolve(routing.receiver, routing.document_type, routing.process)

    async def _message(
        self,
        document: Document,
        message: OutboundMessage | None,
        found: Found | None,
        watch: Stopwatch,
    ) -> OutboundMessage:
        """The message of the try before, or a new one."""
        if message is not None:
            same_key = found is not None and found.certificate.sha256 == _recipient(message)
            return at_address(message, found.url) if found and same_key else message
        assert found is not None
        message = await self._composer.compose(document, found)
        watch.lap("compose_ms")
        await self._submissions.step(
            document.id,
            Event.ENDPOINT_FOUND,
            at=self._clock(),
            lookup=found.report,
            evidence=found.evidence,
        )
        return message

    async def _no_message(
        self, document: Document, job: Job, error: GatewayError, watch: Stopwatch
    ) -> None:
        """No endpoint, or no message for it: tried again, or final, as the error says."""
        at = self._clock()
        problem = Problem(code=error.code, detail=error.detail, retryable=error.retry, at=at)
        due = self._next(document, at) if error.retry else None
        if error.retry:
            event = Event.DEFERRED if due else Event.DEADLINE_PASSED
        elif isinstance(error, LookupFailedError):
            event = Event.NO_ENDPOINT
        else:
            event = Event.GAVE_UP
        await self._submissions.step(
            document.id,
            event,
            at=at,
            problem=problem,
            next_attempt_at=due,
            lookup=error.report if isinstance(error, LookupFailedError) else None,
            done=JobDone(job=job, due=due, error=error.code),
        )
        _log(document, event, problem, watch)

    async def _send(
        self, document: Document, message: OutboundMessage, job: Job, watch: Stopwatch
    ) -> None:
        number = document.attempts + 1
        started_at = self._clock()
        await self._submissions.start_attempt(message, number=number, at=started_at)
        watch.lap("store_ms")
        before = document.problem if document.state is Outbound.WAITING_RETRY else None
        outcome = await self._exchange.run(message, before=before)
        watch.lap("transmit_ms")
        ruling, drop = await self._look_again(document, message, outcome.verdict)
        at = self._clock()
        event, due = self._when(document, ruling, drop=drop, at=at)
        problem = ruling.problem
        await self._submissions.finish_attempt(
            AttemptResult(
                document_id=document.id,
                exchange_id=message.exchange_id,
                number=number,
                started_at=started_at,
                ended_at=at,
                event=event,
                next_attempt_at=due,
                receipt_note=ruling.receipt_note,
                problem=problem,
                drop_message=drop,
                **_answered(document, message, outcome),
            ),
            done=JobDone(job=job, due=due, error=problem.code if problem else None),
        )
        watch.lap("receipt_ms")
        _log(document, event, problem, watch, message=message)

    async def _look_again(
        self, document: Document, message: OutboundMessage, ruling: Verdict
    ) -> tuple[Verdict, bool]:
        """Ask the SMP once more before a refusal is final; True: make a new message for it."""
        if not ruling.look_again:
            return ruling, False
        self._lookup.forget(document.routing.receiver)
        if ruling.problem is None or ruling.problem.ebms_detail is None:
            return ruling, False  # nobody answered; the next try looks up afresh and may readdress
        try:
            found = await self._resolve(document)
        except LookupFailedError:
            return ruling, False
        if found.certificate.sha256 == _recipient(message) and found.url == message.url:
            return ruling, False
        return Verdict(event=Event.DEFERRED, problem=ruling.problem), True

    def _when(
        self, document: Document, ruling: Verdict, *, drop: bool, at: datetime
    ) -> tuple[Event, datetime | None]:
        if ruling.event is not Event.DEFERRED:
            return ruling.event, None
        due = at + _AT_ONCE if drop else self._next(document, at, ruling.retry_after)
        return (Event.DEFERRED, due) if due else (Event.DEADLINE_PASSED, None)

    def _next(
        self, document: Document, at: datetime, retry_after: timedelta | None = None
    ) -> datetime | None:
        return retry.next_attempt(
            attempts=document.attempts + 1,
            at=at,
            deadline=document.deadline or document.created_at + timedelta(days=1),
            jitter=self._jitter(),
            retry_after=retry_after,
        )


def _recipient(message: OutboundMessage) -> str | None:
    """Digest of the certificate that the message was encrypted for."""
    endpoint = message.lookup.get("endpoint") or {}
    return (endpoint.get("certificate") or {}).get("sha256")


def _answered(document: Document, message: OutboundMessage, outcome: Outcome) -> dict[str, Any]:
    """What the other side's answer adds to the record of a try."""
    answer, receipt = outcome.answer, outcome.receipt
    if answer is None:
        return {}
    facts: dict[str, Any] = {
        "http_status": answer.status,
        "reply_headers": header_lines(answer.headers),
        "reply_body": answer.body,
    }
    if receipt is not None:
        facts["receipt"] = answer.body
        facts["reporting"] = _reporting(document, message)
        facts["evidence"] = (certificate_evidence(receipt.signer),)
    return facts


def _reporting(document: Document, message: OutboundMessage) -> ReportingRow:
    return ReportingRow(
        direction=Direction.OUTBOUND,
        exchanged_at=message.sent_at,
        other_ap=message.receiving_ap,
        document_type=document.routing.document_type,
        process=document.routing.process,
        country_c1=document.routing.country_c1,
        country_c4=None,
        end_user=document.organisation,
    )


def _log(
    document: Document,
    event: Event,
    problem: Problem | None,
    watch: Stopwatch,
    *,
    message: OutboundMessage | None = None,
) -> None:
    facts: dict[str, Any] = {
        "document": document.id,
        "as4_message": message.message_id if message else None,
        "step": str(event),
        "problem": problem.code if problem else None,
    }
    _LOG.info("attempt_finished", extra=facts | watch.laps)
