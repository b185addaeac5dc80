# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.fuzz.rules`: changed documents through every engine, for as long as you like.

Mutants of valid documents are judged by the official rules and the bundled ones, each on Saxon and
on the fast engine, and by both schemas. What differs is made small, written to a folder and counted
at the end. The stream of documents depends on the seed alone. Without the reference data beside the
checkout, the shipped examples are changed, and bundled rules compared on both engines.

Exit status 0: no difference on documents that their schema takes. 1: some.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from random import Random

from rich.console import Console

from tests.fuzz import worker
from tests.fuzz.bases import RULES, bases
from tests.fuzz.finds import Ledger
from tests.official_packs import build_packs

PAIRS = ("engines-official", "engines-bundled", "rules", "schemas")
_A_TASK = 10  # mutants; a few seconds
_NEWS = 15.0  # seconds between lines where there is no terminal


def main() -> int:
    arguments = _arguments()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        packs = build_packs(RULES, Path(folder)) if RULES.is_dir() else None
        ledger = Ledger(arguments.finds)
        try:
            _run(arguments, packs, ledger, console)
        except KeyboardInterrupt:
            console.print("stopped")
    told = ledger.report()
    if ledger.finds:
        told += f"\n\nwritten to {arguments.finds}"
    sys.stdout.write(told + "\n")
    return 1 if ledger.found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz.rules", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--seconds", type=float, default=3600.0, help="an hour unless told")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes")
    parser.add_argument("--set", dest="only", action="append", default=[], metavar="ALIAS")
    parser.add_argument("--finds", type=Path, default=Path("build/fuzz-rules"))
    parser.add_argument("--pairs", nargs="+", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--wild", type=float, default=0.25, help="share that breaks the schema")
    return parser.parse_args()


def _tasks(arguments: argparse.Namespace) -> Iterator[worker.Task]:
    """Endless: rule set after rule set, so that those with few documents get their share."""
    rng = Random(f"fuzz-rules/{arguments.seed}")
    by_alias: dict[str, list] = {}
    for base in bases(arguments.only):
        by_alias.setdefault(base.alias, []).append(base)
    if not by_alias:
        raise SystemExit("no documents for these rule sets")
    number = 0
    while True:
        for alias in sorted(by_alias):
            base = rng.choice(by_alias[alias])
            number += 1
            yield worker.Task(
                base=base,
                seed=f"{arguments.seed}/{number}/{base.name}",
                count=_A_TASK,
                wild=rng.random() < arguments.wild,
            )


def _run(
    arguments: argparse.Namespace, packs: Path | None, ledger: Ledger, console: Console
) -> None:
    started = told = time.monotonic()
    pending: deque[tuple[worker.Task, Future[worker.Outcome]]] = deque()
    with ProcessPoolExecutor(
        arguments.jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=worker.start,
        initargs=(packs, arguments.pairs, arguments.only),
    ) as pool:
        try:
            for task in _tasks(arguments):
                pending.append((task, pool.submit(worker.run, task)))
                if len(pending) < 2 * arguments.jobs:
                    continue
                done, outcome = pending.popleft()
                ledger.add(done.base.alias, outcome.result())
                passed = time.monotonic() - started
                if console.is_terminal or passed - (told - started) > _NEWS:
                    told = time.monotonic()
                    end = "\r" if console.is_terminal else "\n"
                    console.print(
                        f"{passed:6.0f} s  {ledger.line()}",
                        end=end,
                        highlight=False,
                        soft_wrap=True,
                    )
                if passed > arguments.seconds:
                    break
            for done, outcome in pending:
                ledger.add(done.base.alias, outcome.result())
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


if __name__ == "__main__":
    sys.exit(main())
