# SPDX-License-Identifier: Apache-2.0
"""After the receipt: read what a received document is about, have it judged, show it in the inbox.

What the rules find is attached, never hidden. A document that cannot be read is still delivered:
it was received, and its owner decides.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import replace

from gateway import ubl
from gateway.errors import GatewayError
from gateway.service.contents import document_chunks
from gateway.service.lifecycle import Event, Inbound
from gateway.service.ports import (
    Clock,
    DocumentIndex,
    InboundStore,
    Jobs,
    PayloadStore,
    ValidationOutcome,
    Validator,
)
from gateway.service.records import Document, Job, JobDone, Summary
from gateway.service.summaries import summary_of
from gateway.service.threads import pieces_off_loop

_LOG = logging.getLogger("gateway.check")


class Check:
    """Checks one received document and makes it ready."""

    def __init__(
        self,
        *,
        inbound: InboundStore,
        documents: DocumentIndex,
        jobs: Jobs,
        payloads: PayloadStore,
        validator: Validator,
        clock: Clock,
    ) -> None:
        self._inbound = inbound
        self._documents = documents
        self._jobs = jobs
        self._payloads = payloads
        self._validator = validator
        self._clock = clock

    async def attempt(self, job: Job) -> None:
        """Read, judge, step to `ready`."""
        document = await self._documents.get(job.ref, organisation=None)
        if document is None or document.state is not Inbound.RECEIVED:
            await self._jobs.finish(JobDone(job=job), at=self._clock())
            return
        summary = await asyncio.to_thread(self._read, document)
        outcome = await self._judge(document)
        await self._inbound.checked(
            document.id,
            event=Event.CHECKED,
            summary=summary,
            validation=outcome.outcome,
            validation_detail=outcome.detail,
            at=self._clock(),
            done=JobDone(job=job),
        )
        _LOG.info("document_ready", extra={"document": document.id, "validation": outcome.outcome})

    async def _judge(self, document: Document) -> ValidationOutcome:
        try:
            chunks = document_chunks(self._payloads, document.content)
            return await self._validator.validate(pieces_off_loop(chunks))
        except GatewayError as error:
            if error.retry:
                raise
            return ValidationOutcome(outcome="not_validated", detail={"reason": error.code})

    def _read(self, document: Document) -> Summary:
        facts, size, digest = _LenientFacts(document.id), 0, hashlib.sha256()
        try:
            for chunk in document_chunks(self._payloads, document.content):
                size += len(chunk)
                digest.update(chunk)
                facts.feed(chunk)
        except GatewayError as error:
            if error.retry:
                raise  # the store's trouble, not the document's
            facts.give_up(error)
            return facts.close()
        return replace(facts.close(), document_size=size, document_sha256=digest.hexdigest())


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

    def close(self) -> Summary:
        """What was found; nothing where the document cannot be read."""
        try:
            return summary_of(self._reader.close()) if self._reader is not None else Summary()
        except GatewayError as error:
            self.give_up(error)
            return Summary()

    def give_up(self, error: GatewayError) -> None:
        """Read no further."""
        self._reader = None
        _LOG.info("document_unreadable", extra={"document": self._document_id, "why": error.code})
