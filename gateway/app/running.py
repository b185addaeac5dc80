# SPDX-License-Identifier: Apache-2.0
"""Runs the roles of one process: opens what they need, listens, works, and closes in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from gateway.app.access_point import AccessPointRoles, open_access_point
from gateway.app.extensions import Extension, installed
from gateway.app.parts import Parts, open_parts
from gateway.app.publisher import open_publisher
from gateway.errors import Fault, GatewayError
from gateway.logs import start_logging
from gateway.settings import Settings, addresses
from gateway.store import SchemaState, Store, migrate_database, schema_state, sole_worker
from gateway.web import Address, ServerCertificate, listen
from gateway.worker import LEASE, Worker

_LOG = logging.getLogger("gateway.app")

REVOCATION_SECONDS = 300.0
HOUSEKEEPING_SECONDS = 600.0


class CannotListenError(GatewayError):
    """An address of the settings is taken, not ours, or not allowed."""

    code = "invalid_settings"
    fault = Fault.CALLER


def run(settings: Settings, *, roles: frozenset[str]) -> None:
    """Serve until SIGTERM or SIGINT; requests and jobs at hand come to their end first.

    Raises what `build` raises; once it listens, nothing but a signal ends it.
    """
    start_logging(settings.log.level)
    asyncio.run(_serve(settings, roles))


def migrate(settings: Settings) -> list[str]:
    """Bring the database of the settings up to date; returns what was done, a line each."""
    url = settings.url(settings.store.database)
    if settings.as4 is None:
        return ["nothing to migrate: these settings have no access point"]
    if schema_state(url) is SchemaState.CURRENT:
        return ["the database is up to date"]
    settings.path(settings.store.payloads).mkdir(parents=True, exist_ok=True)
    backup = migrate_database(url, backup=True)
    kept = [f"backup: {backup}"] if backup else []
    return [*kept, "the database was brought up to date"]


@asynccontextmanager
async def build(
    settings: Settings, *, roles: frozenset[str], extensions: Iterable[Extension] = ()
) -> AsyncIterator[None]:
    """The running roles; they stop when the context ends."""
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings))
        parts.revocations.restore()
        await parts.revocations.refresh()
        tls = await _certificate(settings, stack)
        if "smp" in roles and settings.smp is not None:
            publisher = await stack.enter_async_context(open_publisher(parts, settings.smp))
            await _listen(stack, publisher, settings.smp.listen, tls)
        if settings.as4 is not None and roles - {"smp"}:
            ours = await stack.enter_async_context(
                open_access_point(parts, settings.as4, roles=roles)
            )
            await _run_access_point(
                stack, parts, ours, roles=roles, extensions=tuple(extensions), tls=tls
            )
        await _repeat(stack, REVOCATION_SECONDS, parts.revocations.refresh)
        _LOG.info("started", extra={"roles": sorted(roles), "network": settings.preset.name})
        yield
        _LOG.info("stopping")


async def _run_access_point(
    stack: AsyncExitStack,
    parts: Parts,
    ours: AccessPointRoles,
    *,
    roles: frozenset[str],
    extensions: tuple[Extension, ...],
    tls: ServerCertificate | None,
) -> None:
    settings = parts.settings
    handlers = dict(ours.handlers)
    for extension in extensions:
        handlers.update(extension.handlers(parts, ours.store))
        pages = extension.application(parts, ours.store)
        if pages is not None:
            ours.api.add_subapp(f"/{extension.name}", pages)
    if "worker" in roles:
        await _free_dead_leases(stack, parts, ours.store)
        worker = Worker(
            jobs=ours.store.jobs,
            handlers=handlers,
            clock=parts.clock,
            concurrency=settings.worker.concurrency,
        )
        task = asyncio.create_task(worker.run())
        stack.push_async_callback(_stop_worker, worker, task)
        await _repeat(stack, HOUSEKEEPING_SECONDS, lambda: ours.store.housekeep(at=parts.clock()))
    if "as4" in roles and settings.as4 and ours.as4:
        await _listen(stack, ours.as4, settings.as4.listen, tls)
    if "api" in roles and settings.api:
        await _listen(stack, ours.api, settings.api.listen, tls)


async def _free_dead_leases(stack: AsyncExitStack, parts: Parts, store: Store) -> None:
    """Where no other process works, what is leased was a dead one's: it is due now, not later."""
    database = parts.settings.url(parts.settings.store.database)
    if stack.enter_context(sole_worker(database)):
        await store.jobs.sweep(at=parts.clock() + LEASE)


async def _serve(settings: Settings, roles: frozenset[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with build(settings, roles=roles, extensions=installed()):
        await stop.wait()


async def _listen(
    stack: AsyncExitStack,
    application: web.Application,
    where: str | tuple[str, ...],
    tls: ServerCertificate | None,
) -> None:
    wanted = addresses(where)
    try:
        listening = await listen(
            application,
            [Address.parse(text) for text in wanted],
            tls=tls.context if tls else None,
        )
    except OSError as error:
        raise CannotListenError(
            f"cannot listen on {', '.join(wanted)}: {os.strerror(error.errno or 0)}",
            advice="Stop the program that listens there, or change `listen` in the settings.",
        ) from error
    stack.push_async_callback(listening.close)


async def _certificate(settings: Settings, stack: AsyncExitStack) -> ServerCertificate | None:
    tls = settings.tls
    if tls.certificate is None or tls.key is None:
        return None
    certificate = ServerCertificate(
        certificate=settings.path(tls.certificate), key=settings.path(tls.key)
    )
    watching = asyncio.create_task(certificate.watch())
    stack.callback(watching.cancel)
    return certificate


async def _repeat(
    stack: AsyncExitStack, seconds: float, action: Callable[[], Awaitable[object]]
) -> None:
    async def loop() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await action()
            except Exception:
                _LOG.exception("housekeeping_failed")

    task = asyncio.create_task(loop())
    stack.callback(task.cancel)


async def _stop_worker(worker: Worker, task: asyncio.Task[None]) -> None:
    worker.stop()
    await task
