# SPDX-License-Identifier: Apache-2.0
"""Milliseconds of the steps of a story, for the log; never decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter


class Stopwatch:
    """Runs from its making; `lap` notes the time since the lap before."""

    def __init__(self) -> None:
        self._last = perf_counter()
        self._aside = 0.0
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the milliseconds of a step under this name."""
        now = perf_counter()
        self.laps[name] = round((now - self._last - self._aside) * 1000, 3)
        self._last, self._aside = now, 0.0

    def timed(self, name: str, make: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        """Pass chunks through; the time that making them took counts here, not in the next lap."""
        started = perf_counter()
        chunks = make()
        spent = perf_counter() - started
        while True:
            started = perf_counter()
            chunk = next(chunks, None)
            spent += perf_counter() - started
            if chunk is None:
                break
            yield chunk
        self.laps[name] = round(spent * 1000, 3)
        self._aside += spent
