# SPDX-License-Identifier: Apache-2.0
"""Runs every benchmark and prints each figure beside the one that the README gives.

`make bench` is this. Figures differ from machine to machine; those in R hardly do.
"""

from __future__ import annotations

import argparse
import json
import time

from rich.console import Console
from rich.table import Table

from benchmarks import as4, memory, readme, receipts, validation
from benchmarks.site import prepared_site


def main() -> None:
    arguments = argparse.ArgumentParser(description="All benchmarks, beside the README's figures.")
    arguments.add_argument("--json", action="store_true", help="print the JSON object alone")
    options = arguments.parse_args()
    started = time.monotonic()
    figures = as4.measure()
    figures |= validation.measure()
    with prepared_site() as site:
        figures |= receipts.measure(site)
        figures |= memory.measure(site)
    if not options.json:
        _show(figures, time.monotonic() - started)
    print(json.dumps(figures))


def _show(figures: dict[str, float], seconds: float) -> None:
    table = Table(title=f"Measured in {seconds:.0f} s", title_justify="left")
    table.add_column("figure")
    table.add_column("now", justify="right")
    table.add_column("README", justify="right")
    table.add_column("what", overflow="fold")
    known = readme.figures()
    for name, value in figures.items():
        row = known.get(name)
        table.add_row(name, f"{value:g}", row.value if row else "", row.what if row else "")
    Console().print(table)


if __name__ == "__main__":
    main()
