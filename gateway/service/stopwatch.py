# SPDX-License-Identifier: Apache-2.0
"""Milliseconds of the steps of a story, for the log; never decides anything."""

from __future__ import annotations

from time import perf_counter


class Stopwatch:
    """Runs from its making; `lap` notes the time since the lap before."""

    def __init__(self) -> None:
        self._last = perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the milliseconds of a step under this name."""
        now = perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 3)
        self._last = now
