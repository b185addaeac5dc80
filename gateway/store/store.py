# SPDX-License-Identifier: Apache-2.0
"""The store as one thing: opened once, handed out port by port, closed at the end."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from gateway.store.accounts import Accounts
from gateway.store.database import Database
from gateway.store.documents import Documents
from gateway.store.evidence import EvidenceFile
from gateway.store.idempotency import IdempotentAnswers
from gateway.store.inbound import InboundMessages
from gateway.store.jobs import PER_LANE, JobQueue
from gateway.store.judged import JudgedDocuments
from gateway.store.migrations import require_current
from gateway.store.participants import Participants
from gateway.store.payloads import MAX_INLINE, Payloads
from gateway.store.readiness import Readiness
from gateway.store.submissions import Submissions
from gateway.store.tables import document, exchange
from gateway.store.watch import Watch

_LOG = logging.getLogger(__name__)

KEEP_DONE_JOBS = timedelta(days=1)
KEEP_ANSWERS = timedelta(days=31)  # callers are told 30 days
KEEP_ORPHANS = timedelta(days=1)  # longer than any request may take
SWEEP_FILES_EVERY = timedelta(hours=6)  # it reads the whole payload folder

_NAMED = sa.union_all(
    sa.select(document.c.content_key).where(
        document.c.content_key.in_(sa.bindparam("keys", expanding=True))
    ),
    sa.select(exchange.c.body_key).where(
        exchange.c.body_key.in_(sa.bindparam("keys", expanding=True))
    ),
    sa.select(exchange.c.signed_key).where(
        exchange.c.signed_key.in_(sa.bindparam("keys", expanding=True))
    ),
)
_KEYS_AT_ONCE = 500


class Store:
    """All ports of `service/ports.py` that keep something."""

    def __init__(self, database: Database, payloads: Payloads, *, per_lane: int) -> None:
        self._database = database
        self.inbound = InboundMessages(database)
        self.submissions = Submissions(database)
        self.documents = Documents(database)
        self.idempotency = IdempotentAnswers(database)
        self.payloads = payloads
        self.jobs = JobQueue(database, per_lane=per_lane)
        self.participants = Participants(database)
        self.accounts = Accounts(database)
        self.evidence = EvidenceFile(database)
        self.judged = JudgedDocuments(database)
        self._readiness = Readiness(database, payloads)
        self._files_swept: datetime | None = None
        self._watch = Watch(database, self.participants.refresh)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        payload_folder: Path,
        inline: int = MAX_INLINE,
        per_lane: int = PER_LANE,
    ) -> Self:
        """Open a database whose schema is current. Raises `SchemaError` if it is not."""
        require_current(url)
        return cls(Database(url), Payloads(payload_folder, inline=inline), per_lane=per_lane)

    async def close(self) -> None:
        """Commit what waits, stop the threads, close all connections."""
        self._watch.close()
        await self._database.close()
        self.payloads.close()

    async def usable(self) -> Mapping[str, bool]:
        """Try database and payload folder; what is not usable is False."""
        return await self._readiness.check()

    async def housekeep(self, *, at: datetime) -> dict[str, int]:
        """Forget what nobody needs any more; call it every few minutes. Returns counts."""
        removed = {
            "jobs": await self.jobs.purge(before=at - KEEP_DONE_JOBS),
            "answers": await self.idempotency.purge(before=at - KEEP_ANSWERS),
            "files": await self._sweep_payloads(at),
        }
        if any(removed.values()):
            _LOG.info("store_cleaned", extra=removed)
        return removed

    async def _sweep_payloads(self, at: datetime) -> int:
        if self._files_swept is not None and at - self._files_swept < SWEEP_FILES_EVERY:
            return 0
        self._files_swept = at
        older_than = (at - KEEP_ORPHANS).timestamp()
        keys = await self.payloads.old_keys(older_than=older_than)
        orphans: set[str] = set()
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            some = keys[start : start + _KEYS_AT_ONCE]
            named = await self._named(some)
            orphans.update(set(some) - named)
        return await self.payloads.sweep(older_than=older_than, orphans=orphans)

    async def _named(self, keys: list[str]) -> set[str]:
        return await self._database.read(
            lambda connection: set(connection.execute(_NAMED, {"keys": keys}).scalars())
        )
