# SPDX-License-Identifier: Apache-2.0
"""Work that is due: claimed in batches under a lease, completed with the token of the lease.

At least once: a worker may die after its work and before it says so, and then the job comes again.
`attempts` counts claims, so a job that kills its workers ends.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.service.records import MAX_CLAIMS, Job, JobDone
from gateway.store import claims, queueing
from gateway.store.database import Database
from gateway.store.dialects import LOCK_CLAIMS, Dialect
from gateway.store.notices import JOBS
from gateway.store.tables import DONE, LEASED, READY, job
from gateway.store.transaction import Transaction

MAX_BATCH = 32
MAX_LEASE = timedelta(hours=1)  # a longer one is taken for the trace of a clock set back
PER_LANE = 4  # how many at once at one host: what a small receiver bears
NET_SECONDS = 1.0  # notices of other processes may get lost; so look every second anyway
PURGE_BATCH = 1000

_HELD = sa.update(job).where(
    job.c.id == sa.bindparam("job_id"),
    job.c.token == sa.bindparam("job_token"),
    job.c.state == LEASED,
)
_ENTER_LANE = _HELD.values(lane=sa.bindparam("new_lane"))
_WAIT_IN_LANE = _HELD.values(
    lane=sa.bindparam("new_lane"), state=READY, token=None, lease_until=None
)
_LEASED_IN_LANE = (
    sa.select(sa.func.count())
    .select_from(job)
    .where(
        sa.text("job.state = 1"),
        job.c.lane == sa.bindparam("lane_name"),
        job.c.id != sa.bindparam("job_id"),
    )
)
_PURGE = sa.delete(job).where(
    job.c.id.in_(
        sa.select(job.c.id)
        .where(sa.text("job.state = 2"), job.c.ended < sa.bindparam("before"))
        .order_by(job.c.ended)
        .limit(PURGE_BATCH)
    )
)
_COUNTS = sa.select(job.c.queue, job.c.state, sa.func.count().label("jobs")).group_by(
    job.c.queue, job.c.state
)


@dataclass(frozen=True, slots=True)
class _Look:
    """When we last looked for jobs, so that the next wait knows what is new."""

    version: int
    at: datetime


class JobQueue:
    """Implements `Jobs`."""

    def __init__(self, database: Database, *, per_lane: int = PER_LANE) -> None:
        self._database = database
        self._per_lane = per_lane
        self._look: _Look | None = None

    async def claim(
        self, queues: Sequence[str], *, limit: int, lease: timedelta, at: datetime
    ) -> list[Job]:
        """Lease what is due, oldest first, at most so many per lane."""
        _check_lease(lease)
        self._look = _Look(self._database.notices.version(JOBS), at)
        values = {
            "queues": json.dumps(list(queues)),
            "size": min(max(limit, 1), MAX_BATCH),
            "per_lane": self._per_lane,
            "token": secrets.token_hex(16),
            **self._lease_values(lease, at),
        }
        if self._database.dialect is Dialect.SQLITE:
            values["now"] = at
        return await self._database.write(lambda transaction: _claim(transaction, values))

    async def extend(self, job: Job, *, lease: timedelta, at: datetime) -> bool:
        """Lengthen a lease; False when somebody else holds the job now."""
        _check_lease(lease)
        values = {"id": job.id, "token": job.token, **self._lease_values(lease, at)}
        return await self._database.write(
            lambda transaction: transaction.update(claims.EXTEND, values) > 0
        )

    async def finish(self, done: JobDone, *, at: datetime) -> bool:
        """Complete, reschedule or bury a job; False when the token is stale."""
        return await self._database.write(
            lambda transaction: queueing.finish(transaction, done, at=at)
        )

    async def ensure(self, queue: str, ref: str, *, due: datetime, dedupe: str) -> None:
        """Enqueue unless a job with this `dedupe` exists."""
        await self._database.write(
            lambda transaction: queueing.enqueue(
                transaction, queue, ref, due=due, created=due, dedupe=dedupe
            )
        )

    async def sweep(self, *, at: datetime) -> int:
        """Give expired leases back; returns how many."""
        values: dict[str, Any] = {"most": MAX_CLAIMS}
        if self._database.dialect is Dialect.SQLITE:
            values |= {"now": at, "far": at + MAX_LEASE}
        else:
            values["longest"] = MAX_LEASE.total_seconds()

        def work(transaction: Transaction) -> int:
            swept = transaction.update(claims.SWEEP, values)
            if swept:
                transaction.wake_jobs()
            return swept

        return await self._database.write(work)

    async def wait(self, *, at: datetime, seconds: float) -> None:
        """Return when something may be due, at the latest after so many seconds.

        A job that was committed since the last claim began returns at once. A job that is due but
        whose lane is full does not: the next end in its lane wakes us.
        """
        look, notices = self._look, self._database.notices
        with notices.waiter(JOBS) as waiter:
            if look is None or notices.version(JOBS) != look.version:
                return
            due = await self._database.read(
                lambda connection: connection.execute(claims.NEXT_DUE, {"after": look.at}).scalar()
            )
            wanted = min(seconds, NET_SECONDS)
            if due is not None:
                wanted = min(wanted, (due - at).total_seconds())
            await waiter.wait(wanted)

    async def enter_lane(self, job: Job, lane: str) -> bool:
        """Put a leased job into the lane of its host. False: it is no longer ours to run.

        Then the lane was full and the job waits in it, due as it was; the next end in the lane
        wakes those who claim. Or the lease was lost.
        """

        def work(transaction: Transaction) -> bool:
            others = transaction.read(_LEASED_IN_LANE, {"lane_name": lane, "job_id": job.id})
            full = others is not None and others[0] >= self._per_lane
            values = {"job_id": job.id, "job_token": job.token, "new_lane": lane}
            changed = transaction.update(_WAIT_IN_LANE if full else _ENTER_LANE, values)
            return changed > 0 and not full

        return await self._database.write(work)

    async def purge(self, *, before: datetime) -> int:
        """Delete a batch of jobs that were done before a moment; returns how many."""
        return await self._database.write(
            lambda transaction: transaction.update(_PURGE, {"before": before})
        )

    async def counts(self) -> dict[str, dict[str, int]]:
        """Count jobs by queue and by `ready`, `leased`, `done`, `dead`, for health and metrics."""
        words = {READY: "ready", LEASED: "leased", DONE: "done"}
        counts: dict[str, dict[str, int]] = {}
        rows = await self._database.read(lambda connection: connection.execute(_COUNTS).all())
        for row in rows:
            counts.setdefault(row.queue, {})[words.get(row.state, "dead")] = row.jobs
        return counts

    def _lease_values(self, lease: timedelta, at: datetime) -> dict[str, Any]:
        if self._database.dialect is Dialect.SQLITE:
            return {"until": at + lease}
        return {"lease": lease.total_seconds()}


def _claim(transaction: Transaction, values: dict[str, Any]) -> list[Job]:
    if transaction.dialect is Dialect.POSTGRESQL:
        transaction.connection.execute(LOCK_CLAIMS)
    rows = transaction.change(claims.CLAIM.on(transaction.dialect), values)
    return [
        Job(
            id=row.id,
            queue=row.queue,
            ref=row.ref,
            lane=row.lane,
            attempts=row.attempts,
            token=row.token,
        )
        for row in sorted(rows, key=lambda row: (row.due, row.id))
    ]


def _check_lease(lease: timedelta) -> None:
    if not timedelta(0) < lease <= MAX_LEASE:
        raise ValueError("a lease lasts longer than nothing and at most an hour")
