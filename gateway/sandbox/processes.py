# SPDX-License-Identifier: Apache-2.0
"""Starts the sandbox's processes, watches them, starts again what dies, and stops them all.

A process counts as up when its port answers, not when it was started. Its output goes to a log
file. Whatever happens to this program, its processes end with it (leash.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gateway
from gateway.errors import GatewayError
from gateway.sandbox.ports import HOST

START_SECONDS = 60.0  # a cold disk and two busy cores
STOP_SECONDS = 12.0  # the gateway itself lets open exchanges end first
ASK_SECONDS = 2.0
PAUSE_SECONDS = 0.05
SETTLED_SECONDS = 10.0  # a process that lived so long may be started again at once
LONGEST_PAUSE_SECONDS = 5.0
LOG_TAIL_LINES = 15
CLOSED = -1
# `python -m` looks in the working folder first: so the processes run this very code, wherever the
# user stands.
CODE_FOLDER = Path(gateway.__file__).parents[1]
ENVIRONMENT_PREFIX = "PEPPOL_GATEWAY_"


class ProcessFailedError(GatewayError):
    """A process of the sandbox did not come up."""

    code = "process_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run and how to see that it is up: its port answers, or says 200 to `ready_path`."""

    name: str
    module: str
    arguments: tuple[str, ...]
    port: int
    log_file: Path
    ready_path: str | None = None


@dataclass(slots=True)
class Running:
    """A program with its process of the moment and the task that watches it."""

    program: Program
    process: asyncio.subprocess.Process
    leash: int
    started_at: float
    restarts: int = 0
    watch: asyncio.Task[None] | None = None


def environment() -> dict[str, str]:
    """This program's environment without its own variables: the folder's settings hold alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ENVIRONMENT_PREFIX)}
    return {**kept, "PYTHONUNBUFFERED": "1"}


class Supervisor:
    """The processes of one sandbox; `say` gets a line when one ended and when it is up again."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._changed: Callable[[], None] = lambda: None
        self._running: dict[str, Running] = {}
        self._stopping = False

    def on_change(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever a process id became another and the process is up."""
        self._changed = changed

    def pid(self, name: str) -> int:
        """The process id of the moment."""
        return self._running[name].process.pid

    def status(self) -> list[dict[str, object]]:
        """Name, process id and number of restarts of each program, for the start page."""
        return [
            {"name": name, "pid": running.process.pid, "restarts": running.restarts}
            for name, running in self._running.items()
        ]

    async def start(self, programs: Sequence[Program]) -> None:
        """Start all and return when all are up. Raises `ProcessFailedError`."""
        for program in programs:
            self._running[program.name] = await self._spawn(program)
        started = [self._running[program.name] for program in programs]
        await asyncio.gather(*(_wait_until_up(running) for running in started))
        for running in started:
            running.watch = asyncio.create_task(self._watch(running))

    async def stop(self) -> None:
        """Stop all: asked first, then killed. Newest first, so that senders go before DNS."""
        self._stopping = True
        for running in reversed(self._running.values()):
            if running.watch is not None:
                running.watch.cancel()
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()
        await asyncio.gather(*(_ended(running) for running in self._running.values()))

    async def _spawn(self, program: Program) -> Running:
        reading, writing = os.pipe()
        try:
            with program.log_file.open("ab") as log_file:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "gateway.sandbox.leash", str(reading)),
                    *(program.module, *program.arguments),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log_file,
                    stderr=log_file,
                    pass_fds=(reading,),
                    env=environment(),
                    cwd=CODE_FOLDER,
                    start_new_session=True,  # Ctrl-C reaches this program alone
                )
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        now = asyncio.get_running_loop().time()
        return Running(program=program, process=process, leash=writing, started_at=now)

    async def _watch(self, running: Running) -> None:
        quick_deaths = 0
        while True:
            status = await running.process.wait()
            if self._stopping:
                return
            name, pid = running.program.name, running.process.pid
            self._say(f"{name} (process {pid}) {_how_it_ended(status)}; starting it again")
            lived = asyncio.get_running_loop().time() - running.started_at
            quick_deaths = 0 if lived > SETTLED_SECONDS else quick_deaths + 1
            if quick_deaths > 1:
                pause = PAUSE_SECONDS * 2.0**quick_deaths
                await asyncio.sleep(min(pause, LONGEST_PAUSE_SECONDS))
            await self._restart(running)

    async def _restart(self, running: Running) -> None:
        _let_go(running)
        fresh = await self._spawn(running.program)
        running.process, running.leash = fresh.process, fresh.leash
        running.started_at = fresh.started_at
        running.restarts += 1
        try:
            await _wait_until_up(running)
        except ProcessFailedError as error:
            self._say(error.detail)
            return
        name, port, pid = running.program.name, running.program.port, running.process.pid
        self._changed()
        self._say(f"{name} is up again on port {port}, process {pid}")


async def _ended(running: Running) -> None:
    try:
        await asyncio.wait_for(running.process.wait(), STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            running.process.send_signal(signal.SIGKILL)
        await running.process.wait()
    _let_go(running)


def _let_go(running: Running) -> None:
    """Close our end of the leash, once."""
    if running.leash != CLOSED:
        os.close(running.leash)
        running.leash = CLOSED


async def _wait_until_up(running: Running) -> None:
    program, process = running.program, running.process
    deadline = running.started_at + START_SECONDS
    while not await _answers(program) or process.returncode is not None:
        if process.returncode is not None:
            raise ProcessFailedError(
                f"{program.name} {_how_it_ended(process.returncode)} before it was up; "
                f"the end of {program.log_file}:\n{log_tail(program.log_file)}"
            )
        if asyncio.get_running_loop().time() > deadline:
            raise ProcessFailedError(f"{program.name} is not up after {START_SECONDS:.0f} seconds")
        await asyncio.sleep(PAUSE_SECONDS)


async def _answers(program: Program) -> bool:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, program.port)
            with contextlib.closing(writer):
                if program.ready_path is None:
                    return True
                writer.write(
                    f"GET {program.ready_path} HTTP/1.1\r\nHost: {HOST}:{program.port}\r\n"
                    "Connection: close\r\n\r\n".encode("ascii")
                )
                first = await reader.readline()
    except (OSError, TimeoutError):
        return False
    return first.split(b" ", 2)[1:2] == [str(http.HTTPStatus.OK.value).encode("ascii")]


def log_tail(file: Path) -> str:
    """The last lines of a log file."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES:])


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
