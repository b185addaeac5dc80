# SPDX-License-Identifier: Apache-2.0
"""The worker's loop: who is run, how many at once, what becomes of what breaks, how it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from gateway import correlation
from gateway.service.errors import StoreUnavailableError
from gateway.service.records import Job
from gateway.worker import Handler, Worker
from tests.fakes import AT, FixedClock
from tests.service_fakes import MemoryJobs, Records, job_of, logged


class Work:
    """A handler that notes what it runs and, where wanted, waits until it is let go."""

    def __init__(self, *, held: bool = False) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.correlations: list[str | None] = []
        self.most = 0
        self.go = asyncio.Event()
        if not held:
            self.go.set()

    async def __call__(self, job: Job) -> None:
        self.started.append(job.ref)
        self.most = max(self.most, len(self.started) - len(self.ended))
        await self.go.wait()
        self.correlations.append(correlation.current.get())
        self.ended.append(job.ref)


@pytest.fixture
def log() -> Iterator[Records]:
    with logged("gateway.worker") as records:
        yield records


@asynccontextmanager
async def running(
    jobs: MemoryJobs, handler: Handler, *, concurrency: int = 16, lease: float = 180.0
) -> AsyncIterator[Worker]:
    worker = Worker(
        jobs=jobs,
        handlers={"deliver": handler},
        clock=FixedClock(),
        concurrency=concurrency,
        lease=timedelta(seconds=lease),
        sweep_seconds=0.01,
    )
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 5)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  any condition, so nothing tells of it
            await asyncio.sleep(0.001)


async def test_what_is_due_is_run() -> None:
    jobs, work = MemoryJobs("a", "b", "c"), Work()
    async with running(jobs, work):
        await until(lambda: len(work.ended) == 3)
    assert sorted(work.ended) == ["a", "b", "c"]
    assert jobs.finished == []  # a handler finishes its job itself


async def test_only_queues_with_a_handler_are_asked_for() -> None:
    jobs, work = MemoryJobs("a"), Work()
    jobs.add("b", queue="other")
    async with running(jobs, work):
        await until(lambda: jobs.claims > 1)
    assert work.ended == ["a"]
    assert [job.ref for job in jobs.waiting] == ["b"]


async def test_no_more_than_so_many_at_once() -> None:
    jobs, work = MemoryJobs(*"abcdefghij"), Work(held=True)
    async with running(jobs, work, concurrency=3):
        await until(lambda: len(work.started) == 3)
        for _ in range(5):
            await asyncio.sleep(0.001)
        assert len(work.started) == 3
        assert jobs.limits == [3]
        work.go.set()
        await until(lambda: len(work.ended) == 10)
    assert work.most == 3
    assert max(jobs.limits) == 3


async def test_no_claim_asks_for_more_than_a_batch() -> None:
    jobs = MemoryJobs()
    async with running(jobs, Work(), concurrency=100):
        await until(lambda: jobs.claims)
    assert set(jobs.limits) == {32}


async def test_a_new_job_wakes_the_loop_at_once() -> None:
    jobs, work = MemoryJobs(), Work()
    async with running(jobs, work):
        await until(lambda: jobs.claims)
        jobs.add("new")
        await until(lambda: work.ended)
    assert work.ended == ["new"]


async def test_an_idle_worker_does_not_spin() -> None:
    jobs = MemoryJobs()
    async with running(jobs, Work()):
        await asyncio.sleep(0.05)
    assert 1 <= jobs.claims <= 5  # the fake waits for 20 ms


async def test_a_worker_that_is_full_does_not_spin() -> None:
    jobs, work = MemoryJobs("a"), Work(held=True)
    async with running(jobs, work, concurrency=1):
        await until(lambda: work.started)
        await asyncio.sleep(0.02)
        assert jobs.claims == 1
        work.go.set()


async def test_a_handler_that_breaks_puts_its_job_back(log: Records) -> None:
    async def breaks(job: Job) -> None:
        raise ZeroDivisionError(job.ref)

    jobs = MemoryJobs("a")
    async with running(jobs, breaks):
        await until(lambda: jobs.finished)
    (done,) = jobs.finished
    assert (done.job.ref, done.error, done.dead) == ("a", "ZeroDivisionError", False)
    assert done.due == AT + timedelta(minutes=1)
    assert log.one("job_failed")["ref"] == "a"


async def test_a_job_that_breaks_again_and_again_is_buried() -> None:
    async def breaks(_: Job) -> None:
        raise ZeroDivisionError

    jobs = MemoryJobs()
    jobs.waiting = [job_of("a", attempts=100)]
    async with running(jobs, breaks):
        await until(lambda: jobs.finished)
    assert jobs.finished[0].dead


async def test_one_broken_job_does_not_disturb_the_others() -> None:
    work = Work()

    async def handler(job: Job) -> None:
        if job.ref == "bad":
            raise ZeroDivisionError
        await work(job)

    jobs = MemoryJobs("bad", "a", "bad", "b")
    async with running(jobs, handler):
        await until(lambda: len(jobs.finished) == 2 and len(work.ended) == 2)


async def test_a_job_that_cannot_be_put_back_waits_for_its_lease(log: Records) -> None:
    async def breaks(_: Job) -> None:
        raise ZeroDivisionError

    jobs = MemoryJobs("a")
    jobs.failures["finish"] = [StoreUnavailableError("no")]
    async with running(jobs, breaks):
        await until(lambda: "job_not_put_back" in log.events)
        jobs.add("b")
        await until(lambda: jobs.finished)  # and the loop goes on
    assert [done.job.ref for done in jobs.finished] == ["b"]


async def test_a_stale_token_is_nobodys_trouble() -> None:
    async def breaks(_: Job) -> None:
        raise ZeroDivisionError

    jobs = MemoryJobs("a")
    jobs.held = False
    async with running(jobs, breaks):
        await until(lambda: jobs.finished)


async def test_a_slow_handler_keeps_its_lease() -> None:
    jobs, work = MemoryJobs("a"), Work(held=True)
    async with running(jobs, work, lease=0.006):
        await until(lambda: len(jobs.extended) >= 3)
        work.go.set()
    await asyncio.sleep(0.01)
    count = len(jobs.extended)
    await asyncio.sleep(0.01)
    assert len(jobs.extended) == count  # and not a moment longer
    assert set(jobs.extended) == {"a"}


async def test_a_store_that_hiccups_does_not_cost_the_lease(log: Records) -> None:
    jobs, work = MemoryJobs("a"), Work(held=True)
    jobs.failures["extend"] = [StoreUnavailableError("no")]
    async with running(jobs, work, lease=0.006):
        await until(lambda: len(jobs.extended) >= 3)
        work.go.set()
    assert log.one("lease_not_extended")["ref"] == "a"


async def test_a_lost_lease_is_said_once(log: Records) -> None:
    jobs, work = MemoryJobs("a"), Work(held=True)
    jobs.held = False
    async with running(jobs, work, lease=0.006):
        await until(lambda: "lease_lost" in log.events)
        await asyncio.sleep(0.01)
        work.go.set()
    assert jobs.extended == ["a"]


async def test_stopping_waits_for_what_runs() -> None:
    jobs, work = MemoryJobs("a", "b"), Work(held=True)
    worker = Worker(jobs=jobs, handlers={"deliver": work}, clock=FixedClock())
    task = asyncio.create_task(worker.run())
    await until(lambda: len(work.started) == 2)
    jobs.add("c")
    worker.stop()
    await until(lambda: jobs.claims > 1 or not jobs.waiting)
    await asyncio.sleep(0.01)
    assert not task.done()
    work.go.set()
    await asyncio.wait_for(task, 5)
    assert {"a", "b"} <= set(work.ended)
    assert work.started == work.ended


async def test_a_stopped_worker_claims_nothing() -> None:
    jobs = MemoryJobs("a")
    worker = Worker(jobs=jobs, handlers={"deliver": Work()}, clock=FixedClock())
    worker.stop()
    await worker.run()
    assert jobs.claims == 0


async def test_stopping_a_full_worker() -> None:
    jobs, work = MemoryJobs("a", "b"), Work(held=True)
    worker = Worker(jobs=jobs, handlers={"deliver": work}, clock=FixedClock(), concurrency=1)
    task = asyncio.create_task(worker.run())
    await until(lambda: work.started)
    worker.stop()
    work.go.set()
    await asyncio.wait_for(task, 5)
    assert work.ended == ["a"]


async def test_expired_leases_are_swept_and_a_failing_sweep_is_tried_again(log: Records) -> None:
    jobs = MemoryJobs()
    jobs.failures["sweep"] = [StoreUnavailableError("no")]
    async with running(jobs, Work()):
        await until(lambda: jobs.sweeps >= 3)
    assert "sweep_failed" in log.events
    assert "leases_ran_out" in log.events


async def test_each_job_has_its_own_correlation() -> None:
    jobs, work = MemoryJobs("a", "b"), Work()
    async with running(jobs, work):
        await until(lambda: len(work.ended) == 2)
    assert work.correlations == work.ended
    assert correlation.current.get() is None


async def test_a_store_that_cannot_be_asked_is_asked_again_later(log: Records) -> None:
    jobs, work = MemoryJobs("a"), Work()
    jobs.failures["claim"] = [StoreUnavailableError("no")]
    worker = Worker(
        jobs=jobs,
        handlers={"deliver": work},
        clock=FixedClock(),
        idle_seconds=0.01,
    )
    task = asyncio.create_task(worker.run())
    await until(lambda: work.ended)
    worker.stop()
    await task
    assert log.one("claim_failed")
    assert jobs.claims <= 4
