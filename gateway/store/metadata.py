# SPDX-License-Identifier: Apache-2.0
"""The SMP's own small database: groups and unsigned records, each stored as it will be signed.

It shares nothing with the access point's tables, so that the SMP can be somebody else's.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.errors import StoreUnavailableError
from gateway.store.columns import Moment
from gateway.store.database import Database
from gateway.store.dialects import Dialect, insert_if_new, insert_or_replace
from gateway.store.transaction import Transaction

_TABLES = sa.MetaData()

smp_group = sa.Table(
    "smp_group",
    _TABLES,
    sa.Column("participant", sa.Text, primary_key=True),  # in lower case
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
)

smp_record = sa.Table(
    "smp_record",
    _TABLES,
    sa.Column(
        "participant",
        sa.Text,
        sa.ForeignKey("smp_group.participant", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("document_type", sa.Text, primary_key=True),  # scheme::value
    sa.Column("record", sa.LargeBinary, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)

_OF_GROUP = smp_record.c.participant == sa.bindparam("of_participant")
_OF_RECORD = sa.and_(_OF_GROUP, smp_record.c.document_type == sa.bindparam("of_type"))

_GROUP = sa.select(smp_group.c.owner).where(
    smp_group.c.participant == sa.bindparam("of_participant")
)
_GROUPS = (
    sa.select(smp_group.c.participant)
    .where(smp_group.c.owner == sa.bindparam("of_owner"))
    .order_by(smp_group.c.participant)
)
_PUT_GROUP = insert_if_new(smp_group, smp_group.c.participant)
_DELETE_GROUP = sa.delete(smp_group).where(
    smp_group.c.participant == sa.bindparam("of_participant")
)
_TYPES = sa.select(smp_record.c.document_type).where(_OF_GROUP).order_by(smp_record.c.document_type)
_RECORD = sa.select(smp_record.c.record).where(_OF_RECORD)
_RECORDS = sa.select(smp_record.c.record).where(_OF_GROUP).order_by(smp_record.c.document_type)
_PUT_RECORD = insert_or_replace(smp_record, key=("participant", "document_type"))
_DELETE_RECORD = sa.delete(smp_record).where(_OF_RECORD)
_DELETE_RECORDS = sa.delete(smp_record).where(_OF_GROUP)


class MetadataStore:
    """Implements `MetadataRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watch: sqlite3.Connection | None = None

    @classmethod
    async def open(cls, url: str) -> MetadataStore:
        """Open the database and make its tables if they are missing."""
        database = Database(url)
        await database.write(lambda transaction: _TABLES.create_all(transaction.connection))
        return cls(database)

    async def close(self) -> None:
        """Close all connections."""
        if self._watch is not None:
            self._watch.close()
        await self._database.close()

    def version(self) -> object | None:
        """SQLite's own counter of commits by others; None on PostgreSQL. Takes microseconds."""
        if self._database.dialect is not Dialect.SQLITE:
            return None
        try:
            if self._watch is None:
                path = self._database.url.database or ""
                self._watch = sqlite3.connect(path, check_same_thread=False)
            row: tuple[int] = self._watch.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise StoreUnavailableError("the database cannot be used now") from error
        return row[0]

    async def document_types(self, participant: ParticipantId) -> list[DocumentTypeId] | None:
        """Read the registered document types; None when there is no such group."""
        values = {"of_participant": participant.folded}

        def query(connection: sa.Connection) -> list[DocumentTypeId] | None:
            if connection.execute(_GROUP, values).first() is None:
                return None
            return [DocumentTypeId.parse(text) for text in connection.scalars(_TYPES, values)]

        return await self._database.read(query)

    async def put_group(self, participant: ParticipantId, *, owner: str, at: datetime) -> bool:
        """Make a group; False when it was there, which stays as it is."""
        values = {"participant": participant.folded, "owner": owner, "created_at": at}
        return await self._database.write(
            lambda transaction: transaction.insert_new(_PUT_GROUP, values)
        )

    async def delete_group(self, participant: ParticipantId) -> bool:
        """Delete a group with its records; False when it was not there."""
        values = {"of_participant": participant.folded}
        return await self._database.write(
            lambda transaction: transaction.update(_DELETE_GROUP, values) > 0
        )

    async def groups(self, owner: str) -> list[ParticipantId]:
        """Read the groups of one owner, by value."""

        def query(connection: sa.Connection) -> list[ParticipantId]:
            return [
                ParticipantId(text) for text in connection.scalars(_GROUPS, {"of_owner": owner})
            ]

        return await self._database.read(query)

    async def record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bytes | None:
        """Read one record."""
        values = _key(participant, document_type)
        return await self._database.read(
            lambda connection: connection.execute(_RECORD, values).scalar()
        )

    async def records(self, participant: ParticipantId) -> list[bytes]:
        """Read all records of a group, by document type."""
        values = {"of_participant": participant.folded}
        return await self._database.read(
            lambda connection: list(connection.scalars(_RECORDS, values))
        )

    async def put_record(
        self,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        *,
        record: bytes,
        at: datetime,
    ) -> bool:
        """Put a record in place of what was there; False when there is no such group."""
        values = {
            "participant": participant.folded,
            "document_type": document_type.uri,
            "record": record,
            "changed_at": at,
        }

        def work(transaction: Transaction) -> bool:
            if transaction.read(_GROUP, {"of_participant": participant.folded}) is None:
                return False
            transaction.insert(_PUT_RECORD, values)
            return True

        return await self._database.write(work)

    async def delete_record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bool:
        """Delete one record; False when it was not there."""
        values = _key(participant, document_type)
        return await self._database.write(
            lambda transaction: transaction.update(_DELETE_RECORD, values) > 0
        )

    async def delete_records(self, participant: ParticipantId) -> bool:
        """Delete all records of a group; False when there is no such group."""
        values = {"of_participant": participant.folded}

        def work(transaction: Transaction) -> bool:
            if transaction.read(_GROUP, values) is None:
                return False
            transaction.update(_DELETE_RECORDS, values)
            return True

        return await self._database.write(work)


def _key(participant: ParticipantId, document_type: DocumentTypeId) -> dict[str, Any]:
    return {"of_participant": participant.folded, "of_type": document_type.uri}
