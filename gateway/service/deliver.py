# SPDX-License-Identifier: Apache-2.0
"""The outbound story, one try: look up, envelope, sign and encrypt, send, receipt, state.

The message is stored before its first byte leaves, and a try that is repeated sends the same bytes
under the same message id: the receiver can tell a repeat, so a crash costs a try, never a double.
The states: docs/api.md. What an answer means: `verdict.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import GatewayError
from gateway.service import retry
from gateway.service.attempts import attempt_result, log_attempt
from gateway.service.compose import Composer, at_address
from gateway.service.exchange import Exchange
from gateway.service.lifecycle import SETTLED_OUTBOUND, Event, Outbound, StateConflictError
from gateway.service.lookup import Found, Lookup, LookupFailedError
from gateway.service.order import DEFAULT_DELIVERY
from gateway.service.ports import Clock, DocumentIndex, Jobs, SubmissionStore
from gateway.service.records import Document, Job, JobDone, OutboundMessage, Problem
from gateway.service.stopwatch import Stopwatch
from gateway.service.verdict import Verdict
from gateway.service.whereabouts import Whereabouts, encrypted_for

_AT_ONCE = timedelta(seconds=1)  # a new endpoint was found: no reason to wait
_MOVES = 5  # tries for which that holds; an SMP that changes its mind all the time may wait
_LATE = timedelta(minutes=1)  # how late the last try may be, since a worker takes a moment


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
        self._whereabouts = Whereabouts(lookup)
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
        try:
            await self._try(document, job, Stopwatch())
        except StateConflictError as error:
            # Cancelled, or moved on by another worker, since it was read: read it again.
            at = self._clock()
            await self._jobs.finish(JobDone(job=job, due=at + _AT_ONCE, error=error.code), at=at)

    async def _try(self, document: Document, job: Job, watch: Stopwatch) -> None:
        if self._too_late(document):
            problem = Problem(code="expired", detail="the time for delivery is over")
            await self._stop(document, job, Event.DEADLINE_PASSED, watch, problem=problem)
            return
        message = None
        if document.state is not Outbound.ACCEPTED:  # no step leads back there: nothing was made
            message = await self._submissions.message_of(document.id)
        try:
            found = await self._whereabouts.find(document, message)
            watch.lap("lookup_ms")
            if found is not None and not await self._enter_lane(job, found):
                return
            message = await self._message(document, message, found, watch)
        except StateConflictError:
            raise
        except GatewayError as error:
            await self._no_message(document, job, error, watch)
            return
        await self._send(document, message, job, watch)

    def _too_late(self, document: Document) -> bool:
        """Nothing was tried in time, as when we were down. A try that was cut off is resolved."""
        late = self._clock() > _deadline(document) + _LATE
        return late and document.state is not Outbound.SENDING

    async def _enter_lane(self, job: Job, found: Found) -> bool:
        """At most so many at once to one host; False: the job waits until one of them ends."""
        lane = urlsplit(found.url).netloc
        return job.lane == lane or await self._jobs.enter_lane(job, lane)

    async def _message(
        self,
        document: Document,
        message: OutboundMessage | None,
        found: Found | None,
        watch: Stopwatch,
    ) -> OutboundMessage:
        """The message of the try before, or a new one."""
        if message and found and found.certificate.sha256 == encrypted_for(message):
            return at_address(message, found.url)
        # Another certificate cannot open it; a new one is made only if its user tries again.
        if message and (found is None or document.state is not Outbound.QUEUED):
            return message
        assert found is not None
        message = await self._composer.compose(document, found, watch)
        watch.lap("compose_ms")
        return message

    async def _no_message(
        self, document: Document, job: Job, error: GatewayError, watch: Stopwatch
    ) -> None:
        """No endpoint, or no message for it: tried again, or final, as the error says."""
        due = self._next(document, job, self._clock()) if error.retry else None
        if error.retry:
            event = Event.DEFERRED if due else Event.DEADLINE_PASSED
        elif isinstance(error, LookupFailedError):
            event = Event.NO_ENDPOINT
        else:
            event = Event.GAVE_UP
        problem = Problem(code=error.code, detail=error.detail, retryable=due is not None)
        report = error.report if isinstance(error, LookupFailedError) else None
        await self._stop(document, job, event, watch, problem=problem, due=due, lookup=report)

    async def _stop(
        self,
        document: Document,
        job: Job,
        event: Event,
        watch: Stopwatch,
        *,
        problem: Problem,
        due: datetime | None = None,
        lookup: dict[str, Any] | None = None,
    ) -> None:
        """Step without an exchange."""
        at = self._clock()
        await self._submissions.step(
            document.id,
            event,
            at=at,
            problem=replace(problem, at=at),
            next_attempt_at=due,
            lookup=lookup,
            done=JobDone(job=job, due=due, error=problem.code),
        )
        log_attempt(document, event, problem, watch)

    async def _send(
        self, document: Document, message: OutboundMessage, job: Job, watch: Stopwatch
    ) -> None:
        started_at = self._clock()
        await self._submissions.start_attempt(message, number=document.attempts + 1, at=started_at)
        watch.lap("store_ms")
        before = document.problem if document.state is Outbound.WAITING_RETRY else None
        outcome = await self._exchange.run(message, before=before)
        watch.lap("transmit_ms")
        ruling = await self._whereabouts.look_again(document, message, outcome.verdict)
        at = self._clock()
        event, due = self._when(document, job, ruling, at)
        result = attempt_result(
            document,
            message,
            outcome,
            ruling,
            event=event,
            due=due,
            started_at=started_at,
            at=at,
        )
        error = result.problem.code if result.problem else None
        await self._submissions.finish_attempt(result, done=JobDone(job=job, due=due, error=error))
        watch.lap("receipt_ms")
        log_attempt(
            document, event, result.problem, watch, message=message, note=ruling.receipt_note
        )

    def _when(
        self, document: Document, job: Job, ruling: Verdict, at: datetime
    ) -> tuple[Event, datetime | None]:
        if ruling.event is not Event.DEFERRED:
            return ruling.event, None
        if ruling.drop_message and not ruling.retry_after and document.attempts < _MOVES:
            return Event.DEFERRED, at + _AT_ONCE
        due = self._next(document, job, at, ruling.retry_after)
        return (Event.DEFERRED, due) if due else (Event.DEADLINE_PASSED, None)

    def _next(
        self, document: Document, job: Job, at: datetime, retry_after: timedelta | None = None
    ) -> datetime | None:
        """The next try. A job also counts tries that ended before anything was sent."""
        deadline = _deadline(document)
        if retry_after is not None:  # who asks for more time than there is gets one more try
            retry_after = min(retry_after, deadline - at)
        return retry.next_attempt(
            attempts=max(document.attempts + 1, job.attempts),
            at=at,
            deadline=deadline,
            jitter=self._jitter(),
            retry_after=retry_after,
        )


def _deadline(document: Document) -> datetime:
    return document.deadline or document.created_at + DEFAULT_DELIVERY
