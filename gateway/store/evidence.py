# SPDX-License-Identifier: Apache-2.0
"""What proves a delivery: messages, receipts, tries, certificates and the time line, to be read.

It only reads; what is kept is written where it happens (`inbound.py`, `attempts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.records import Evidence, Problem, Wire
from gateway.store.database import Database
from gateway.store.rows import read_problem
from gateway.store.tables import (
    attempt,
    document,
    document_event,
    evidence,
    evidence_link,
    exchange,
)

_EVENTS = (
    sa.select(document_event)
    .where(document_event.c.document_id == sa.bindparam("owner"))
    .order_by(document_event.c.position)
)
_FEED = (
    sa.select(document_event)
    .where(
        document_event.c.organisation == sa.bindparam("owner"),
        document_event.c.position > sa.bindparam("after"),
    )
    .order_by(document_event.c.position)
    .limit(sa.bindparam("size", type_=sa.Integer()))
)
_ATTEMPTS = (
    sa.select(attempt).where(attempt.c.document_id == sa.bindparam("owner")).order_by(attempt.c.id)
)
_EXCHANGES = (
    sa.select(exchange)
    .where(exchange.c.document_id == sa.bindparam("owner"))
    .order_by(exchange.c.recorded_at, exchange.c.id)
)
_PROOF = (
    sa.select(evidence, evidence_link.c.owner)
    .join(evidence_link, evidence_link.c.sha256 == evidence.c.sha256)
    .where(evidence_link.c.owner.in_(sa.bindparam("owners", expanding=True)))
)
_DETAIL = sa.select(document.c.validation_detail, document.c.lookup).where(
    document.c.id == sa.bindparam("owner")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event of a document; `position` counts over all documents, in commit order."""

    position: int
    document_id: str
    sequence: int
    event: str
    state: str
    at: datetime
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttempt:
    """One try; `outcome` is the event it led to, `unknown` after a crash, None while it runs."""

    exchange_id: str
    number: int
    url: str | None
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    http_status: int | None
    reply_headers: bytes | None
    reply_body: bytes | None
    problem: Problem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredExchange:
    """One AS4 message with its wire bytes, its receipt and the proof that belongs to it."""

    id: str
    direction: str
    sending_ap: str
    receiving_ap: str
    message_id: str
    conversation_id: str
    sent_at: datetime
    url: str | None
    wire: Wire
    digests: str | None
    revocation: str | None
    receipt: bytes | None
    receipt_headers: bytes | None
    receipt_message_id: str | None
    receipt_at: datetime | None
    evidence: tuple[Evidence, ...]


class EvidenceFile:
    """Reads it document by document."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def timeline(self, document_id: str) -> list[TimelineEntry]:
        """Read all that happened to one document, in order."""
        return await self._events(_EVENTS, {"owner": document_id})

    async def feed(self, organisation: str, *, after: int, limit: int) -> list[TimelineEntry]:
        """Read events of an organisation behind a position; none appears there later."""
        return await self._events(_FEED, {"owner": organisation, "after": after, "size": limit})

    async def attempts(self, document_id: str) -> list[StoredAttempt]:
        """Read the tries to deliver one document, in order."""
        rows = await self._rows(_ATTEMPTS, {"owner": document_id})
        return [
            StoredAttempt(
                exchange_id=row.exchange_id,
                number=row.number,
                url=row.url,
                started_at=row.started_at,
                ended_at=row.ended_at,
                outcome=row.outcome,
                http_status=row.http_status,
                reply_headers=row.reply_headers,
                reply_body=row.reply_body,
                problem=read_problem(row.problem),
            )
            for row in rows
        ]

    async def exchanges(self, document_id: str) -> list[StoredExchange]:
        """Read the AS4 messages of one document, oldest first."""
        rows = await self._rows(_EXCHANGES, {"owner": document_id})
        proof = await self._rows(_PROOF, {"owners": [row.id for row in rows]}) if rows else []
        return [_read_exchange(row, proof) for row in rows]

    async def details(self, document_id: str) -> Mapping[str, Any] | None:
        """Read the reports kept with a document: `validation_detail` and `lookup`."""
        rows = await self._rows(_DETAIL, {"owner": document_id})
        return rows[0]._asdict() if rows else None

    async def _events(
        self, statement: sa.Executable, values: Mapping[str, Any]
    ) -> list[TimelineEntry]:
        return [
            TimelineEntry(
                position=row.position,
                document_id=row.document_id,
                sequence=row.sequence,
                event=row.event,
                state=row.state,
                at=row.at,
                problem=read_problem(row.problem),
            )
            for row in await self._rows(statement, values)
        ]

    async def _rows(self, statement: sa.Executable, values: Mapping[str, Any]) -> list[sa.Row[Any]]:
        return await self._database.read(
            lambda connection: list(connection.execute(statement, values))
        )


def _read_exchange(row: sa.Row[Any], proof: list[sa.Row[Any]]) -> StoredExchange:
    return StoredExchange(
        id=row.id,
        direction=row.direction,
        sending_ap=row.sending_ap,
        receiving_ap=row.receiving_ap,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        sent_at=row.sent_at,
        url=row.url,
        wire=Wire(http_headers=row.http_headers, soap=row.soap, part_headers=row.part_headers),
        digests=row.digests,
        revocation=row.revocation,
        receipt=row.receipt,
        receipt_headers=row.receipt_headers,
        receipt_message_id=row.receipt_message_id,
        receipt_at=row.receipt_at,
        evidence=tuple(
            Evidence(kind=one.kind, sha256=one.sha256, data=one.data)
            for one in proof
            if one.owner == row.id
        ),
    )
