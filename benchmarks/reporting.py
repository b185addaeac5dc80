# SPDX-License-Identifier: Apache-2.0
"""How a benchmark speaks: `name value` lines for people, one JSON object as the last line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping

Figures = Mapping[str, float]


def run(description: str | None, measure: Callable[[], Figures]) -> None:
    """Measure and print; with `--json` the object alone."""
    arguments = argparse.ArgumentParser(description=(description or "").split("\n", 1)[0])
    arguments.add_argument("--json", action="store_true", help="print the JSON object alone")
    options = arguments.parse_args()
    figures = measure()
    if not options.json:
        for name, value in figures.items():
            print(f"{name:<28} {value:g}")
    print(json.dumps(dict(figures)))
