# SPDX-License-Identifier: Apache-2.0
"""Opens the validator of a process by its settings: how many workers, which engine, what limits."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway import ubl
from gateway.app.parts import Parts
from gateway.app.rule_packs import packs_of
from gateway.pool import Limits, PooledValidator, Setup, open_validator
from gateway.service.admission import AdmissionPolicy
from gateway.settings import Settings

_LOG = logging.getLogger("gateway.app")
_JUDGING = frozenset({"api", "worker"})
_MEGABYTE = 1_000_000
_PERCENT = 100
_RUNAWAY = 3  # times the memory of a worker at which it is ended at work
# What travels every day is compiled before the port opens, the rest with its first document.
_WARM_KINDS = ("nlcius", "peppol-billing")


@asynccontextmanager
async def start_validator(parts: Parts, *, roles: frozenset[str]) -> AsyncIterator[PooledValidator]:
    """The validator. Where a role judges documents its workers start now, beside what follows;
    `wait_for_workers` before anything listens.
    """
    settings = parts.settings
    async with open_validator(
        setup_of(settings),
        workers=workers_of(settings),
        limits=limits_of(settings),
        warm_kinds=_WARM_KINDS,
        at=parts.clock(),
        start=bool(roles & _JUDGING),
    ) as validator:
        yield validator


async def wait_for_workers(validator: PooledValidator) -> None:
    """Return when they can judge. Raises `WorkerStartError`, `PackError` for installed rules."""
    await validator.ready()
    if validator.pids:
        _LOG.info("validation_started", extra={"workers": len(validator.pids)})


def setup_of(settings: Settings) -> Setup:
    """Which rules judge, and how."""
    wanted = settings.validation
    return Setup(
        packs=packs_of(settings),
        policy=ubl.Policy(
            rules=ubl.CHOSEN, engine=wanted.engine, shadow_share=wanted.shadow_percent / _PERCENT
        ),
    )


def workers_of(settings: Settings) -> int:
    """One less than there are cores, at least one, unless the settings say a number."""
    return settings.validation.workers or max(1, (os.cpu_count() or 2) - 1)


def limits_of(settings: Settings) -> Limits:
    """What one document, and one worker, may take."""
    memory = settings.validation.memory_mb * _MEGABYTE
    return Limits(
        job_seconds=settings.validation.time_limit_seconds,
        recycle_bytes=memory,
        kill_bytes=_RUNAWAY * memory,
    )


def admission_policy(settings: Settings) -> AdmissionPolicy:
    """What is asked of a document that is to be sent."""
    wanted = settings.validation
    return AdmissionPolicy(
        sync_seconds=wanted.sync_validation_ms / 1000,
        accept_unknown=wanted.unknown_documents == "accept",
    )
