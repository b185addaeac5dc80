# SPDX-License-Identifier: Apache-2.0
"""The loop that runs what is due: claims jobs in batches, runs them side by side, holds no rules.

Each queue has one handler. A handler finishes its job itself, in the transaction of what it did; a
handler that raises has its job tried again a minute later, and buried after many tries. Leases are
lengthened while a handler works, so a slow peer costs a lease, not a double.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from gateway import correlation
from gateway.service.ports import Clock, Jobs
from gateway.service.records import MAX_CLAIMS, Job, JobDone

Handler = Callable[[Job], Awaitable[None]]

_LOG = logging.getLogger("gateway.worker")

LEASE = timedelta(seconds=180)  # the longest answer we wait for and a minute
IDLE = 1.0  # seconds; a new job wakes the loop at once, stopping waits for this net
SWEEP = 5.0  # seconds between looks for leases that ran out
_AFTER_CRASH = timedelta(minutes=1)
_BATCH = 32


class Worker:
    """Runs the jobs of some queues until it is stopped."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        handlers: Mapping[str, Handler],
        clock: Clock,
        concurrency: int = 16,
        lease: timedelta = LEASE,
        idle_seconds: float = IDLE,
        sweep_seconds: float = SWEEP,
    ) -> None:
        self._jobs = jobs
        self._handlers = dict(handlers)
        self._clock = clock
        self._concurrency = concurrency
        self._lease = lease
        self._idle = idle_seconds
        self._sweep_seconds = sweep_seconds
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Claim and run until `stop`; then let what runs come to its end."""
        sweeper = asyncio.create_task(self._sweep())
        try:
            while not self._stopping.is_set():
                await self._round()
        finally:
            sweeper.cancel()
            await asyncio.gather(*self._running, sweeper, return_exceptions=True)

    def stop(self) -> None:
        """End the loop after the jobs at hand."""
        self._stopping.set()

    async def _round(self) -> None:
        room = min(self._concurrency - len(self._running), _BATCH)
        if room <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return
        try:
            jobs = await self._jobs.claim(
                tuple(self._handlers), limit=room, lease=self._lease, at=self._clock()
            )
            if not jobs:
                await self._jobs.wait(at=self._clock(), seconds=self._idle)
        except Exception:
            _LOG.exception("claim_failed")
            await asyncio.sleep(self._idle)
            return
        for job in jobs:
            task = asyncio.create_task(self._run(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, job: Job) -> None:
        correlation.current.set(job.ref)
        keeper = asyncio.create_task(self._keep_lease(job))
        try:
            await self._handlers[job.queue](job)
        except Exception as error:  # a bug or a full disk must not end the loop
            _LOG.exception("job_failed", extra={"queue": job.queue, "ref": job.ref})
            await self._put_back(job, error)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _put_back(self, job: Job, error: Exception) -> None:
        at = self._clock()
        done = JobDone(
            job=job,
            due=at + _AFTER_CRASH,
            error=type(error).__name__,
            dead=job.attempts >= MAX_CLAIMS,
        )
        if done.dead:
            _LOG.error("job_buried", extra={"queue": job.queue, "ref": job.ref})
        try:
            await self._jobs.finish(done, at=at)
        except Exception:
            _LOG.exception("job_not_put_back", extra={"queue": job.queue, "ref": job.ref})

    async def _keep_lease(self, job: Job) -> None:
        facts = {"queue": job.queue, "ref": job.ref}
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                held = await self._jobs.extend(job, lease=self._lease, at=self._clock())
            except Exception:
                _LOG.exception("lease_not_extended", extra=facts)  # two more chances
                continue
            if not held:
                _LOG.warning("lease_lost", extra=facts)
                return

    async def _sweep(self) -> None:
        while True:
            try:
                given_back = await self._jobs.sweep(at=self._clock())
                if given_back:
                    _LOG.warning("leases_ran_out", extra={"count": given_back})
            except Exception:
                _LOG.exception("sweep_failed")
            await asyncio.sleep(self._sweep_seconds)
