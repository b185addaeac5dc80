# SPDX-License-Identifier: Apache-2.0
"""Submitted documents: accepted once, stepped, and sent as AS4 messages that never change.

The states and the two guards against sending twice are told in docs/api.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.errors import DuplicateDocumentError, IdempotencyKeyTakenError
from gateway.service.lifecycle import SETTLED_OUTBOUND, Event, Outbound
from gateway.service.order import DEFAULT_DELIVERY
from gateway.service.records import (
    AttemptResult,
    Direction,
    Evidence,
    JobDone,
    NewSubmission,
    OutboundMessage,
    Problem,
    Queue,
)
from gateway.service.validation import NOT_VALIDATED
from gateway.store import attempts, idempotency, messages, queueing, rows, steps
from gateway.store.database import Database
from gateway.store.dialects import insert_if_new
from gateway.store.tables import LIVE_BUSINESS_KEY, document
from gateway.store.transaction import Transaction

_ADD_DOCUMENT = insert_if_new(document, returning=document.c.id)
_SAME_BUSINESS = sa.select(document.c.id).where(
    document.c.organisation == sa.bindparam("owner"),
    document.c.business_key == sa.bindparam("business"),
    sa.text(LIVE_BUSINESS_KEY),
)


class Submissions:
    """Implements `SubmissionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def submit(self, new: NewSubmission) -> None:
        """Store the submission, its first job and the idempotent answer in one commit."""
        await self._database.write(lambda transaction: _submit(transaction, new))

    async def message_of(self, document_id: str) -> OutboundMessage | None:
        """Read the message that the next try sends again."""
        return await self._database.read(
            lambda connection: messages.read_message(connection, document_id)
        )

    async def start_attempt(self, message: OutboundMessage, *, number: int, at: datetime) -> None:
        """Step to `sending` and remember the message, before any byte of it leaves."""
        await self._database.write(
            lambda transaction: attempts.start(transaction, message, number=number, at=at)
        )

    async def finish_attempt(self, result: AttemptResult, *, done: JobDone) -> None:
        """Record how the try ended; dropped, but for its proof, when the lease was lost."""
        await self._database.write(
            lambda transaction: attempts.finish(transaction, result, done=done)
        )

    async def judged(
        self,
        document_id: str,
        event: Event,
        *,
        validation: str,
        validation_detail: Mapping[str, Any],
        at: datetime,
        problem: Problem | None = None,
        done: JobDone,
    ) -> None:
        """Keep what the rules said and step; `valid` adds the job that delivers."""

        def work(transaction: Transaction) -> None:
            row = steps.read_for_step(transaction, document_id)
            steps.next_state(row, event)  # raises before anything is written
            if not queueing.finish(transaction, done, at=at):
                return
            found = {"validation": validation, "validation_detail": dict(validation_detail)}
            steps.move(transaction, row, event, at=at, problem=problem, also=found)
            if event is Event.VALID:
                queueing.enqueue(transaction, Queue.DELIVER, document_id, due=at, created=at)

        await self._database.write(work)

    async def step(
        self,
        document_id: str,
        event: Event,
        *,
        at: datetime,
        problem: Problem | None = None,
        next_attempt_at: datetime | None = None,
        lookup: Mapping[str, Any] | None = None,
        evidence: Sequence[Evidence] = (),
        done: JobDone | None = None,
    ) -> None:
        """Step the document without an exchange."""

        def work(transaction: Transaction) -> None:
            row = steps.read_for_step(transaction, document_id)
            also: dict[str, Any] = {"next_attempt_at": next_attempt_at}
            if lookup is not None:
                also["lookup"] = dict(lookup)
            steps.next_state(row, event)  # raises before anything is written
            if event is Event.RETRY:
                also |= _again(transaction, row, at)
            if not queueing.finish(transaction, done, at=at):
                return
            steps.move(transaction, row, event, at=at, problem=problem, also=also)
            rows.keep_evidence(transaction, document_id, tuple(evidence))
            if event is Event.RETRY:
                first = _first_job(judged=row.validation != NOT_VALIDATED)
                queueing.enqueue(transaction, first, document_id, due=at, created=at)

        await self._database.write(work)


def _first_job(*, judged: bool) -> Queue:
    """Nothing is sent before the rules have spoken."""
    return Queue.DELIVER if judged else Queue.VALIDATE


def _submit(transaction: Transaction, new: NewSubmission) -> None:
    # Looking first keeps the usual repeat from costing its neighbours their transaction. The
    # unique constraints below decide all the same.
    if new.idempotency is not None and idempotency.is_taken(transaction, new.idempotency):
        raise IdempotencyKeyTakenError("this idempotency key is taken")
    _refuse_duplicate(transaction, new.organisation, new.business_key)
    if new.idempotency is not None and not idempotency.add(transaction, new.idempotency):
        raise IdempotencyKeyTakenError("this idempotency key is taken")
    if not transaction.insert_new(_ADD_DOCUMENT, _document_values(new)):
        _refuse_duplicate(transaction, new.organisation, new.business_key)
        raise DuplicateDocumentError(new.document_id)
    rows.keep_inline(transaction, new.document_id, new.content)
    at = new.accepted_at
    first = _first_job(judged=new.judged)
    queueing.enqueue(transaction, first, new.document_id, due=at, created=at)
    transaction.add_event(
        {
            "document_id": new.document_id,
            "organisation": new.organisation,
            "sequence": 1,
            "event": Outbound.ACCEPTED.value,
            "state": Outbound.ACCEPTED.value,
            "at": at,
            "problem": None,
        }
    )


def _refuse_duplicate(transaction: Transaction, owner: str, business_key: str | None) -> None:
    if business_key is None:
        return
    earlier = transaction.read(_SAME_BUSINESS, {"owner": owner, "business": business_key})
    if earlier is not None:
        raise DuplicateDocumentError(earlier.id)


def _again(transaction: Transaction, row: sa.Row[Any], at: datetime) -> dict[str, Any]:
    """Give a retried document its first span of time again; its tries are counted anew.

    A document that failed does not block the same business document. If another one was sent
    meanwhile, this one stays where it is.
    """
    if Outbound(row.state) in SETTLED_OUTBOUND and row.state != Outbound.REFUSED:
        _refuse_duplicate(transaction, row.organisation, row.business_key)
    span = row.deadline - row.created_at if row.deadline else DEFAULT_DELIVERY
    again = {"attempts": 0, "deadline": max(row.deadline or at, at + min(span, DEFAULT_DELIVERY))}
    # A message that was refused is spent: a peer may call its id a duplicate from now on.
    return again | {"exchange_id": None} if row.state == Outbound.REFUSED else again


def _document_values(new: NewSubmission) -> dict[str, Any]:
    at = new.accepted_at
    return {
        "id": new.document_id,
        "direction": Direction.OUTBOUND.value,
        "organisation": new.organisation,
        "state": Outbound.ACCEPTED.value,
        "state_since": at,
        "sequence": 1,
        "created_at": at,
        "updated_at": at,
        **rows.routing_values(new.routing),
        **rows.summary_values(new.summary),
        **rows.content_values(new.content, "content"),
        "content_media_type": new.media_type,
        "validation": new.validation,
        "validation_detail": new.validation_detail,
        "attempts": 0,
        "deadline": new.deliver_until,
        "mls_type": new.mls_type,
        "reference": new.reference,
        "custom": new.custom,
        "business_key": new.business_key,
    }
