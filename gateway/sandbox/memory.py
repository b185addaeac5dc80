# SPDX-License-Identifier: Apache-2.0
"""How much memory other processes hold, and how much more at the most while something runs."""

from __future__ import annotations

import resource
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

SAMPLE_SECONDS = 0.02
PAGE_BYTES = resource.getpagesize()


def resident_bytes(pid: int) -> int:
    """The resident memory of a process; 0 when it cannot be told."""
    statm = Path(f"/proc/{pid}/statm")
    try:
        return int(statm.read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return _asked_ps(pid)


def _asked_ps(pid: int) -> int:
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program and a number
            ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
        )
        return int(answer.stdout) * 1024
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


class MemoryWatch:
    """Samples some processes while its block runs; then `growth` has the most of each, in bytes."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="memory", daemon=True)
        self.before: dict[str, int] = {}
        self.most: dict[str, int] = {}

    @property
    def growth(self) -> dict[str, int]:
        """What each held at the most beyond what it held before."""
        return {name: self.most[name] - self.before[name] for name in self._pids}

    def __enter__(self) -> Self:
        self.before = {name: resident_bytes(pid) for name, pid in self._pids.items()}
        self.most = dict(self.before)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            for name, pid in self._pids.items():
                self.most[name] = max(self.most[name], resident_bytes(pid))
