# SPDX-License-Identifier: Apache-2.0
"""Builds programs of the lab before tests need them: `python -m tests.interop.labs phase4 …`.

A first build downloads their libraries, which takes longer than a test may.
"""

from __future__ import annotations

import sys

from tests.interop.labs import LabMissingError, built

_PATIENCE_SECONDS = 900.0


def main() -> None:
    for name in sys.argv[1:]:
        try:
            sys.stdout.write(f"{name}: {built(name, seconds=_PATIENCE_SECONDS).jar}\n")
        except LabMissingError as missing:
            sys.stdout.write(f"{name} is left out: {missing}\n")


if __name__ == "__main__":
    main()
