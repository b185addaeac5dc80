# SPDX-License-Identifier: Apache-2.0
"""Tries to deliver: the message is stored before its first byte leaves, the end of each try after.

A try that is still open when the next one starts was cut off by a crash. Its outcome is unknown,
never "not sent".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.lifecycle import Event, Outbound, StateConflictError
from gateway.service.records import (
    AttemptResult,
    JobDone,
    OutboundMessage,
)
from gateway.store import messages, queueing, rows, steps
from gateway.store.tables import attempt, exchange
from gateway.store.transaction import Transaction

UNKNOWN = "unknown"

_ADD_ATTEMPT = sa.insert(attempt)
_CLOSE_UNKNOWN = (
    sa.update(attempt)
    .where(attempt.c.document_id == sa.bindparam("owner"), attempt.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("closed_at", type_=attempt.c.ended_at.type), outcome=UNKNOWN)
)
_CLOSE = sa.update(attempt).where(
    attempt.c.document_id == sa.bindparam("owner"),
    attempt.c.exchange_id == sa.bindparam("message"),
    attempt.c.ended_at.is_(None),
)
_ADD_LATE_REPLY = sa.update(attempt).where(
    attempt.c.document_id == sa.bindparam("owner"),
    attempt.c.exchange_id == sa.bindparam("message"),
    attempt.c.number == sa.bindparam("try_number"),
    attempt.c.outcome == UNKNOWN,
)
_ADD_RECEIPT = sa.update(exchange).where(
    exchange.c.id == sa.bindparam("message"), exchange.c.receipt.is_(None)
)


def start(transaction: Transaction, message: OutboundMessage, *, number: int, at: datetime) -> None:
    """Record a try before it begins. Raises `StateConflictError` before anything is written.

    The first try of a message is also the moment at which its endpoint counts as found.
    """
    row = steps.read_for_step(transaction, message.document_id)
    if row.attempts and row.exchange_id not in (None, message.exchange_id):
        # A worker that was away for longer than its lease made a message of its own meanwhile.
        raise StateConflictError("another message of this document was sent already")
    interrupted = row.state == Outbound.SENDING
    if not (interrupted or row.state == Outbound.QUEUED or row.exchange_id):
        steps.move(transaction, row, Event.ENDPOINT_FOUND, at=at)
        row = steps.read_for_step(transaction, message.document_id)
    if not interrupted:
        steps.next_state(row, Event.ATTEMPT_STARTED)
    messages.remember(transaction, message, at=at)
    also = {
        "attempts": number,
        "next_attempt_at": None,
        "exchange_id": message.exchange_id,
        "instance_id": message.instance_id,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "other_ap": message.receiving_ap.value,
        "lookup": message.lookup,
    }
    if interrupted:
        transaction.update(_CLOSE_UNKNOWN, {"owner": message.document_id, "closed_at": at})
        steps.change(transaction, row, "outcome_unknown", at=at, values=also)
    else:
        steps.move(transaction, row, Event.ATTEMPT_STARTED, at=at, also=also)
    transaction.insert(
        _ADD_ATTEMPT,
        {
            "document_id": message.document_id,
            "exchange_id": message.exchange_id,
            "number": number,
            "url": message.url,
            "started_at": at,
        },
    )


def finish(transaction: Transaction, result: AttemptResult, *, done: JobDone) -> None:
    """Record how a try ended, step the document, complete or reschedule its job."""
    if not queueing.finish(transaction, done, at=result.ended_at):
        _keep_late_reply(transaction, result)
        return
    row = steps.read_for_step(transaction, result.document_id)
    also: dict[str, Any] = {"next_attempt_at": result.next_attempt_at}
    if result.receipt_note is not None:
        also["receipt_note"] = result.receipt_note
    if result.drop_message:
        also["exchange_id"] = None  # the exchange stays, as history
    steps.move(
        transaction, row, result.event, at=result.ended_at, problem=result.problem, also=also
    )
    transaction.update(_CLOSE, _reply_values(result) | {"outcome": result.event.value})
    _keep_proof(transaction, result)


def _keep_late_reply(transaction: Transaction, result: AttemptResult) -> None:
    """Keep what a peer signed although another worker has the document now.

    The state is the other worker's to change. A receipt is proof and is not thrown away.
    """
    values = _reply_values(result) | {"try_number": result.number}
    transaction.update(_ADD_LATE_REPLY, values)
    if result.receipt is not None:
        _keep_proof(transaction, result)


def _keep_proof(transaction: Transaction, result: AttemptResult) -> None:
    if result.receipt is not None:
        transaction.update(
            _ADD_RECEIPT,
            {
                "message": result.exchange_id,
                "receipt": result.receipt,
                "receipt_headers": result.reply_headers,
                "receipt_at": result.ended_at,
            },
        )
    if result.reporting is not None:
        rows.keep_reporting_row(transaction, result.exchange_id, result.reporting)
    rows.keep_evidence(transaction, result.exchange_id, result.evidence)


def _reply_values(result: AttemptResult) -> dict[str, Any]:
    return {
        "owner": result.document_id,
        "message": result.exchange_id,
        "ended_at": result.ended_at,
        "http_status": result.http_status,
        "reply_headers": result.reply_headers,
        "reply_body": result.reply_body,
        "problem": rows.problem_value(result.problem),
    }
