# SPDX-License-Identifier: Apache-2.0
"""Jobs inside somebody's transaction: enqueue with the business change, finish with it."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa

from gateway.service.records import JobDone
from gateway.store.dialects import insert_if_new
from gateway.store.tables import DEAD, DONE, LEASED, READY, job
from gateway.store.transaction import Transaction

_LOG = logging.getLogger(__name__)

_ADD = insert_if_new(job)
_FINISH = (
    sa.update(job)
    .where(
        job.c.id == sa.bindparam("job_id"),
        job.c.token == sa.bindparam("job_token"),
        job.c.state == LEASED,
    )
    .values(
        state=sa.bindparam("new_state"),
        due=sa.func.coalesce(sa.bindparam("new_due", type_=job.c.due.type), job.c.due),
        last_error=sa.bindparam("new_error"),
        ended=sa.bindparam("new_ended", type_=job.c.ended.type),
        token=None,
        lease_until=None,
    )
)

MAX_ERROR = 1000  # characters of the last error that are kept; enough for a sentence and a cause


def enqueue(
    transaction: Transaction,
    queue: str,
    ref: str,
    *,
    due: datetime,
    created: datetime,
    lane: str = "",
    dedupe: str | None = None,
) -> None:
    """Add a job, unless one with the same `dedupe` is there."""
    transaction.insert_later(
        _ADD,
        {
            "queue": queue,
            "ref": ref,
            "lane": lane,
            "due": due,
            "state": READY,
            "attempts": 0,
            "dedupe": dedupe,
            "created": created,
        },
    )
    transaction.wake_jobs()


def finish(transaction: Transaction, done: JobDone | None, *, at: datetime) -> bool:
    """Complete, reschedule or bury a leased job. False: somebody else holds it now.

    On False the caller must drop its result: whoever holds the lease will bring another.
    """
    if done is None:
        return True
    state = DEAD if done.dead else DONE if done.due is None else READY
    changed = transaction.update(
        _FINISH,
        {
            "job_id": done.job.id,
            "job_token": done.job.token,
            "new_state": state,
            "new_due": done.due,
            "new_error": None if done.error is None else done.error[:MAX_ERROR],
            "new_ended": at if state in (DONE, DEAD) else None,
        },
    )
    if not changed:
        _LOG.warning(
            "job_lease_lost",
            extra={"job": done.job.id, "queue": done.job.queue, "ref": done.job.ref},
        )
        return False
    transaction.wake_jobs()  # its lane has room again
    return True
