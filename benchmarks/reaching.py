# SPDX-License-Identifier: Apache-2.0
"""Asks processes from outside: is the port open, how much memory and CPU has it used."""

from __future__ import annotations

import contextlib
import http.client
import math
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gateway.sandbox.memory import MemoryWatch
from gateway.sandbox.ports import HOST

ASK_SECONDS = 2.0
SETTLE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.1
RESTING = 0.02  # CPU seconds within that time, at most


def answers(port: int, ready_path: str | None) -> bool:
    """Whether the port accepts a connection and, if asked by path, says 200."""
    try:
        if ready_path is None:
            with socket.create_connection((HOST, port), timeout=ASK_SECONDS):
                return True
        connection = http.client.HTTPConnection(HOST, port, timeout=ASK_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", ready_path)
            return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, its children and theirs, those that ended included.

    From Linux's /proc; nan where that is not to be had. A child that ends meanwhile counts with
    its parent from then on.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return float("nan")
    used = (cpu_seconds(int(child)) for child in children)
    return total + sum(seconds for seconds in used if not math.isnan(seconds))


def settled_cpu(pid: int) -> float:
    """The same once the process has nothing left to do."""
    before, now = 0.0, cpu_seconds(pid)
    deadline = time.monotonic() + SETTLE_SECONDS
    while now > before + RESTING and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        before, now = now, cpu_seconds(pid)
    return now


class PeakWatch:
    """The most memory that some processes held while the block ran, beyond what they held before.

    Linux keeps the peak itself and lets it be set back; elsewhere the memory is sampled.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._sampled = MemoryWatch(pids)
        self.growth: dict[str, int] = {}

    def __enter__(self) -> Self:
        for pid in self._pids.values():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        self._sampled.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._sampled.__exit__()
        for name, pid in self._pids.items():
            most = max(self._sampled.most[name], _peak_bytes(pid))
            self.growth[name] = most - self._sampled.before[name]


def _peak_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
