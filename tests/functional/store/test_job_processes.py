# SPDX-License-Identifier: Apache-2.0
"""Four worker processes share 6,000 jobs, and one is killed with leases in its hand."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.store import Store
from gateway.store.queueing import enqueue
from gateway.store.transaction import Transaction
from tests.functional.store.counting import query

JOBS = 6000
PAST = datetime(2020, 1, 1, tzinfo=UTC)  # due on the real clock, which the workers use
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.timeout(180)
async def test_every_job_is_completed_once_although_a_worker_is_killed(
    store: Store, url: str, tmp_path: Path
) -> None:
    def fill(transaction: Transaction) -> None:
        for number in range(JOBS):
            enqueue(transaction, "work", str(number), due=PAST, created=PAST)

    await store._database.write(fill)
    victim = await _start(url, tmp_path, "victim")
    assert victim.stdout is not None
    held = (await victim.stdout.readline()).split()
    others = [await _start(url, tmp_path, f"worker{number}") for number in range(3)]
    victim.send_signal(signal.SIGKILL)
    await victim.wait()
    assert [await other.wait() for other in others] == [0, 0, 0]

    completed = _completed(tmp_path)
    assert len(held) == 32
    assert len(completed) == len(set(completed)) == JOBS
    states = await query(store, "SELECT state, count(*), max(attempts) FROM job GROUP BY state")
    assert [tuple(row) for row in states] == [(2, JOBS, 2)]
    twice = await query(store, "SELECT count(*) FROM job WHERE attempts = 2")
    assert twice[0][0] == len(held)  # only the dead worker's jobs came a second time


def _completed(folder: Path) -> list[str]:
    return [line for path in folder.glob("*.done") for line in path.read_text().splitlines()]


async def _start(url: str, folder: Path, name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.functional.store.job_worker",
        url,
        str(folder),
        name,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
