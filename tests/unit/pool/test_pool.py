# SPDX-License-Identifier: Apache-2.0
"""Workers lose their own job and nobody else's: crashes, time, memory, bugs, cancelled callers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.pool import JobCrashedError, JobTimeoutError, Limits, Pool, WorkerStartError
from gateway.pool.host import Host
from tests.unit.pool.handlers import RefusedError

FACTORY = "tests.unit.pool.handlers:make"


def limits(**changes: float) -> Limits:
    return Limits(**{"job_seconds": 30.0, **changes})  # type: ignore[arg-type]


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[Pool]:
    async with Pool(FACTORY, (tmp_path,), workers=2, limits=limits()) as opened:
        yield opened


async def test_results_come_back_and_workers_are_kept(pool: Pool) -> None:
    await pool.warm()
    pids = set(pool.pids)
    assert len(pids) == 2
    jobs = [pool.run(("echo", number)) for number in range(20)]
    assert await asyncio.gather(*jobs) == list(range(20))
    assert {await pool.run(("pid", None)) for _ in range(4)} <= pids


async def test_errors_of_ours_come_across_whole(pool: Pool) -> None:
    with pytest.raises(RefusedError) as refused:
        await pool.run(("refuse", None))
    assert (refused.value.detail, refused.value.advice) == ("no", "do that")


async def test_a_bug_over_one_document_ends_no_worker(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    before = await pool.run(("pid", None))
    with pytest.raises(JobCrashedError):
        await pool.run(("bug", None))
    assert await pool.run(("pid", None)) == before
    assert "ZeroDivisionError" in str(caplog.records[-1].__dict__["what"])


async def test_a_crash_is_tried_once_more_and_loses_only_its_job(
    pool: Pool, tmp_path: Path
) -> None:
    assert await pool.run(("die_once", None)) == "second try"
    others = [pool.run(("echo", number)) for number in range(10)]
    results = await asyncio.gather(pool.run(("die", None)), *others, return_exceptions=True)
    assert isinstance(results[0], JobCrashedError)
    assert results[1:] == list(range(10))
    assert (tmp_path / "died").read_text() == "xx"
    assert await pool.run(("echo", "still here")) == "still here"


async def test_a_job_that_does_not_end_is_ended(tmp_path: Path) -> None:
    async with Pool(FACTORY, (tmp_path,), workers=2, limits=limits(job_seconds=0.5)) as pool:
        await pool.warm()
        spinning = asyncio.ensure_future(pool.run(("spin", None)))
        assert await pool.run(("echo", 1)) == 1
        with pytest.raises(JobTimeoutError, match=r"0\.5 seconds"):
            await spinning
        assert await pool.run(("echo", 2)) == 2


async def test_a_worker_that_keeps_too_much_is_replaced(tmp_path: Path) -> None:
    ceiling = limits(recycle_bytes=150_000_000)
    async with Pool(FACTORY, (tmp_path,), workers=1, limits=ceiling) as pool:
        first = await pool.run(("pid", None))
        assert await pool.run(("pid", None)) == first
        assert await pool.run(("grow", 200_000_000)) == 1
        assert await pool.run(("pid", None)) != first


async def test_a_cancelled_caller_leaves_and_its_worker_comes_back(tmp_path: Path) -> None:
    async with Pool(FACTORY, (tmp_path,), workers=1, limits=limits(job_seconds=0.5)) as pool:
        await pool.warm()
        task = asyncio.ensure_future(pool.run(("spin", None)))
        await asyncio.sleep(0)  # let it take the worker
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.run(("echo", "mine")) == "mine"


async def test_a_closed_pool_ends_jobs_and_starts_no_worker_again(tmp_path: Path) -> None:
    pool = Pool(FACTORY, (tmp_path,), workers=1, limits=limits())
    await pool.warm()
    jobs = [asyncio.ensure_future(pool.run(("spin", None))) for _ in range(3)]
    await asyncio.sleep(0)  # one takes the worker, the others wait
    await pool.close()
    assert pool.pids == ()
    for job in jobs:
        with pytest.raises(WorkerStartError):
            await job


async def test_a_worker_that_cannot_start_says_why() -> None:
    async with Pool("tests.unit.pool.handlers:refuse_to_start", ("why",), workers=1) as pool:
        with pytest.raises(RefusedError, match="why"):
            await pool.run(1)
    async with Pool("tests.unit.pool.handlers:die_at_start", workers=1) as pool:
        with pytest.raises(WorkerStartError):
            await pool.warm()


def test_noise_of_native_code_is_not_heard(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    host = Host(FACTORY, (tmp_path,), limits=limits(), method="spawn")
    assert host.run(("shout", "done")) == "done"
    host.stop()
    assert "native noise" not in capfd.readouterr().err
    assert host.pid is None
