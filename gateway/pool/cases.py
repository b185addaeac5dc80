# SPDX-License-Identifier: Apache-2.0
"""Cases of a corpus in a pool: every layer runs, whatever the schema says, and counts come back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway import ubl
from gateway.pool.validating import Setup, build_validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of a manifest."""

    file: Path
    case: str
    rule_set: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What one case gave. `line` is what a results file holds, `engines` who judged its layers."""

    line: dict[str, Any]
    engines: tuple[tuple[str, str], ...]
    milliseconds: float


def make_case_handler(setup: Setup) -> Callable[[Case], CaseResult]:
    """What a worker runs: called once in it, then for each case."""
    validation = build_validation(setup)

    def handle(case: Case) -> CaseResult:
        found = validation.examine(case.file.read_bytes(), at=case.at, rule_set=case.rule_set)
        return CaseResult(
            line=_line(case.case, found),
            engines=tuple((one.name, one.engine) for one in found.report.layers),
            milliseconds=found.report.milliseconds,
        )

    return handle


def _line(case: str, found: ubl.Examination) -> dict[str, Any]:
    """`error` and `differences` are there only if there are some."""
    counts: Counter[tuple[str, str]] = Counter()
    errors = {}
    for name, verdict in found.verdicts.items():
        counts.update(verdict.counts())
        if verdict.error is not None:
            errors[name] = verdict.error
    line: dict[str, Any] = {
        "case": case,
        "xsd_valid": found.schema_valid,
        "failed": [[rule, flag, number] for (rule, flag), number in sorted(counts.items())],
    }
    if errors:
        line["error"] = errors
    if found.report.differences:
        line["differences"] = [
            {
                f"only_{one.first}": [list(pair) for pair in one.only_first],
                f"only_{one.second}": [list(pair) for pair in one.only_second],
                f"error_{one.first}": one.first_error,
                f"error_{one.second}": one.second_error,
            }
            for one in found.report.differences
        ]
    return line
