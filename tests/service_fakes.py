# SPDX-License-Identifier: Apache-2.0
"""In-memory ports of the service layer that can be told to fail, and to wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway import correlation
from gateway.errors import GatewayError
from gateway.identifiers import PartyId
from gateway.service.lifecycle import SETTLED_OUTBOUND, Event, Outbound, step_outbound
from gateway.service.ports import InboundStore, PayloadStore, Spool
from gateway.service.records import (
    AttemptResult,
    Content,
    Document,
    InboundMessage,
    Job,
    JobDone,
    OutboundMessage,
    StoredReceipt,
    Summary,
)
from tests.fakes import MemoryPayloads


class MemoryJobs:
    """Implements `Jobs`: jobs that are given out once, and what was said of them."""

    def __init__(self, *refs: str, queue: str = "deliver") -> None:
        self.waiting = [job_of(ref, queue=queue) for ref in refs]
        self.lanes: list[str] = []
        self.full_lanes: set[str] = set()
        self.claims = 0
        self.limits: list[int] = []
        self.finished: list[JobDone] = []
        self.extended: list[str] = []
        self.sweeps = 0
        self.held = True  # what `extend` and `finish` answer
        self.failures: dict[str, list[Exception]] = {}  # by method, each raised once
        self._news = asyncio.Event()

    def add(self, *refs: str, queue: str = "deliver") -> None:
        self.waiting += [job_of(ref, queue=queue) for ref in refs]
        self._news.set()

    async def claim(
        self, queues: Sequence[str], *, limit: int, lease: timedelta, at: datetime
    ) -> list[Job]:
        self.claims += 1
        self.limits.append(limit)
        self._fail("claim")
        taken = [job for job in self.waiting if job.queue in queues][:limit]
        self.waiting = [job for job in self.waiting if job not in taken]
        return taken

    async def extend(self, job: Job, *, lease: timedelta, at: datetime) -> bool:
        self.extended.append(job.ref)
        self._fail("extend")
        return self.held

    async def finish(self, done: JobDone, *, at: datetime) -> bool:
        self._fail("finish")
        self.finished.append(done)
        return self.held

    async def enter_lane(self, job: Job, lane: str) -> bool:
        self.lanes.append(lane)
        return lane not in self.full_lanes

    async def ensure(self, queue: str, ref: str, *, due: datetime, dedupe: str) -> None:
        self.add(ref, queue=queue)

    async def sweep(self, *, at: datetime) -> int:
        self.sweeps += 1
        self._fail("sweep")
        return self.sweeps % 2

    async def wait(self, *, at: datetime, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), min(seconds, 0.02))
        except TimeoutError:
            return
        self._news.clear()

    def _fail(self, method: str) -> None:
        if self.failures.get(method):
            raise self.failures[method].pop(0)


def job_of(ref: str, *, queue: str = "deliver", attempts: int = 1) -> Job:
    return Job(id=1, queue=queue, ref=ref, lane="", attempts=attempts, token=f"token {ref}")


@dataclass
class FailingInbound:
    """An `InboundStore` that raises what it is told to, once each, before it does anything."""

    inner: InboundStore
    failures: list[Exception] = field(default_factory=list)
    asked: int = 0
    accepted: int = 0

    async def receipt_of(self, sending_ap: PartyId, message_id: str) -> StoredReceipt | None:
        self.asked += 1
        return await self.inner.receipt_of(sending_ap, message_id)

    async def accept(self, message: InboundMessage) -> StoredReceipt | None:
        if self.failures:
            raise self.failures.pop(0)
        self.accepted += 1
        return await self.inner.accept(message)

    async def checked(
        self,
        document_id: str,
        *,
        event: Event,
        summary: Summary,
        validation: str,
        validation_detail: Mapping[str, Any],
        at: datetime,
        done: JobDone | None = None,
    ) -> None:
        await self.inner.checked(
            document_id,
            event=event,
            summary=summary,
            validation=validation,
            validation_detail=validation_detail,
            at=at,
            done=done,
        )


class MemoryInbound:
    """Implements `InboundStore`."""

    def __init__(self) -> None:
        self.messages: dict[tuple[PartyId, str], InboundMessage] = {}
        self.checks: list[tuple[str, Event, Summary, str, Mapping[str, Any]]] = []

    async def receipt_of(self, sending_ap: PartyId, message_id: str) -> StoredReceipt | None:
        found = self.messages.get((sending_ap, message_id))
        if found is None:
            return None
        return StoredReceipt(
            document_id=found.document_id, receipt=found.receipt, digests=found.digests
        )

    async def accept(self, message: InboundMessage) -> StoredReceipt | None:
        known = await self.receipt_of(message.sending_ap, message.message_id)
        self.messages.setdefault((message.sending_ap, message.message_id), message)
        return known

    async def checked(
        self,
        document_id: str,
        *,
        event: Event,
        summary: Summary,
        validation: str,
        validation_detail: Mapping[str, Any],
        at: datetime,
        done: JobDone | None = None,
    ) -> None:
        self.checks.append((document_id, event, summary, validation, validation_detail))


class FullSpool:
    """A `Spool` on a disk that has room for so many bytes only."""

    def __init__(self, inner: Spool, room: int, error: GatewayError) -> None:
        self._inner, self._room, self._error = inner, room, error
        self.discarded = False

    @property
    def size(self) -> int:
        return self._inner.size

    def write(self, chunk: bytes) -> None:
        if self._inner.size + len(chunk) > self._room:
            raise self._error
        self._inner.write(chunk)

    def chunks(self, size: int = 262144) -> Iterator[bytes]:
        yield from self._inner.chunks(size)

    def discard(self) -> None:
        self.discarded = True
        self._inner.discard()


class FailingPayloads:
    """A `PayloadStore` around another one, whose disk may be full at one place or the other."""

    def __init__(self, inner: PayloadStore | None = None) -> None:
        self.inner: PayloadStore = inner or MemoryPayloads()
        self.room: list[tuple[int, GatewayError]] = []  # for the next spools
        self.keep_failures: list[GatewayError] = []
        self.kept = 0
        self.deleted = 0
        self.spools: list[FullSpool] = []

    def spool(self) -> Spool:
        spool = self.inner.spool()
        if not self.room:
            return spool
        self.spools.append(FullSpool(spool, *self.room.pop(0)))
        return self.spools[-1]

    async def keep(self, spool: Spool, *, gzip: bool) -> Content:
        if self.keep_failures:
            raise self.keep_failures.pop(0)
        self.kept += 1
        return await self.inner.keep(spool, gzip=gzip)

    def chunks(self, content: Content) -> Iterator[bytes]:
        return self.inner.chunks(content)

    async def delete(self, content: Content) -> None:
        self.deleted += 1
        await self.inner.delete(content)


class Records(logging.Handler):
    """Collects log records of one logger."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        record.correlation = correlation.current.get()
        self.records.append(record)

    @property
    def events(self) -> list[str]:
        return [record.getMessage() for record in self.records]

    def one(self, event: str) -> dict[str, Any]:
        """The facts of the one record of this event."""
        (found,) = [record for record in self.records if record.getMessage() == event]
        return vars(found)


