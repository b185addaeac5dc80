# SPDX-License-Identifier: Apache-2.0
"""The most memory that a process held while a block ran, all of it."""

from __future__ import annotations

from typing import Self

from benchmarks.reaching import PeakWatch
from gateway.sandbox.memory import resident_bytes


class Peak:
    """`bytes` after the block."""

    def __init__(self, pid: int) -> None:
        self._before = resident_bytes(pid)
        self._watch = PeakWatch({"it": pid})
        self.bytes = 0

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *failed: object) -> None:
        self._watch.__exit__(*failed)
        self.bytes = self._before + self._watch.growth["it"]
