# SPDX-License-Identifier: Apache-2.0
"""A worker process for test_job_processes.py: drains a queue and writes down what it completed."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.service.records import JobDone
from gateway.store import Store

LEASE = timedelta(seconds=2)


async def work(url: str, folder: Path, name: str) -> None:
    """Work until nothing is left; the one called `victim` stops with a full hand."""
    store = Store.open(url, payload_folder=folder / "payloads")
    with (folder / f"{name}.done").open("w") as log:
        while True:
            now = datetime.now(UTC)
            await store.jobs.sweep(at=now)
            jobs = await store.jobs.claim(["work"], limit=32, lease=LEASE, at=now)
            if name == "victim" and jobs:
                sys.stdout.write(" ".join(str(job.id) for job in jobs) + "\n")
                sys.stdout.flush()
                signal.pause()
            finished = await asyncio.gather(
                *(store.jobs.finish(JobDone(job=job), at=now) for job in jobs)
            )
            for job, mine in zip(jobs, finished, strict=True):
                if mine:
                    print(job.id, file=log, flush=True)
            if not jobs:
                counts = (await store.jobs.counts()).get("work", {})
                if not counts.get("ready") and not counts.get("leased"):
                    break
                await store.jobs.wait(at=now, seconds=0.2)
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
