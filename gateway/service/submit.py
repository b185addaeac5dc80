# SPDX-License-Identifier: Apache-2.0
"""Takes a business document from its organisation and promises to deliver it.

`Gathering` takes the bytes in one pass, `Submitter.submit` judges and stores them. Nothing is
promised before the commit. Delivery itself is another story, `service/deliver.py`; it begins when
the rules have spoken, here or in `service/judge.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.errors import Fault, GatewayError
from gateway.identifiers import ParticipantId
from gateway.service.admission import Admission
from gateway.service.errors import DuplicateDocumentError, IdempotencyKeyTakenError
from gateway.service.gathering import Gathering
from gateway.service.lifecycle import Outbound
from gateway.service.order import (
    DuplicatePolicy,
    Order,
    business_key,
    settle_routing,
)
from gateway.service.ports import (
    Clock,
    IdMaker,
    ParticipantStore,
    PayloadStore,
    Spool,
    SubmissionStore,
)
from gateway.service.records import (
    Caller,
    Content,
    Direction,
    Document,
    IdempotentAnswer,
    NewSubmission,
)
from gateway.service.summaries import summary_of
from gateway.service.validation import NOT_VALIDATED, ValidationPendingError, detail_of

MEDIA_TYPE = "application/xml"
FIRST_SEQUENCE = 1

AnswerMaker = Callable[[Document], IdempotentAnswer | None]


class SenderNotAuthorisedError(GatewayError):
    """The sender of the document is not a participant of the caller's organisation."""

    code = "sender_not_authorised"
    fault = Fault.CALLER


def no_answer(_document: Document) -> IdempotentAnswer | None:
    """The answer maker of a request without an idempotency key."""
    return None


class Submitter:
    """The use case: a document comes in from corner 1."""

    def __init__(
        self,
        *,
        submissions: SubmissionStore,
        participants: ParticipantStore,
        payloads: PayloadStore,
        admission: Admission,
        clock: Clock,
        ids: IdMaker,
    ) -> None:
        self._submissions = submissions
        self._participants = participants
        self._payloads = payloads
        self._admission = admission
        self._clock = clock
        self._ids = ids

    def gather(self) -> Gathering:
        """A place for the bytes of one document; the caller discards it when done."""
        return Gathering(self._payloads.spool())

    async def submit(
        self,
        caller: Caller,
        gathering: Gathering,
        order: Order,
        answer: AnswerMaker = no_answer,
    ) -> Document:
        """Judge, keep and accept; `answer` makes what a repeat of the request will get.

        Raises `DuplicateDocumentError`, `IdempotencyKeyTakenError`, and what the steps raise.
        """
        # 1. The bytes are a document of a known kind. 2. They agree with the order. 3. The sender
        # is the caller's. 4. The rules. 5. Bytes first, then the row that names them.
        at = self._clock()
        facts = gathering.facts()
        routing = settle_routing(order, facts, caller.organisation)
        deadline = order.delivery_deadline(at)
        self._authorise(caller, routing.sender)
        outcome, detail = await self._validate(gathering, order, at)
        content = await self._keep(gathering, order)
        allow = order.duplicate_policy is DuplicatePolicy.ALLOW
        new = NewSubmission(
            document_id=self._ids.prefixed("doc"),
            organisation=caller.organisation.id,
            routing=routing,
            summary=summary_of(facts),
            reference=order.reference,
            custom=order.custom,
            content=content,
            media_type=MEDIA_TYPE,
            validation=outcome,
            validation_detail=detail,
            judged=outcome != NOT_VALIDATED,
            business_key=None if allow else business_key(routing, facts),
            mls_type=order.mls_type,
            deliver_until=deadline,
            accepted_at=at,
        )
        document = accepted_document(new)
        if not order.dry_run:
            await self._store(new, answer(document))
        return document

    def _authorise(self, caller: Caller, sender: ParticipantId) -> None:
        served = self._participants.served(sender)
        if served is None or served.organisation != caller.organisation.id:
            raise SenderNotAuthorisedError(
                f"{sender} is not a participant of your organisation",
                advice="Send as one of the participants that GET /v1/me lists.",
            )

    async def _validate(
        self, gathering: Gathering, order: Order, at: datetime
    ) -> tuple[str, dict[str, Any]]:
        """Outcome and what is kept of it; without a verdict in time, what the job has to know."""
        try:
            found = await self._admission.judge(
                gathering.pieces(),
                order.validation,
                at=at,
                within=None if order.dry_run else self._admission.policy.sync_seconds,
            )
        except ValidationPendingError:
            return NOT_VALIDATED, {"policy": order.validation.value}
        return found.outcome, detail_of(found)

    async def _keep(self, gathering: Gathering, order: Order) -> Content:
        if order.dry_run:
            return await asyncio.to_thread(_measure, gathering.spool)
        return await self._payloads.keep(gathering.spool, gzip=False)

    async def _store(self, new: NewSubmission, answer: IdempotentAnswer | None) -> None:
        try:
            await self._submissions.submit(replace(new, idempotency=answer))
        except (DuplicateDocumentError, IdempotencyKeyTakenError):
            await self._payloads.delete(new.content)
            raise


def accepted_document(new: NewSubmission) -> Document:
    """The document as it will stand after the commit that accepts it."""
    return Document(
        id=new.document_id,
        direction=Direction.OUTBOUND,
        organisation=new.organisation,
        state=Outbound.ACCEPTED,
        settled=False,
        state_since=new.accepted_at,
        sequence=FIRST_SEQUENCE,
        routing=new.routing,
        summary=new.summary,
        content=new.content,
        content_media_type=new.media_type,
        validation=new.validation,
        rule_set=new.validation_detail.get("rule_set"),
        errors=new.validation_detail.get("errors"),
        warnings=new.validation_detail.get("warnings"),
        created_at=new.accepted_at,
        updated_at=new.accepted_at,
        deadline=new.deliver_until,
        reference=new.reference,
        custom=new.custom,
        mls_type=new.mls_type,
    )


def _measure(spool: Spool) -> Content:
    digest = hashlib.sha256()
    for chunk in spool.chunks():
        digest.update(chunk)
    return Content(size=spool.size, sha256=digest.hexdigest(), gzip=False)