@contextmanager
def logged(name: str) -> Iterator[Records]:
    """The records that a logger gets meanwhile."""
    logger, records = logging.getLogger(name), Records()
    level, spread = logger.level, logger.propagate
    logger.addHandler(records)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield records
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
        logger.propagate = spread


class MemoryDocuments:
    """The part of `DocumentIndex` that workers use."""

    def __init__(self, *documents: Document) -> None:
        self.kept = {document.id: document for document in documents}
        self.details: dict[str, Mapping[str, Any]] = {}

    def put(self, document: Document) -> None:
        self.kept[document.id] = document

    async def get(self, document_id: str, *, organisation: str | None) -> Document | None:
        assert organisation is None
        return self.kept.get(document_id)

    async def validation_detail(self, document_id: str) -> Mapping[str, Any]:
        return self.details.get(document_id, {})


class MemoryAttempts:
    """The part of `SubmissionStore` that delivery uses; steps the document in `documents`."""

    def __init__(self, documents: MemoryDocuments) -> None:
        self.documents = documents
        self.message: OutboundMessage | None = None
        self.steps: list[tuple[Event, dict[str, Any]]] = []
        self.started: list[tuple[OutboundMessage, int]] = []
        self.results: list[AttemptResult] = []
        self.done: list[JobDone] = []
        self.before_step: list[Callable[[], None]] = []  # something else happens first

    async def message_of(self, document_id: str) -> OutboundMessage | None:
        return self.message

    async def start_attempt(self, message: OutboundMessage, *, number: int, at: datetime) -> None:
        self._meanwhile()
        document = self.documents.kept[message.document_id]
        if document.state in (Outbound.ACCEPTED, Outbound.VALIDATED):
            self._move(message.document_id, Event.ENDPOINT_FOUND)
        if document.state is not Outbound.SENDING:
            self._move(message.document_id, Event.ATTEMPT_STARTED)
        self.started.append((message, number))
        self.message = replace(message, tries=message.tries + 1)

    async def finish_attempt(self, result: AttemptResult, *, done: JobDone) -> None:
        self._move(result.document_id, result.event, problem=result.problem, attempts=result.number)
        self.results.append(result)
        self.done.append(done)
        if result.drop_message:
            self.message = None

    async def judged(self, document_id: str, event: Event, **facts: Any) -> None:
        self._meanwhile()
        validation = facts["validation"]
        self._move(document_id, event, problem=facts.get("problem"), validation=validation)
        self.documents.details[document_id] = facts["validation_detail"]
        self.done.append(facts["done"])

    async def step(self, document_id: str, event: Event, **facts: Any) -> None:
        self._meanwhile()
        self._move(document_id, event, problem=facts.get("problem"))
        self.steps.append((event, facts))
        if facts.get("done") is not None:
            self.done.append(facts["done"])

    def _meanwhile(self) -> None:
        if self.before_step:
            self.before_step.pop(0)()

    def _move(self, document_id: str, event: Event, **changed: Any) -> None:
        document = self.documents.kept[document_id]
        assert isinstance(document.state, Outbound)
        state = step_outbound(document.state, event)
        self.documents.put(
            replace(document, state=state, settled=state in SETTLED_OUTBOUND, **changed)
        )
