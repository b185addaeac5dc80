# SPDX-License-Identifier: Apache-2.0
"""The worker of a gateway in service: judges documents, and lists its rule sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway import ubl
from gateway.pool.validating import Setup, build_library

FACTORY = "gateway.pool.judging:make_handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """One document to judge: its bytes, or a file that holds them."""

    at: datetime
    data: bytes = b""
    file: Path | None = None
    rule_set: str | None = None
    svrl: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The report, and the same as SVRL if that was wanted and the document is XML."""

    report: ubl.Report
    svrl: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The question which rule sets there are."""

    at: datetime


Answer = Judged | tuple[ubl.RuleSetEntry, ...]


def make_handler(
    setup: Setup, warm_kinds: Sequence[str], at: datetime
) -> Callable[[Judging | Listing], Answer]:
    """What a worker runs; the rules in force for these kinds of document are compiled first."""
    library = build_library(setup)
    validation = ubl.Validation(library, policy=setup.policy, clock=time.perf_counter)
    for alias in sorted(ubl.in_force(library, at=at)):
        if library.catalogue.rule_sets[alias].kind in warm_kinds:
            validation.warm(alias)

    def handle(job: Judging | Listing) -> Answer:
        if isinstance(job, Listing):
            return ubl.list_rule_sets(library, at=job.at)
        data = job.data if job.file is None else job.file.read_bytes()
        found = validation.examine(data, at=job.at, rule_set=job.rule_set)
        return Judged(report=found.report, svrl=ubl.report_as_svrl(found) if job.svrl else None)

    return handle
