# SPDX-License-Identifier: Apache-2.0
"""After the acceptance: asks the rules for a document whose verdict did not come in time.

Nothing is sent before they have spoken: the job `deliver` is made in the commit that keeps a
verdict which lets the document pass. Trouble of ours leaves the document unjudged, and is tried
again, or ends it as `failed`; `retry` then begins here, not with sending.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.errors import GatewayError
from gateway.service.admission import Admission, DocumentInvalidError
from gateway.service.contents import plain_chunks
from gateway.service.lifecycle import Event, Outbound, StateConflictError
from gateway.service.order import DEFAULT_DELIVERY, ValidationPolicy
from gateway.service.ports import Clock, DocumentIndex, Jobs, PayloadStore, SubmissionStore
from gateway.service.records import Document, Job, JobDone, Problem
from gateway.service.threads import pieces_off_loop
from gateway.service.validation import NOT_VALIDATED, detail_of
from gateway.service.validator import ValidationOutcome

_LOG = logging.getLogger("gateway.judge")
_AGAIN = timedelta(minutes=1)
_OPEN = frozenset({Outbound.ACCEPTED, Outbound.QUEUED})


class Judge:
    """Judges one accepted document."""

    def __init__(
        self,
        *,
        submissions: SubmissionStore,
        documents: DocumentIndex,
        jobs: Jobs,
        payloads: PayloadStore,
        admission: Admission,
        clock: Clock,
    ) -> None:
        self._submissions = submissions
        self._documents = documents
        self._jobs = jobs
        self._payloads = payloads
        self._admission = admission
        self._clock = clock

    async def attempt(self, job: Job) -> None:
        """Ask the rules; whatever happens, the document has a state and the job an end."""
        document = await self._documents.get(job.ref, organisation=None)
        if document is None or document.state not in _OPEN or document.validation != NOT_VALIDATED:
            await self._jobs.finish(JobDone(job=job), at=self._clock())
            return
        try:
            await self._judge(document, job)
        except StateConflictError as error:  # cancelled meanwhile: look again
            at = self._clock()
            await self._jobs.finish(JobDone(job=job, due=at, error=error.code), at=at)

    async def _judge(self, document: Document, job: Job) -> None:
        detail = await self._documents.validation_detail(document.id)
        policy = ValidationPolicy(detail.get("policy", ValidationPolicy.STRICT))
        chunks = pieces_off_loop(plain_chunks(self._payloads, document.content))
        try:
            found = await self._admission.judge(chunks, policy, at=self._clock())
        except StateConflictError:
            raise
        except DocumentInvalidError as error:
            problem = Problem(code=error.code, detail=error.detail)
            await self._keep(document, job, error.outcome, problem=problem)
        except GatewayError as error:
            await self._not_judged(document, job, error)
        else:
            await self._keep(document, job, found)

    async def _keep(
        self,
        document: Document,
        job: Job,
        found: ValidationOutcome,
        *,
        problem: Problem | None = None,
    ) -> None:
        at = self._clock()
        event = Event.INVALID if problem else Event.VALID
        await self._submissions.judged(
            document.id,
            event,
            validation=found.outcome,
            validation_detail=detail_of(found),
            at=at,
            problem=replace(problem, at=at) if problem else None,
            done=JobDone(job=job),
        )
        facts = {"document": document.id, "validation": found.outcome, "event": event.value}
        _LOG.info("document_judged", extra=facts)

    async def _not_judged(self, document: Document, job: Job, error: GatewayError) -> None:
        """Tried again as long as there is time; final where trying again is of no use."""
        at = self._clock()
        due = at + _AGAIN if error.retry and at + _AGAIN < _deadline(document) else None
        problem = Problem(code=error.code, detail=error.detail, retryable=due is not None, at=at)
        if due is not None:
            await self._jobs.finish(JobDone(job=job, due=due, error=error.code), at=at)
        else:
            event = Event.DEADLINE_PASSED if error.retry else Event.GAVE_UP
            done = JobDone(job=job, error=error.code)
            await self._submissions.step(document.id, event, at=at, problem=problem, done=done)
        _LOG.warning("document_not_judged", extra={"document": document.id, "why": error.code})


def _deadline(document: Document) -> datetime:
    return document.deadline or document.created_at + DEFAULT_DELIVERY
