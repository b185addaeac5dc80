# SPDX-License-Identifier: Apache-2.0
"""Answers that a repeated request gets again (docs/api.md, Idempotency)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.records import IdempotentAnswer
from gateway.store.database import Database
from gateway.store.dialects import insert_if_new
from gateway.store.tables import idempotency
from gateway.store.transaction import Transaction

_FIND = sa.select(idempotency).where(
    idempotency.c.organisation == sa.bindparam("owner"),
    idempotency.c.key == sa.bindparam("wanted"),
)
_ADD = insert_if_new(idempotency, returning=idempotency.c.key)
_PURGE = sa.delete(idempotency).where(idempotency.c.at < sa.bindparam("before"))


class IdempotentAnswers:
    """Implements `IdempotencyStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, organisation: str, key: str) -> IdempotentAnswer | None:
        """Read the stored answer for this key."""

        def query(connection: sa.Connection) -> IdempotentAnswer | None:
            row = connection.execute(_FIND, {"owner": organisation, "wanted": key}).first()
            return None if row is None else IdempotentAnswer(**row._asdict())

        return await self._database.read(query)

    async def remember(self, answer: IdempotentAnswer) -> None:
        """Store an answer that had no other effect; an earlier one stays."""
        await self._database.write(lambda transaction: add(transaction, answer))

    async def purge(self, *, before: datetime) -> int:
        """Forget answers given before a moment; returns how many."""
        return await self._database.write(
            lambda transaction: transaction.update(_PURGE, {"before": before})
        )


def is_taken(transaction: Transaction, answer: IdempotentAnswer) -> bool:
    """Tell whether the key is there, without changing anything."""
    found = transaction.read(_FIND, {"owner": answer.organisation, "wanted": answer.key})
    return found is not None


def add(transaction: Transaction, answer: IdempotentAnswer) -> bool:
    """Store an answer inside somebody's transaction; False when the key is taken."""
    values: dict[str, Any] = {
        "organisation": answer.organisation,
        "key": answer.key,
        "fingerprint": answer.fingerprint,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "at": answer.at,
    }
    return transaction.insert_new(_ADD, values)
