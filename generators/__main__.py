# SPDX-License-Identifier: Apache-2.0
"""`python -m generators` writes the generated files; `--check` only tells which are out of date."""

from __future__ import annotations

import sys
from pathlib import Path

from generators.registry import out_of_date, write

_SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"


def main(arguments: list[str]) -> int:
    """Run the generators. Exit status 0: all is well, 1: `--check` found an old file, 2: usage."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m generators [--check]\n")
        return 2
    old = out_of_date(_SCHEMAS)
    if arguments:
        for path in old:
            sys.stderr.write(f"out of date: schemas/{path} (run `python -m generators`)\n")
        return 1 if old else 0
    for path in write(_SCHEMAS, old):
        sys.stdout.write(f"written: schemas/{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
