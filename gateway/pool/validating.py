# SPDX-License-Identifier: Apache-2.0
"""Validation in a pool: what a worker is set up with, what it is asked, and its handler."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway import ubl
from gateway.pool.folders import Folder, schemas_folder
from gateway.pool.host import Limits
from gateway.pool.pool import METHOD, Pool
from gateway.pool.translations import Translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a worker needs to know: folders, policy, and the rule sets to compile before work."""

    schemas: Path = field(default_factory=schemas_folder)
    packs: Path | None = None
    policy: ubl.Policy = field(default_factory=ubl.Policy)
    warm: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationJob:
    """One document: its bytes, or a file that holds them; `at` is the moment of processing."""

    at: datetime
    data: bytes | None = None
    file: Path | None = None
    rule_set: str | None = None

    def read(self) -> bytes:
        """The bytes. Raises `OSError`."""
        if self.data is not None:
            return self.data
        assert self.file is not None
        return self.file.read_bytes()


def build_library(setup: Setup) -> ubl.RuleLibrary:
    """The rule sets of a setup. Raises `PackError` for a pack that cannot be used."""
    packs = Folder(setup.packs) if setup.packs is not None else None
    return ubl.RuleLibrary(bundled=Folder(setup.schemas), packs=packs, kept=Translations())


def build_validation(setup: Setup) -> ubl.Validation:
    """A validation of this process."""
    return ubl.Validation(build_library(setup), policy=setup.policy, clock=time.perf_counter)


def make_handler(setup: Setup) -> Callable[[ValidationJob], ubl.Report]:
    """What a worker runs: called once in it, then for each job."""
    validation = build_validation(setup)
    for alias in setup.warm:
        validation.warm(alias)

    def handle(job: ValidationJob) -> ubl.Report:
        return validation.validate(job.read(), at=job.at, rule_set=job.rule_set)

    return handle


class ValidationPool:
    """Judges documents in workers."""

    def __init__(
        self,
        setup: Setup,
        *,
        workers: int,
        limits: Limits | None = None,
        method: str = METHOD,
    ) -> None:
        self.pool = Pool(
            "gateway.pool.validating:make_handler",
            (setup,),
            workers=workers,
            limits=limits,
            method=method,
        )

    async def validate(self, job: ValidationJob) -> ubl.Report:
        """The report on a document.

        Raises `PoolError` where there is none to be had, and what `ubl.Validation` raises.
        """
        report: ubl.Report = await self.pool.run(job)
        return report
