# SPDX-License-Identifier: Apache-2.0
"""Validation beside saxonche with the official artefacts and, with a JDK at hand, warmed Java.

In one run and in turns: the whole chain (parse, schema, all rules) on the Peppol base example, on
invoices of 1,000 and 10,000 lines, and from the start of the command to its first verdict. CPU time
only. What to compare with stands in `../shared`; without it the figures that need it are left out.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import reporting, validation_java
from benchmarks.measuring import Step, in_blocks
from benchmarks.validation_documents import SHARED, base_example, with_lines
from benchmarks.validation_saxon import SCRIPT, official_chain
from gateway import pool, ubl

SECONDS = 12.0
STARTS = 5
LINES, MANY_LINES = 1_000, 10_000
_EXAMPLE_SET = "peppol-billing-2026.5"


def measure() -> dict[str, float]:
    chain = _ours()
    small = base_example()
    figures = _beside("validation", chain, small, seconds=SECONDS)
    figures |= _large(chain)
    figures |= _starts(small)
    figures |= _memory()
    figures |= validation_java.measure(figures["validation_ms"])
    return figures


def _ours() -> ubl.Validation:
    # Without the share of accepted documents that Saxon looks at again, which is a setting.
    chain = pool.build_validation(pool.Setup(policy=ubl.Policy(shadow_share=0.0)))
    chain.warm(_EXAMPLE_SET)
    gc.freeze()
    return chain


def _step(chain: ubl.Validation, data: bytes) -> Step:
    at = datetime.now(UTC)

    def step() -> None:
        with pool.uncollected():  # as workers do
            report = chain.validate(data, at=at)
        assert report.outcome is ubl.Outcome.VALID, report.findings

    return step


def _beside(name: str, chain: ubl.Validation, data: bytes, *, seconds: float) -> dict[str, float]:
    steps = {"ours": _step(chain, data)}
    if SHARED.exists():
        steps["saxonche"] = official_chain(data)
    taken = in_blocks(steps, seconds=seconds)
    figures = {f"{name}_ms": taken["ours"], f"{name}_a_second": 1000 / taken["ours"]}
    if "saxonche" in taken:
        figures |= {
            f"{name}_saxonche_ms": taken["saxonche"],
            f"{name}_saxonche_x": taken["saxonche"] / taken["ours"],
        }
    return figures


def _large(chain: ubl.Validation) -> dict[str, float]:
    figures = _beside("validation_1000", chain, with_lines(LINES), seconds=SECONDS)
    step, taken = _step(chain, with_lines(MANY_LINES)), []
    for _ in range(3):
        start = time.process_time()
        step()
        taken.append(time.process_time() - start)
    figures["validation_10000_ms"] = sorted(taken)[1] * 1000
    figures["validation_growth_x"] = figures["validation_10000_ms"] / figures["validation_1000_ms"]
    return {name: value for name, value in figures.items() if not name.endswith("_a_second")}


def _starts(data: bytes) -> dict[str, float]:
    """CPU from the start of the command to its verdict, in turns with a bare script."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "invoice.xml")
        document.write_bytes(data)
        commands = {"ours": [sys.executable, "-m", "gateway", "validate", str(document)]}
        if SHARED.exists():
            commands["saxonche"] = [sys.executable, "-c", SCRIPT, str(SHARED), str(document)]
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(STARTS):
            for name, command in commands.items():
                taken[name].append(_cpu(command))
    middle = {name: sorted(values)[STARTS // 2] * 1000 for name, values in taken.items()}
    figures = {"validation_start_ms": middle["ours"]}
    if "saxonche" in middle:
        figures["validation_start_saxonche_ms"] = middle["saxonche"]
    return figures


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _memory() -> dict[str, float]:
    """What a worker holds: with the fast engine alone, and once Saxon had to look as well."""
    script = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from gateway import pool, ubl; at = datetime.now(UTC)\n"
        "policy = ubl.Policy(shadow_share=float(sys.argv[1]))\n"
        "chain = pool.build_validation(pool.Setup(policy=policy))\n"
        "for file in sys.argv[2:]: chain.validate(Path(file).read_bytes(), at=at)\n"
        "pages = int(Path('/proc/self/statm').read_text().split()[1])\n"
        "import resource; print(pages * resource.getpagesize() / 1e6)\n"
    )
    examples = sorted(str(file) for file in Path("examples").glob("*invoice.xml"))
    if not Path("/proc/self/statm").exists():
        return {}
    held = {}
    for name, share in (("validation_worker_mb", "0"), ("validation_worker_saxon_mb", "1")):
        told = subprocess.run(
            [sys.executable, "-c", script, share, *examples],
            check=True,
            capture_output=True,
            text=True,
        )
        held[name] = float(told.stdout)
    return held


if __name__ == "__main__":
    reporting.run(__doc__, measure)
