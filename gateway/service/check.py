# SPDX-License-Identifier: Apache-2.0
"""After the receipt: read what a received document is about, have it judged, show it in the inbox.

What the rules find is attached, never hidden. A document that cannot be read or judged is still
delivered: it was received, and its owner decides. Only the policy `reject` keeps from the inbox
what breaks the rules. An envelope that says other things than its document is a finding, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import msgspec

from gateway import ubl
from gateway.errors import GatewayError
from gateway.service.contents import document_chunks
from gateway.service.lifecycle import Event, Inbound
from gateway.service.ports import Clock, DocumentIndex, InboundStore, Jobs, PayloadStore
from gateway.service.records import Document, Job, JobDone, Summary
from gateway.service.summaries import summary_of
from gateway.service.threads import INLINE_PAYLOAD, pieces_off_loop
from gateway.service.validation import INVALID, detail_of, not_judged, outcome_of
from gateway.service.validator import ValidationOutcome, Validator

_LOG = logging.getLogger("gateway.check")
_PATIENCE = 5  # tries while documents cannot be judged; then it is shown as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What reading gave: the summary, the facts if it can be read, the bytes if it is small."""

    summary: Summary
    facts: ubl.DocumentFacts | None = None
    data: bytes | None = None


class Check:
    """Checks one received document and makes it ready, or rejects it where that is the policy."""

    def __init__(
        self,
        *,
        inbound: InboundStore,
        documents: DocumentIndex,
        jobs: Jobs,
        payloads: PayloadStore,
        validator: Validator,
        clock: Clock,
        reject_invalid: bool = False,
    ) -> None:
        self._inbound = inbound
        self._documents = documents
        self._jobs = jobs
        self._payloads = payloads
        self._validator = validator
        self._clock = clock
        self._reject_invalid = reject_invalid

    async def attempt(self, job: Job) -> None:
        """Read, judge, step to `ready` or `rejected`."""
        document = await self._documents.get(job.ref, organisation=None)
        if document is None or document.state is not Inbound.RECEIVED:
            await self._jobs.finish(JobDone(job=job), at=self._clock())
            return
        read = await asyncio.to_thread(self._read, document)
        outcome = _with_envelope(await self._judge(document, read, job), document, read.facts)
        rejected = self._reject_invalid and outcome.outcome == INVALID
        await self._inbound.checked(
            document.id,
            event=Event.REJECT if rejected else Event.CHECKED,
            summary=read.summary,
            validation=outcome.outcome,
            validation_detail=detail_of(outcome),
            at=self._clock(),
            done=JobDone(job=job),
        )
        self._log(document, outcome, rejected=rejected)

    async def _judge(self, document: Document, read: _Read, job: Job) -> ValidationOutcome:
        try:
            return await self._validator.validate(self._bytes_of(document, read), at=self._clock())
        except GatewayError as error:
            if error.retry and job.attempts < _PATIENCE:
                raise
            return not_judged(error.code)

    async def _bytes_of(self, document: Document, read: _Read) -> AsyncIterator[bytes]:
        if read.data is not None:
            yield read.data
            return
        async for piece in pieces_off_loop(document_chunks(self._payloads, document.content)):
            yield piece

    def _read(self, document: Document) -> _Read:
        facts, size, digest = _LenientFacts(document.id), 0, hashlib.sha256()
        kept: list[bytes] = []
        try:
            for chunk in document_chunks(self._payloads, document.content):
                size += len(chunk)
                digest.update(chunk)
                facts.feed(chunk)
                if size <= INLINE_PAYLOAD:
                    kept.append(chunk)
        except GatewayError as error:
            if error.retry:
                raise  # the store's trouble, not the document's
            facts.give_up(error)
            return _Read(summary=Summary())
        found = facts.close()
        summary = summary_of(found) if found is not None else Summary()
        return _Read(
            summary=replace(summary, document_size=size, document_sha256=digest.hexdigest()),
            facts=found,
            data=b"".join(kept) if size <= INLINE_PAYLOAD else None,
        )

    def _log(self, document: Document, outcome: ValidationOutcome, *, rejected: bool) -> None:
        report = outcome.report
        facts = {
            "document": document.id,
            "validation": outcome.outcome,
            "rule_set": report.rule_set if report else None,
            "errors": report.errors if report else None,
            "ms": round(report.milliseconds, 2) if report else None,
        }
        if rejected:
            _LOG.warning("document_rejected", extra=facts)
        else:
            _LOG.info("document_ready", extra=facts)


def _with_envelope(
    outcome: ValidationOutcome, document: Document, facts: ubl.DocumentFacts | None
) -> ValidationOutcome:
    """The verdict with what differs between envelope and document, which is fatal by itself."""
    if facts is None:
        return outcome
    routing = document.routing
    carried = ubl.Carried(
        sender=routing.sender,
        receiver=routing.receiver,
        document_type=routing.document_type,
        process=routing.process,
    )
    found = ubl.compare_with_envelope(facts, carried)
    if not found:
        return outcome
    report = outcome.report or ubl.Report(outcome=ubl.Outcome.NOT_JUDGED)
    told = msgspec.structs.replace(
        report,
        outcome=ubl.Outcome.INVALID,
        errors=report.errors + len(found),
        findings=(*found, *report.findings),
    )
    return replace(outcome_of(told), reason=outcome.reason)


class _LenientFacts:
    """Reads facts until the document turns out to be unreadable, and says so once in the log."""

    def __init__(self, document_id: str) -> None:
        self._document_id = document_id
        self._reader: ubl.FactsReader | None = ubl.FactsReader()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        try:
            if self._reader is not None:
                self._reader.feed(chunk)
        except GatewayError as error:
            self.give_up(error)

    def close(self) -> ubl.DocumentFacts | None:
        """What was found; nothing where the document cannot be read."""
        try:
            return self._reader.close() if self._reader is not None else None
        except GatewayError as error:
            self.give_up(error)
            return None

    def give_up(self, error: GatewayError) -> None:
        """Read no further."""
        self._reader = None
        _LOG.info("document_unreadable", extra={"document": self._document_id, "why": error.code})
