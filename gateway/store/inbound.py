# SPDX-License-Identifier: Apache-2.0
"""Received messages: accepted once each, in one commit with everything that the receipt promises.

Peppol AS4 profile 2.0.3, duplicate detection: the sender's seat id and the message id name a
message. Which window to keep is left open; here it is as long as the document is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.identifiers import PartyId
from gateway.service.lifecycle import Event, Inbound
from gateway.service.records import (
    Direction,
    InboundMessage,
    JobDone,
    Queue,
    StoredReceipt,
    Summary,
)
from gateway.store import queueing, rows, steps
from gateway.store.database import Database
from gateway.store.dialects import insert_if_new
from gateway.store.tables import document, exchange
from gateway.store.transaction import Transaction

_RECEIPT = sa.select(exchange.c.document_id, exchange.c.receipt, exchange.c.digests).where(
    exchange.c.direction == Direction.INBOUND.value,
    exchange.c.sending_ap == sa.bindparam("sender_ap"),
    exchange.c.message_id == sa.bindparam("message"),
)
_ADD_EXCHANGE = insert_if_new(exchange, returning=exchange.c.id)
_ADD_DOCUMENT = sa.insert(document)
# The instance is the only condition and nothing is sorted, so that no planner without statistics
# walks all documents of the organisation instead. Whoever repeats one id for ever costs no more.
_SAME_INSTANCE = (
    sa.select(document.c.id, document.c.organisation, document.c.direction, document.c.created_at)
    .where(document.c.instance_id == sa.bindparam("instance"))
    .limit(20)
)


class InboundMessages:
    """Implements `InboundStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receipt_of(self, sending_ap: PartyId, message_id: str) -> StoredReceipt | None:
        """Read the receipt already given for this message, or None."""
        return await self._database.read(
            lambda connection: _stored(
                connection.execute(
                    _RECEIPT, {"sender_ap": sending_ap.value, "message": message_id}
                ).first()
            )
        )

    async def accept(self, message: InboundMessage) -> StoredReceipt | None:
        """Store all of it in one commit; None when stored, else the earlier receipt."""
        return await self._database.write(lambda transaction: _accept(transaction, message))

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
        """Attach what checking found and step the document."""

        def work(transaction: Transaction) -> None:
            if not queueing.finish(transaction, done, at=at):
                return
            row = steps.read_for_step(transaction, document_id)
            found = {
                **rows.summary_values(summary),
                "validation": validation,
                "validation_detail": dict(validation_detail),
            }
            steps.move(transaction, row, event, at=at, also=found)

        await self._database.write(work)


def _accept(transaction: Transaction, message: InboundMessage) -> StoredReceipt | None:
    # The unique constraint decides what is a repeat, so the exchange goes first.
    if not transaction.insert_new(_ADD_EXCHANGE, _exchange_values(message)):
        return _stored(
            transaction.read(
                _RECEIPT, {"sender_ap": message.sending_ap.value, "message": message.message_id}
            )
        )
    transaction.insert_later(
        _ADD_DOCUMENT, _document_values(message, _earlier(transaction, message))
    )
    rows.keep_inline(transaction, message.document_id, message.content)
    rows.keep_evidence(transaction, message.exchange_id, message.evidence)
    rows.keep_reporting_row(transaction, message.exchange_id, message.reporting)
    at = message.received_at
    queueing.enqueue(transaction, Queue.CHECK, message.document_id, due=at, created=at)
    transaction.add_event(
        {
            "document_id": message.document_id,
            "organisation": message.organisation,
            "sequence": 1,
            "event": Inbound.RECEIVED.value,
            "state": Inbound.RECEIVED.value,
            "at": at,
            "problem": None,
        }
    )
    return None


def _earlier(transaction: Transaction, message: InboundMessage) -> str | None:
    """Find the first document with the same envelope, which came in another message."""
    alike = transaction.read_all(_SAME_INSTANCE, {"instance": message.instance_id})
    found = [
        row
        for row in alike
        if row.organisation == message.organisation and row.direction == Direction.INBOUND
    ]
    if found:
        first: str = min(found, key=lambda row: row.created_at).id
        return first
    # One that is accepted in this very transaction is not in the table yet.
    note = ("instance", message.organisation, message.instance_id)
    noted = transaction.notes.setdefault(note, message.document_id)
    return None if noted == message.document_id else noted


def _stored(row: rows.AnyRow | None) -> StoredReceipt | None:
    if row is None:
        return None
    return StoredReceipt(document_id=row.document_id, receipt=row.receipt, digests=row.digests)


def _exchange_values(message: InboundMessage) -> dict[str, Any]:
    return {
        "id": message.exchange_id,
        "document_id": message.document_id,
        "direction": Direction.INBOUND.value,
        "sending_ap": message.sending_ap.value,
        "receiving_ap": message.receiving_ap.value,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "instance_id": message.instance_id,
        "sent_at": message.sent_at,
        "recorded_at": message.received_at,
        "http_headers": message.wire.http_headers,
        "soap": message.wire.soap,
        "part_headers": message.wire.part_headers,
        "digests": message.digests,
        "revocation": message.revocation,
        "receipt": message.receipt,
        "receipt_message_id": message.receipt_message_id,
        "receipt_at": message.received_at,
    }


def _document_values(message: InboundMessage, earlier: str | None) -> dict[str, Any]:
    at = message.received_at
    return {
        "id": message.document_id,
        "direction": Direction.INBOUND.value,
        "organisation": message.organisation,
        "state": Inbound.RECEIVED.value,
        "state_since": at,
        "sequence": 1,
        "created_at": at,
        "updated_at": at,
        **rows.routing_values(message.routing),
        "country_c4": message.reporting.country_c4,
        **rows.content_values(message.content, "content"),
        "content_media_type": message.content_media_type,
        "validation": "not_validated",
        "attempts": 0,
        "exchange_id": message.exchange_id,
        "instance_id": message.instance_id,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "other_ap": message.sending_ap.value,
        "mls_to": message.mls_to,
        "mls_type": message.mls_type,
        "possible_duplicate_of": earlier,
    }
