# SPDX-License-Identifier: Apache-2.0
"""Jobs: leases, tokens, lanes, clocks, and how a claim reads its index."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.service.records import MAX_CLAIMS, Job, JobDone
from gateway.store import Store, claims
from gateway.store.columns import Moment
from gateway.store.migrations import migrate
from gateway.store.queueing import enqueue
from gateway.store.transaction import Transaction
from tests.functional.store.counting import execute, query

# PostgreSQL goes by its own time, so these tests start from the real one.
NOW = datetime.now(UTC).replace(microsecond=0)
PAST = NOW - timedelta(hours=2)
LEASE = timedelta(minutes=5)


async def _add(
    store: Store, *refs: str, due: datetime = PAST, lane: str = "", queue: str = "q"
) -> None:
    def work(transaction: Transaction) -> None:
        for ref in refs:
            enqueue(transaction, queue, ref, due=due, created=PAST, lane=lane)

    await store._database.write(work)


async def _claim(store: Store, limit: int = 32, at: datetime | None = None) -> list[Job]:
    return await store.jobs.claim(["q"], limit=limit, lease=LEASE, at=at or NOW)


async def test_the_oldest_come_first_and_once(store: Store) -> None:
    await _add(store, "b", due=PAST + timedelta(seconds=1))
    await _add(store, "a", "c")
    first = await _claim(store, limit=2)
    assert [job.ref for job in first] == ["a", "c"]
    assert len({job.token for job in first}) == 1
    assert [job.ref for job in await _claim(store)] == ["b"]
    assert await _claim(store) == []


async def test_only_the_queues_asked_for(store: Store) -> None:
    await _add(store, "a", queue="other")
    assert await _claim(store) == []
    assert len(await store.jobs.claim(["q", "other"], limit=9, lease=LEASE, at=NOW)) == 1
    assert await store.jobs.claim([], limit=9, lease=LEASE, at=NOW) == []


async def test_what_is_due_later_is_not_taken(store: Store) -> None:
    await _add(store, "later", due=NOW + timedelta(hours=1))
    assert await _claim(store) == []


async def test_a_stale_token_changes_nothing(store: Store) -> None:
    await _add(store, "a")
    (job,) = await _claim(store)
    stale = replace(job, token="f" * 32)
    assert not await store.jobs.finish(JobDone(job=stale), at=NOW)
    assert not await store.jobs.finish(JobDone(job=stale, due=NOW), at=NOW)
    assert not await store.jobs.extend(stale, lease=LEASE, at=NOW)
    assert not await store.jobs.enter_lane(stale, "host")
    assert await store.jobs.finish(JobDone(job=job), at=NOW)
    assert not await store.jobs.finish(JobDone(job=job), at=NOW)


async def test_a_retry_keeps_its_lane_and_its_error(store: Store) -> None:
    await _add(store, "a", lane="host")
    (job,) = await _claim(store)
    assert await store.jobs.finish(JobDone(job=job, due=PAST, error="x" * 5000), at=NOW)
    (again,) = await _claim(store)
    assert (again.lane, again.attempts) == ("host", 2)
    assert again.token != job.token
    rows = await query(store, "SELECT length(last_error) FROM job")
    assert rows[0][0] == 1000


async def test_a_dead_job_stays_dead(store: Store) -> None:
    await _add(store, "a")
    (job,) = await _claim(store)
    assert await store.jobs.finish(JobDone(job=job, dead=True, error="no"), at=NOW)
    assert await _claim(store) == []
    assert await store.jobs.counts() == {"q": {"dead": 1}}


async def _expire(store: Store) -> None:
    """Make every lease end long ago, on either clock."""
    text = "UPDATE job SET lease_until = :past WHERE state = 1"
    await store._database.write(
        lambda transaction: transaction.update(
            sa.text(text).bindparams(sa.bindparam("past", type_=Moment())), {"past": PAST}
        )
    )


async def test_an_expired_lease_is_given_back_once_by_two_sweepers(store: Store) -> None:
    await _add(store, *(str(number) for number in range(20)))
    jobs = await _claim(store)
    assert await store.jobs.sweep(at=NOW) == 0  # still leased
    await _expire(store)

    swept = await asyncio.gather(store.jobs.sweep(at=NOW), store.jobs.sweep(at=NOW))

    assert sorted(swept) == [0, 20]
    assert not await store.jobs.finish(JobDone(job=jobs[0]), at=NOW)
    assert {job.attempts for job in await _claim(store)} == {2}


async def test_an_extended_lease_is_not_swept(store: Store) -> None:
    await _add(store, "a")
    (job,) = await _claim(store)
    await _expire(store)
    assert await store.jobs.extend(job, lease=LEASE, at=NOW)
    assert await store.jobs.sweep(at=NOW) == 0


async def test_a_job_that_kills_its_workers_ends_as_dead(store: Store) -> None:
    await _add(store, "a")
    await execute(store, "UPDATE job SET attempts = :n", n=MAX_CLAIMS - 1)
    await _claim(store)
    await _expire(store)
    assert await store.jobs.sweep(at=NOW) == 1
    assert await store.jobs.counts() == {"q": {"dead": 1}}


async def test_a_lease_from_before_the_clock_was_set_back_is_given_back(store: Store) -> None:
    await _add(store, "a")
    await _claim(store)
    far = NOW + timedelta(days=1)
    text = "UPDATE job SET lease_until = :far WHERE state = 1"
    await store._database.write(
        lambda transaction: transaction.update(
            sa.text(text).bindparams(sa.bindparam("far", type_=Moment())), {"far": far}
        )
    )
    assert await store.jobs.sweep(at=NOW) == 1
    assert len(await _claim(store)) == 1


async def test_a_clock_set_back_takes_no_job_twice(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url, backup=False)
    store = Store.open(sqlite_url, payload_folder=tmp_path)
    await _add(store, "a", "b")
    (job,) = await _claim(store, limit=1)
    back = NOW - timedelta(minutes=10)
    assert [other.ref for other in await _claim(store, at=back)] == ["b"]
    assert await store.jobs.sweep(at=back) == 0
    assert await _claim(store, at=back) == []
    assert await store.jobs.finish(JobDone(job=job), at=back)
    await store.close()


async def test_a_lane_has_room_for_four(store: Store) -> None:
    await _add(store, *(f"h{number}" for number in range(10)), lane="host")
    await _add(store, *(f"o{number}" for number in range(10)), lane="other")
    await _add(store, *(f"f{number}" for number in range(10)))
    jobs = await _claim(store)
    lanes = [job.lane for job in jobs]
    assert (lanes.count("host"), lanes.count("other"), lanes.count("")) == (4, 4, 10)
    assert await _claim(store) == []

    done = [job for job in jobs if job.lane == "host"][:2]
    for job in done:
        await store.jobs.finish(JobDone(job=job), at=NOW)
    assert [job.ref for job in await _claim(store)] == ["h4", "h5"]


async def test_a_full_lane_at_the_front_does_not_hide_others(store: Store) -> None:
    await _add(store, *(f"h{number}" for number in range(100)), lane="host")
    await _claim(store)
    await _add(store, "late", lane="other", due=PAST + timedelta(minutes=1))
    assert [job.ref for job in await _claim(store, limit=1)] == ["late"]


async def test_many_claims_at_once_respect_lane_and_lease(store: Store) -> None:
    await _add(store, *(f"h{number}" for number in range(50)), lane="host")
    await _add(store, *(f"f{number}" for number in range(50)))
    taken = await asyncio.gather(*(_claim(store, limit=8) for _ in range(20)))
    jobs = [job for some in taken for job in some]
    assert len({job.id for job in jobs}) == len(jobs) == 54
    assert sum(job.lane == "host" for job in jobs) == 4


async def test_a_lane_may_be_named_while_leased(store: Store) -> None:
    await _add(store, *"abcde")
    jobs = await _claim(store)
    rooms = [await store.jobs.enter_lane(job, "host") for job in jobs[:4]]
    assert rooms == [True, True, True, True]
    assert await store.jobs.enter_lane(jobs[0], "host")  # it is in there already
    assert not await store.jobs.enter_lane(jobs[4], "host")


async def test_a_job_waits_for_room_in_its_lane(store: Store) -> None:
    await _add(store, *"abcde")
    jobs = await _claim(store)
    for job in jobs:
        await store.jobs.enter_lane(job, "host")
    assert not await store.jobs.finish(JobDone(job=jobs[4]), at=NOW)  # it is not leased any more
    assert await _claim(store) == []
    assert await store.jobs.finish(JobDone(job=jobs[0]), at=NOW)
    (waited,) = await _claim(store)
    assert (waited.ref, waited.lane, waited.attempts) == (jobs[4].ref, "host", 2)


async def test_a_schedule_is_owned_by_who_comes_first(store: Store) -> None:
    await asyncio.gather(
        *(store.jobs.ensure("crl", "all", due=PAST, dedupe="crl 12:00") for _ in range(10))
    )
    assert await store.jobs.counts() == {"crl": {"ready": 1}}


async def test_old_done_jobs_are_deleted_in_batches(store: Store) -> None:
    await _add(store, *(str(number) for number in range(1005)))
    await execute(store, "UPDATE job SET state = 2, ended = due")
    assert await store.jobs.purge(before=PAST) == 0
    assert await store.jobs.purge(before=NOW) == 1000
    assert await store.jobs.purge(before=NOW) == 5


async def test_a_rollback_leaves_no_job(store: Store) -> None:
    class RefusedError(GatewayError):
        pass

    def work(transaction: Transaction) -> None:
        enqueue(transaction, "q", "a", due=PAST, created=PAST)
        raise RefusedError("after the job was enqueued")

    with pytest.raises(RefusedError):
        await store._database.write(work)
    assert await _claim(store) == []


@pytest.mark.parametrize("lease", [timedelta(0), timedelta(hours=2)])
async def test_a_lease_has_bounds(store: Store, lease: timedelta) -> None:
    with pytest.raises(ValueError, match="lease"):
        await store.jobs.claim(["q"], limit=1, lease=lease, at=NOW)


async def test_waiting_ends_when_a_job_is_enqueued(store: Store) -> None:
    assert await _claim(store) == []
    waiting = asyncio.ensure_future(_wait_as_claimer(store))
    await asyncio.sleep(0)
    await _add(store, "a")
    async with asyncio.timeout(5):
        await waiting


async def _wait_as_claimer(store: Store) -> None:
    await _claim(store)
    await store.jobs.wait(at=NOW, seconds=50)


async def test_a_job_that_came_between_claim_and_wait_is_not_missed(store: Store) -> None:
    await _claim(store)
    await _add(store, "a")
    before = asyncio.get_running_loop().time()
    await store.jobs.wait(at=NOW, seconds=50)
    assert asyncio.get_running_loop().time() - before < 0.9


async def test_waiting_ends_when_the_next_job_is_due(store: Store) -> None:
    now = datetime.now(UTC)
    await _add(store, "a", due=now + timedelta(milliseconds=300))
    assert await _claim(store, at=now) == []
    before = asyncio.get_running_loop().time()
    await store.jobs.wait(at=now, seconds=50)
    assert asyncio.get_running_loop().time() - before < 0.95


async def test_a_full_lane_does_not_keep_its_claimer_awake(store: Store) -> None:
    await _add(store, *(f"h{number}" for number in range(6)), lane="host")
    await _claim(store)
    assert await _claim(store) == []
    before = asyncio.get_running_loop().time()
    await store.jobs.wait(at=NOW, seconds=0.1)
    assert asyncio.get_running_loop().time() - before >= 0.09


async def test_a_job_of_another_process_wakes_on_postgresql(
    postgresql_url: str, tmp_path: Path
) -> None:
    migrate(postgresql_url, backup=False)
    store = Store.open(postgresql_url, payload_folder=tmp_path)
    other = Store.open(postgresql_url, payload_folder=tmp_path)
    try:
        async with asyncio.timeout(10):
            with store._database.notices.waiter("jobs") as waiter:
                while not waiter.event.is_set():  # until its thread listens
                    await _add(other, "a")
                    await waiter.wait(0.05)
    finally:
        await store.close()
        await other.close()


BACKLOG = 100_000


@pytest.fixture
def backlog() -> str:
    """A statement that makes many jobs wait: half free, half in a few lanes."""
    return """
        INSERT INTO job (queue, ref, lane, due, state, attempts, created)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        SELECT 'q', 'r', CASE WHEN i % 2 = 0 THEN '' ELSE 'host' || (i % 7) END,
            {due}, 0, 0, {due} FROM n
    """.format(count=BACKLOG, due="(SELECT due FROM job LIMIT 1)")


async def test_a_hundred_thousand_waiting_jobs_do_not_slow_a_claim(
    store: Store, backlog: str
) -> None:
    await _add(store, "first")
    await execute(store, backlog)
    if store._database.dialect == "postgresql":
        await execute(store, "ANALYZE job")
    await _claim(store)  # compiles the statement
    loop = asyncio.get_running_loop()
    before = loop.time()
    jobs = await _claim(store)
    taken = loop.time() - before
    assert len(jobs) == 32
    assert taken < 1  # the plan below is the proof; this only catches the grossest

    plan = await _plan(store)
    if store._database.dialect == "sqlite":
        assert "SCAN job" not in plan.replace("SCAN job USING INDEX ix_job_leased", "")
        assert "ix_job_ready (queue=? AND lane=? AND due<?)" in plan
    else:
        assert "Seq Scan on job" not in plan
        assert "ix_job_ready" in plan


async def _plan(store: Store) -> str:
    dialect = store._database.dialect
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    statement = claims.CLAIM.on(dialect)
    values = {"queues": '["q"]', "size": 32, "per_lane": 4, "token": "t"}
    values |= {"now": NOW, "until": NOW} if dialect == "sqlite" else {"lease": 300}
    element = statement.element  # type: ignore[attr-defined]
    text = sa.text(explain + element.text).bindparams(
        *(sa.bindparam(name, type_=Moment()) for name in ("now", "until") if name in values)
    )

    def work(transaction: Transaction) -> str:
        return "\n".join(
            " ".join(str(cell) for cell in row)
            for row in transaction.connection.execute(text, values)
        )

    return await store._database.write(work)


async def test_the_next_due_is_found_by_the_index(store: Store, backlog: str) -> None:
    await _add(store, "first")
    await execute(store, backlog)
    loop = asyncio.get_running_loop()
    await _claim(store)
    before = loop.time()
    await store.jobs.wait(at=NOW, seconds=0)
    assert loop.time() - before < 1
