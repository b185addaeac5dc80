# SPDX-License-Identifier: Apache-2.0
"""Runs a sandbox from start to stop: folder, processes, start page, state file.

The page that calls the others in order; `peppol-gateway sandbox` and `peppol-gateway run` are this
with another ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from gateway.sandbox import lock, ports, programs, start_page
from gateway.sandbox.counting import Counter
from gateway.sandbox.invoices import fresh_invoice
from gateway.sandbox.layout import open_folder
from gateway.sandbox.network import Network
from gateway.sandbox.processes import Supervisor
from gateway.sandbox.state import describe, write_state

Story = Callable[[Network, Supervisor], Awaitable[int | None]]

LEFTOVER_SECONDS = 8.0  # what processes of a killed supervisor need to end (leash.py)
LOOK_AGAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asked for."""

    folder: Path
    say: Callable[[str], None]
    state_file: Path | None = None
    port_base: int | None = None


async def run(options: Options, story: Story | None = None) -> int:
    """Run until SIGTERM or SIGINT, or until the story gives an exit status; returns that status.

    Raises `SandboxFolderError`, `PortTakenError`, `ProcessFailedError`.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with lock.hold(options.folder) as killed_before:
        network = await _open(options, patient=killed_before)
        supervisor = Supervisor(say=options.say)
        try:
            await _unless(stop, _start(network, supervisor))
            if stop.is_set():
                return 0
            async with _serve_start_page(network, supervisor):
                supervisor.on_change(lambda: _write_state(options, network, supervisor))
                _write_state(options, network, supervisor)
                options.say(f"Up: start page {network.url('start')}/, folder {network.folder}")
                status = await _unless(stop, _tell(story, network, supervisor))
                if status is None:
                    await stop.wait()
                return status or 0
        finally:
            await supervisor.stop()


async def _open(options: Options, *, patient: bool) -> Network:
    """Open the folder; after a killed supervisor wait for its processes to leave their ports."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (LEFTOVER_SECONDS if patient else 0.0)
    while True:
        try:
            return open_folder(options.folder, at=datetime.now(UTC), port_base=options.port_base)
        except ports.PortTakenError:
            if loop.time() > deadline:
                raise
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _start(network: Network, supervisor: Supervisor) -> None:
    access_points = network.access_points
    await _together(
        supervisor.start(programs.ground(network)),
        *(programs.migrate(network, one) for one in access_points),
    )
    await _together(*(programs.introduce(network, one) for one in access_points))
    await supervisor.start(programs.access_points(network))


async def _together(*works: Coroutine[None, None, None]) -> None:
    """Do all at once; the first that fails stops the others and is the one error."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _tell(story: Story | None, network: Network, supervisor: Supervisor) -> int | None:
    return None if story is None else await story(network, supervisor)


async def _unless(stop: asyncio.Event, work: Awaitable[int | None]) -> int | None:
    """Do the work, or drop it when told to stop."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if doing.done():
        return doing.result()
    doing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await doing
    return None


@contextlib.asynccontextmanager
async def _serve_start_page(network: Network, supervisor: Supervisor) -> AsyncIterator[None]:
    app = start_page.application(
        network,
        count=Counter(network).count,
        status=supervisor.status,
        sample=lambda: fresh_invoice(network),
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, ports.HOST, network.ports["start"]).start()
        except OSError as error:
            raise ports.PortTakenError(f"the start page's port: {error.strerror}") from error
        yield
    finally:
        await runner.cleanup()


def _write_state(options: Options, network: Network, supervisor: Supervisor) -> None:
    if options.state_file is not None:
        write_state(options.state_file, describe(network, pid=supervisor.pid))
