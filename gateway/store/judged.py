# SPDX-License-Identifier: Apache-2.0
"""Documents by the rules that they were judged with, and what was sent: for those who keep rules.

A kept verdict names the rules it came from (`validation_detail`, docs/api.md), whoever asks later
must find them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.database import Database
from gateway.store.tables import document

_AT_ONCE = 200
_REPORT = document.c.validation_detail["report"]
_OF_PACK = sa.select(sa.func.count()).where(
    _REPORT["alias"].as_string() == sa.bindparam("alias"),
    _REPORT["rules"].as_string() == sa.bindparam("rules"),
)
_SENT = (
    sa.select(document.c.id, document.c.created_at)
    .where(
        document.c.direction == "outbound",
        document.c.created_at >= sa.bindparam("since"),
        sa.tuple_(document.c.created_at, document.c.id)
        > sa.tuple_(sa.bindparam("after_at", type_=Moment()), sa.bindparam("after_id")),
    )
    .order_by(document.c.created_at, document.c.id)
    .limit(_AT_ONCE)
)


class JudgedDocuments:
    """Questions across all organisations; an operator's, never a caller's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, alias: str, *, rules: str) -> int:
        """How many kept verdicts were made with a rule set, official or bundled. Reads all."""
        return await self._database.read(
            lambda connection: connection.execute(
                _OF_PACK, {"alias": alias, "rules": rules}
            ).scalar_one()
        )

    async def sent_since(self, since: datetime) -> AsyncIterator[str]:
        """Ids of the documents submitted from a moment on, oldest first."""
        after = {"since": since, "after_at": since, "after_id": ""}
        while True:
            values = dict(after)
            rows = await self._database.read(
                lambda connection, values=values: list(connection.execute(_SENT, values))  # type: ignore[misc]
            )
            for row in rows:
                yield row.id
            if len(rows) < _AT_ONCE:
                return
            after.update(after_at=rows[-1].created_at, after_id=rows[-1].id)
