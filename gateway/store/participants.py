# SPDX-License-Identifier: Apache-2.0
"""Participants that are served here: in the database, and all of them in memory.

Every received message asks for one, so the answer comes from memory. Another process may change
the table; `refresh` sees that by a counter and reads again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.records import Participant
from gateway.store.database import Database
from gateway.store.dialects import insert_or_replace
from gateway.store.notices import PARTICIPANTS
from gateway.store.tables import participant, revision
from gateway.store.transaction import Transaction

_ALL = sa.select(participant).order_by(participant.c.folded)
_PUT = insert_or_replace(participant, key=("folded",))
_REMOVE = sa.delete(participant).where(participant.c.folded == sa.bindparam("gone"))
_REVISION = sa.select(revision.c.value).where(revision.c.name == PARTICIPANTS)
_COUNT = (
    sa.update(revision)
    .where(revision.c.name == PARTICIPANTS)
    .values(value=revision.c.value + 1)
    .returning(revision.c.value)
)


class Participants:
    """Implements `ParticipantStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revision = -1
        self._served: dict[str, Participant] = {}
        self.refresh()

    def served(self, participant: ParticipantId) -> Participant | None:
        """Look the participant up in memory."""
        return self._served.get(participant.folded)

    async def add(self, participant: Participant) -> None:
        """Add or replace."""
        values = _values(participant)

        def work(transaction: Transaction) -> None:
            transaction.insert(_PUT, values)
            _count(transaction)

        await self._database.write(work)
        await self._database.read(self._reload)

    async def remove(self, participant: ParticipantId) -> bool:
        """Remove; False when it was not there."""

        def work(transaction: Transaction) -> bool:
            removed = transaction.update(_REMOVE, {"gone": participant.folded}) > 0
            if removed:
                _count(transaction)
            return removed

        removed = await self._database.write(work)
        await self._database.read(self._reload)
        return removed

    async def all(self) -> list[Participant]:
        """Read all of them, by value."""
        return list((await self._database.read(_read_all)).values())

    def refresh(self) -> None:
        """Read again what another process changed; cheap when nothing did."""
        self._database.read_now(self._reload)

    def _reload(self, connection: sa.Connection) -> None:
        # Counter and rows come from one snapshot on SQLite; on PostgreSQL a change between the
        # two reads raises the counter again and is read at the next look.
        current = connection.execute(_REVISION).scalar_one()
        if current != self._revision:
            self._served, self._revision = _read_all(connection), current


def _count(transaction: Transaction) -> None:
    transaction.change(_COUNT, {})
    transaction.topics.add(PARTICIPANTS)


def _read_all(connection: sa.Connection) -> dict[str, Participant]:
    return {row.folded: _read(row) for row in connection.execute(_ALL)}


def _values(one: Participant) -> dict[str, Any]:
    return {
        "folded": one.id.folded,
        "value": one.id.value,
        "organisation": one.organisation,
        "country": one.country,
        "document_types": [
            [kind.scheme, kind.value, process.scheme, process.value]
            for kind, process in one.document_types
        ],
    }


def _read(row: sa.Row[Any]) -> Participant:
    return Participant(
        id=ParticipantId(row.value),
        organisation=row.organisation,
        country=row.country,
        document_types=tuple(
            (DocumentTypeId(scheme, value), ProcessId(process, process_scheme))
            for scheme, value, process_scheme, process in row.document_types
        ),
    )
