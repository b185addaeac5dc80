# SPDX-License-Identifier: Apache-2.0
"""AS4 messages that we send: stored once before the first try, read again for the next one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.identifiers import PartyId
from gateway.service.records import Content, Direction, Evidence, OutboundMessage, Wire
from gateway.store import rows
from gateway.store.dialects import insert_if_new
from gateway.store.tables import attempt, document, evidence, evidence_link, exchange, payload
from gateway.store.transaction import Transaction

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
_EARLIER = (
    sa.select(attempt.c.problem)
    .where(
        attempt.c.document_id == sa.bindparam("owner"),
        attempt.c.exchange_id == sa.bindparam("exchange"),
    )
    .order_by(attempt.c.number)
)
_EVIDENCE = (
    sa.select(evidence)
    .join(evidence_link, evidence_link.c.sha256 == evidence.c.sha256)
    .where(evidence_link.c.owner == sa.bindparam("exchange"))
)
_ADD_EXCHANGE = insert_if_new(exchange, returning=exchange.c.id)
# The bytes never change; the address may, when the receiver moved to another one.
_READDRESS = (
    sa.update(exchange)
    .where(exchange.c.id == sa.bindparam("wanted"), exchange.c.document_id == sa.bindparam("owner"))
    .values(url=sa.bindparam("address"))
)


class MessageConflictError(GatewayError):
    """The message id is another message's already; ids are random, so this is our fault."""


def read_message(connection: sa.Connection, document_id: str) -> OutboundMessage | None:
    """Read the message that the next try of a document sends again."""
    row = connection.execute(_CURRENT, {"wanted": document_id}).first()
    if row is None:
        return None
    proof = connection.execute(_EVIDENCE, {"exchange": row.id}).all()
    this = {"owner": row.document_id, "exchange": row.id}
    ended = [rows.read_problem(one) for one in connection.execute(_EARLIER, this).scalars()]
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
        earlier=tuple(problem for problem in ended if problem is not None),
        evidence=tuple(Evidence(kind=one.kind, sha256=one.sha256, data=one.data) for one in proof),
        lookup=row.lookup or {},
    )


def remember(transaction: Transaction, message: OutboundMessage, *, at: datetime) -> None:
    """Store a message once; a later try finds it there."""
    if transaction.insert_new(_ADD_EXCHANGE, _exchange_values(message, at)):
        rows.keep_inline(transaction, message.exchange_id, message.body)
        rows.keep_inline(transaction, message.exchange_id + _SIGNED, message.signed)
        rows.keep_evidence(transaction, message.exchange_id, message.evidence)
        return
    same = transaction.update(
        _READDRESS,
        {
            "wanted": message.exchange_id,
            "owner": message.document_id,
            "address": message.url,
        },
    )
    if not same:
        raise MessageConflictError("this message id belongs to another message")


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
