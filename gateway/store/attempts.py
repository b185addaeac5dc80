# SPDX-License-Identifier: Apache-2.0
"""Tries to deliver: the message is stored before its first byte leaves, the end of each try after.

A try that is still open when the next one starts was cut off by a crash. Its outcome is unknown,
never "not sent" (backend-api.md B4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.identifiers import PartyId
from gateway.service.lifecycle import Event, Outbound
from gateway.service.records import (
    AttemptResult,
    Content,
    Direction,
    Evidence,
    JobDone,
    OutboundMessage,
    Wire,
)
from gateway.store import queueing, rows, steps
from gateway.store.dialects import insert_if_new
from gateway.store.tables import attempt, document, evidence, evidence_link, exchange, payload
from gateway.store.transaction import Transaction

UNKNOWN = "unknown"

_SIGNED = ":signed"  # names the second payload of an exchange

_body = payload.alias("body")
_signed = payload.alias("signed")
_CURRENT = (
    sa.select(
        exchange,
        _body.c.data.label("body_data"),
        _signed.c.data.label("signed_data"),
        sa.select(sa.func.count())
        .where(attempt.c.document_id == document.c.id, attempt.c.exchange_id == exchange.c.id)
        .scalar_subquery()
        .label("tries"),
    )
    .join_from(document, exchange, exchange.c.id == document.c.exchange_id)
    .join(_body, _body.c.owner == exchange.c.id, isouter=True)
    .join(_signed, _signed.c.owner == exchange.c.id + _SIGNED, isouter=True)
    .where(document.c.id == sa.bindparam("wanted"))
)
_EVIDENCE = (
    sa.select(evidence)
    .join(evidence_link, evidence_link.c.sha256 == evidence.c.sha256)
    .where(evidence_link.c.owner == sa.bindparam("exchange"))
)
_ADD_EXCHANGE = insert_if_new(exchange, returning=exchange.c.id)
_EXCHANGE = sa.select(exchange.c.id).where(
    exchange.c.id == sa.bindparam("wanted"), exchange.c.document_id == sa.bindparam("owner")
)
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


class MessageConflictError(GatewayError):
    """The message id is another message's already; ids are random, so this is our fault."""


def read_message(connection: sa.Connection, document_id: str) -> OutboundMessage | None:
    """Read the message that the next try of a document sends again."""
    row = connection.execute(_CURRENT, {"wanted": document_id}).first()
    if row is None:
        return None
    proof = connection.execute(_EVIDENCE, {"exchange": row.id}).all()
    return OutboundMessage(
        exchange_id=row.id,
        document_id=row.document_id,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        instance_id=row.instance_id,
        sent_at=row.sent_at,
        receiving_ap=PartyId(row.receiving_ap),
        url=row.url,
        sent=row.sent,
        http_headers=tuple((name, value) for name, value in row.http_header_lines),
        wire=Wire(http_headers=row.http_headers, soap=row.soap, part_headers=row.part_headers),
        head=row.head,
        body=Content(
            size=row.body_size,
            sha256=row.body_sha256,
            gzip=row.body_gzip,
            inline=row.body_data,
            key=row.body_key,
        ),
        tail=row.tail,
        signed=Content(
            size=row.signed_size,
            sha256=row.signed_sha256,
            gzip=row.signed_gzip,
            inline=row.signed_data,
            key=row.signed_key,
        ),
        tries=row.tries,
        evidence=tuple(Evidence(kind=one.kind, sha256=one.sha256, data=one.data) for one in proof),
        lookup=row.lookup or {},
    )


def start(transaction: Transaction, message: OutboundMessage, *, number: int, at: datetime) -> None:
    """Record a try before it begins. Raises `StateConflictError` before anything is written."""
    row = steps.read_for_step(transaction, message.document_id)
    interrupted = row.state == Outbound.SENDING
    if not interrupted:
        steps.next_state(row, Event.ATTEMPT_STARTED)
    _remember(transaction, message, at)
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


def _remember(transaction: Transaction, message: OutboundMessage, at: datetime) -> None:
    """Store a message once; a later try finds it there."""
    if transaction.insert_new(_ADD_EXCHANGE, _exchange_values(message, at)):
        rows.keep_inline(transaction, message.exchange_id, message.body)
        rows.keep_inline(transaction, message.exchange_id + _SIGNED, message.signed)
        rows.keep_evidence(transaction, message.exchange_id, message.evidence)
        return
    same = transaction.read(
        _EXCHANGE, {"wanted": message.exchange_id, "owner": message.document_id}
    )
    if same is None:
        raise MessageConflictError("this message id belongs to another message")


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


def _exchange_values(message: OutboundMessage, at: datetime) -> dict[str, Any]:
    return {
        "id": message.exchange_id,
        "document_id": message.document_id,
        "direction": Direction.OUTBOUND.value,
        "sending_ap": "",
        "receiving_ap": message.receiving_ap.value,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "instance_id": message.instance_id,
        "sent_at": message.sent_at,
        "recorded_at": at,
        "url": message.url,
        "http_header_lines": [list(line) for line in message.http_headers],
        "http_headers": message.wire.http_headers,
        "soap": message.wire.soap,
        "part_headers": message.wire.part_headers,
        "sent": message.sent,
        "lookup": message.lookup,
        "head": message.head,
        "tail": message.tail,
        **rows.content_values(message.body, "body"),
        **rows.content_values(message.signed, "signed"),
    }
