# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules test`: run rule sets over a folder of cases and write what each gave.

The folder has a `manifest.jsonl`; of each line `file`, `case` and `ruleset` are read. An operator
checks a new pack against an own archive with it, and the product its own rules against others.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway import ubl
from gateway.cli import stop
from gateway.cli.rule_options import engine_option, packs_in_use, rule_options
from gateway.errors import GatewayError
from gateway.pool import Case, CaseResult, Pool, PoolError, Setup, build_library

MANIFEST = "manifest.jsonl"
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("test")
@click.argument("folder", type=_FOLDER)
@rule_options
@engine_option(ubl.FAST)
@click.option("--results", type=click.Path(dir_okay=False, path_type=Path), help="JSON lines.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, help="Worker processes.")
@click.option("--rule-set", "only", multiple=True, metavar="ALIAS", help="Only these.")
def test(
    *,
    folder: Path,
    rules: str,
    packs: Path | None,
    moment: datetime,
    engine: str,
    results: Path | None,
    jobs: int,
    only: Sequence[str],
) -> None:
    """Judge every case that FOLDER/manifest.jsonl names, by the rule set it names.

    All layers run, also on documents that their schema refuses. Exit status 0: every case was
    judged. 2: the rule set of some is not here, or a worker broke over one.
    """
    policy = ubl.Policy(
        rules=rules, engine=engine, second_judge=False, shadow_share=0.0, all_layers=True
    )
    setup = Setup(packs=packs_in_use(packs), policy=policy)
    tally = Tally()
    cases = list(_known(_cases(folder, moment, only), build_library(setup), rules, tally))
    lines = asyncio.run(_run(cases, setup, jobs=jobs, tally=tally))
    if results is not None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        results.write_text(text, encoding="utf-8")
    _show(tally, Console())
    if tally.unknown or tally.broken:
        stop(2)


@dataclass(slots=True)
class Tally:
    """What is counted on the way, by rule set."""

    cases: Counter[str] = field(default_factory=Counter)
    refused_by_schema: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    milliseconds: Counter[str] = field(default_factory=Counter)
    engines: dict[str, set[str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, rule_set: str, result: CaseResult) -> None:
        """Count one case."""
        line = result.line
        self.cases[rule_set] += 1
        self.refused_by_schema[rule_set] += line["xsd_valid"] is False
        self.failed[rule_set] += bool(line["failed"])
        self.errors[rule_set] += "error" in line
        self.differences[rule_set] += "differences" in line
        self.milliseconds[rule_set] += round(result.milliseconds)
        engines = self.engines.setdefault(rule_set, set())
        engines.update(f"{name}: {engine}" for name, engine in result.engines if name != "xsd")


def _cases(folder: Path, at: datetime, only: Sequence[str]) -> Iterator[Case]:
    with (folder / MANIFEST).open(encoding="utf-8") as manifest:
        for number, line in enumerate(manifest, start=1):
            if not line.strip():
                continue
            try:
                read = json.loads(line)
                case = Case(
                    file=folder / read["file"], case=read["case"], rule_set=read["ruleset"], at=at
                )
            except (ValueError, KeyError, TypeError) as error:
                raise click.ClickException(f"{MANIFEST}, line {number}: {error!r}") from error
            if not only or case.rule_set in only:
                yield case


def _known(
    cases: Iterator[Case], library: ubl.RuleLibrary, rules: str, tally: Tally
) -> Iterator[Case]:
    """The cases whose rule set can be run here; the others are counted."""
    answers: dict[str, bool] = {}
    for case in cases:
        if case.rule_set not in answers:
            answers[case.rule_set] = _can_run(library, case.rule_set, rules)
        if answers[case.rule_set]:
            yield case
        else:
            tally.unknown[case.rule_set] += 1


def _can_run(library: ubl.RuleLibrary, name: str, rules: str) -> bool:
    try:
        return library.can_run(library.catalogue.named(name), rules)
    except ubl.UnknownRuleSetError:
        return False


async def _run(
    cases: Sequence[Case], setup: Setup, *, jobs: int, tally: Tally
) -> list[dict[str, Any]]:
    """All cases through the workers; the lines in the order of the manifest."""
    lines: list[dict[str, Any] | None] = [None] * len(cases)
    waiting = iter(enumerate(cases))
    handler = "gateway.pool.cases:make_case_handler"
    async with Pool(handler, (setup,), workers=jobs, method="spawn") as pool:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Judging", total=len(cases))

            async def work() -> None:
                for number, case in waiting:
                    lines[number] = await _judge(pool, case, tally)
                    bar.advance(task)

            await asyncio.gather(*(work() for _ in range(jobs)))
    return [line for line in lines if line is not None]


async def _judge(pool: Pool, case: Case, tally: Tally) -> dict[str, Any]:
    try:
        result: CaseResult = await pool.run(case)
    except PoolError as error:
        tally.broken.append(f"{case.case}: {error.detail}")
        return {"case": case.case, "xsd_valid": None, "failed": [], "error": {"*": error.detail}}
    except GatewayError as error:
        raise click.ClickException(f"{case.rule_set}: {error.detail}") from error
    tally.add(case.rule_set, result)
    return result.line


def _show(tally: Tally, console: Console) -> None:
    table = Table("rule set", "cases", "schema refuses", "rules fail", "errors", "ms", "engines")
    if tally.differences.total():
        table.add_column("bundled ≠ official")
    for name in sorted(tally.cases):
        counts = (tally.cases, tally.refused_by_schema, tally.failed, tally.errors)
        cells = [str(counter[name]) for counter in (*counts, tally.milliseconds)]
        more = [str(tally.differences[name])] if tally.differences.total() else []
        table.add_row(name, *cells, ", ".join(sorted(tally.engines[name])), *more)
    console.print(table)
    for name, number in sorted(tally.unknown.items()):
        console.print(f"not here: {name}, {number} cases", style="yellow")
    for line in tally.broken:
        console.print(f"broken: {line}", style="red")
