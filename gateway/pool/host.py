# SPDX-License-Identifier: Apache-2.0
"""One worker as its parent sees it: started when needed, ended when it must be. Blocking calls."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from gateway.errors import GatewayError
from gateway.pool.errors import JobCrashedError, JobTimeoutError, WorkerStartError
from gateway.pool.memory import resident
from gateway.pool.worker import BROKEN, FAILED, READY, serve

_LOG = logging.getLogger("gateway.pool")
_LOOK = 0.25  # seconds between looks at the memory of a worker at work
_GOODBYE = 2.0  # seconds that a worker has to end by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one worker may take: seconds and resident bytes."""

    job_seconds: float = 60.0
    start_seconds: float = 60.0
    recycle_bytes: int = 1_000_000_000  # looked at after each job
    kill_bytes: int = 3_000_000_000  # looked at while it works


class _DiedError(Exception):
    """The worker is gone, or had to be ended over its memory."""


class Host:
    """Runs jobs one at a time in a child process of its own."""

    def __init__(
        self, factory: str, arguments: Sequence[Any], *, limits: Limits, method: str
    ) -> None:
        self._factory = factory
        self._arguments = tuple(arguments)
        self._limits = limits
        self._context = multiprocessing.get_context(method)
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._over = threading.Event()

    @property
    def pid(self) -> int | None:
        """The worker's process, if there is one."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Have a worker that is ready. Raises `WorkerStartError`, or what its factory raised."""
        if self._over.is_set():
            raise WorkerStartError("the pool of workers is closed")
        if self._process is not None and self._process.is_alive():
            return
        self.stop()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]
            target=serve, args=(theirs, self._factory, self._arguments), daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        if self._over.is_set():
            self.kill()
            raise WorkerStartError("the pool of workers is closed")
        try:
            word, what = self._receive(self._limits.start_seconds)
        except (_DiedError, TimeoutError) as error:
            self.kill()
            raise WorkerStartError("a validation worker did not start") from error
        if word != READY:
            self.kill()
            raise what if isinstance(what, GatewayError) else WorkerStartError(str(what)[-300:])

    def run(self, job: Any) -> Any:
        """The result of one job.

        Raises what the handler raised, `JobTimeoutError`, or `JobCrashedError` when a worker died
        over it twice.
        """
        try:
            return self._once(job)
        except _DiedError:
            _LOG.warning("validation_worker_died", extra={"again": True})
        try:
            return self._once(job)
        except _DiedError as error:
            _LOG.error("validation_worker_died", extra={"again": False})
            raise JobCrashedError(
                "the validation of this document ended its process, twice",
                advice="Report it with the document; others are judged as before.",
            ) from error

    def stop(self) -> None:
        """Let the worker end, and end it if it does not."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join(_GOODBYE)
        self.kill()

    def end(self) -> None:
        """No more jobs; one at work ends now. For any thread, the others are for the one that runs.

        Who runs the job sees its worker gone, and lets go of it.
        """
        self._over.set()
        if (process := self._process) is not None:
            with suppress(ValueError):  # let go of in this very moment
                process.kill()

    def kill(self) -> None:
        """End the worker now."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _once(self, job: Any) -> Any:
        self.start()
        assert self._connection is not None
        try:
            self._connection.send(job)
            word, what = self._receive(self._limits.job_seconds)
        except TimeoutError as error:
            self.kill()
            _LOG.warning("validation_timeout", extra={"seconds": self._limits.job_seconds})
            raise JobTimeoutError(
                f"the validation took longer than {self._limits.job_seconds:g} seconds"
            ) from error
        except (OSError, _DiedError) as error:
            self.kill()
            raise _DiedError from error
        self._recycle()
        if word == FAILED:
            raise what
        if word == BROKEN:
            _LOG.error("validation_bug", extra={"what": what})
            raise JobCrashedError("the validation of this document failed inside; it is logged")
        return what

    def _receive(self, seconds: float) -> tuple[str, Any]:
        """Wait for the worker's word. Raises `TimeoutError`, `_DiedError`."""
        assert self._connection is not None
        waited = 0.0
        while not self._connection.poll(min(_LOOK, seconds - waited)):
            waited += _LOOK
            if waited >= seconds:
                raise TimeoutError
            if (resident(self.pid) or 0) > self._limits.kill_bytes:
                raise _DiedError
        try:
            word, what = self._connection.recv()
        except (EOFError, OSError) as error:
            raise _DiedError from error
        return word, what

    def _recycle(self) -> None:
        """A worker that kept too much is let go; the next job starts another."""
        held = resident(self.pid) or 0
        if held > self._limits.recycle_bytes:
            _LOG.info("validation_worker_recycled", extra={"bytes": held})
            self.stop()
