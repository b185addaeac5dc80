# SPDX-License-Identifier: Apache-2.0
"""The pool as asyncio sees it: give a job, await its result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from gateway.pool.errors import WorkerStartError
from gateway.pool.host import Host, Limits

# Never `fork`: a child of a process that used Saxon dies at once. The fork server is a clean
# process that starts workers in a tenth of the time that `spawn` takes.
METHOD = "forkserver"


class Pool:
    """Some workers; each has one thread here that waits for it.

    Use as an async context manager. Workers start with their first job, or all with `warm`.
    """

    def __init__(
        self,
        factory: str,
        arguments: Sequence[Any] = (),
        *,
        workers: int,
        limits: Limits | None = None,
        method: str = METHOD,
    ) -> None:
        limits = limits or Limits()
        self._hosts = [
            Host(factory, arguments, limits=limits, method=method) for _ in range(workers)
        ]
        self._is_closed = False
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="pool")
        self._idle: asyncio.LifoQueue[Host] = asyncio.LifoQueue()
        for host in self._hosts:
            self._idle.put_nowait(host)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes of the workers that are there now."""
        return tuple(host.pid for host in self._hosts if host.pid is not None)

    async def warm(self) -> None:
        """Start all workers, for a service that is about to listen. Raises `WorkerStartError`."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(
            *(loop.run_in_executor(self._threads, host.start) for host in self._hosts)
        )

    async def run(self, job: Any) -> Any:
        """The result of a job, see `Host.run`. Jobs wait in line while all workers are busy.

        A caller that is cancelled leaves at once; its worker ends the job and is free again.
        """
        host = await self._idle.get()
        if self._is_closed:
            self._idle.put_nowait(host)  # for the next in line, who is told the same
            raise WorkerStartError("the pool of workers is closed")
        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(self._threads, host.run, job)
        working.add_done_callback(lambda ended: self._release(host, ended))
        return await asyncio.shield(working)

    async def close(self) -> None:
        """End all workers, also those at work."""
        self._is_closed = True
        for host in self._hosts:
            host.end()
        await asyncio.to_thread(self._threads.shutdown)
        for host in self._hosts:
            await asyncio.to_thread(host.kill)

    def _release(self, host: Host, ended: asyncio.Future[Any]) -> None:
        if not ended.cancelled():
            ended.exception()  # seen, also where the caller has left
        self._idle.put_nowait(host)
