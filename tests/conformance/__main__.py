# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.conformance`: four runs over the corpus, and what each says otherwise.

Bundled rules and official packs, each on the fast engine and on Saxon, through the command
`peppol-gateway rules test`; then the corpus's own tool scores the same results. Needs the reference
data beside the checkout.

Exit status 0: no difference that is not on the list in `known.toml`. 1: some. 2: it could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.conformance import scoring
from tests.conformance.scoring import FATAL, INVALID, NO_VERDICT, SCHEMA, VALID, WARNING
from tests.official_packs import build_packs, manifest

RULES = Path(__file__).resolve().parents[3] / "shared" / "rules"
_WIDTH = 140  # columns of the table, where there is no terminal
RUNS = ("bundled fast", "bundled saxon", "official fast", "official saxon")


def main() -> int:
    arguments = _arguments()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    if not (RULES / "corpus").is_dir():
        console.print("the corpus is not here: ../shared/rules beside the checkout")
        return 2
    arguments.results.mkdir(parents=True, exist_ok=True)
    lines = manifest(RULES)
    table = Table("run", "cases", "of these schema-valid", "fatal", "warning", "no verdict")
    for name in ("fatal*", "warning*", "no verdict*", "schema", "not known", "seconds"):
        table.add_column(name)
    failed, told = 0, []
    with tempfile.TemporaryDirectory() as folder:
        packs = build_packs(RULES, Path(folder) / "packs")
        for run in arguments.runs:
            started = time.monotonic()
            asked = scoring.cases_for(lines, bundled=run.startswith("bundled"))
            results = arguments.results / f"{run.replace(' ', '-')}.jsonl"
            _judge(run, packs, results, jobs=arguments.jobs, asked=asked)
            found = scoring.score(asked, _read(results))
            wrong = scoring.unknown(run, found)
            failed += len(wrong)
            told += [f"{run}: {_told(one)}" for one in wrong]
            table.add_row(run, *_cells(found, len(wrong)), f"{time.monotonic() - started:.0f}")
            told.append(f"{run}: corpus_tool.py score says {_second_opinion(results, asked)}")
    console.print(table)
    console.print("differences by case; * on documents that their schema refuses")
    for text in told:
        console.print(text, highlight=False, markup=False, soft_wrap=True)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--jobs", type=int, default=2, help="worker processes")
    parser.add_argument("--results", type=Path, default=Path("build/conformance"))
    parser.add_argument("--run", dest="runs", action="append", choices=RUNS)
    arguments = parser.parse_args()
    arguments.runs = arguments.runs or RUNS
    return arguments


def _judge(run: str, packs: Path, results: Path, *, jobs: int, asked: Iterable[Any]) -> None:
    """The command as an operator gives it; what it could not judge is told by its own table."""
    rules, engine = run.split()
    chosen = sorted({line["ruleset"] for line in asked})
    command = [sys.executable, "-m", "gateway", "rules", "test", str(RULES / "corpus")]
    command += ["--rules", rules, "--engine", engine, "--packs", str(packs)]
    command += ["--results", str(results), "--jobs", str(jobs)]
    command += [word for alias in chosen for word in ("--rule-set", alias)]
    # A cache of its own: what is tried is the translator of this checkout.
    environment = {**os.environ, "XDG_CACHE_HOME": str(packs.parent / "cache")}
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, env=environment)
    if done.returncode:
        sys.stdout.write(done.stdout)
    if done.returncode not in {0, 2}:
        raise SystemExit(2)


def _read(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _cells(found: scoring.Score, wrong: int) -> list[str]:
    numbers = [found.cases.total(), found.cases[VALID]]
    for schema in (VALID, INVALID):
        numbers += [found.count(kind, schema) for kind in (FATAL, WARNING, NO_VERDICT)]
    return [str(number) for number in (*numbers, found.count(SCHEMA), wrong)]


def _told(one: scoring.Difference) -> str:
    return f"{one.case} ({one.schema}): {'; '.join(one.what)}"


def _second_opinion(results: Path, asked: Iterable[Any]) -> str:
    chosen = sorted({line["ruleset"] for line in asked} - {scoring.SCHEMA_ONLY})
    command = [sys.executable, str(RULES / "corpus_tool.py"), "score"]
    command += [str(RULES / "corpus" / "manifest.jsonl"), str(results)]
    command += [word for alias in chosen for word in ("--ruleset", alias)]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    return (said.stdout or said.stderr).strip().rpartition("\n")[2]


if __name__ == "__main__":
    sys.exit(main())
