# SPDX-License-Identifier: Apache-2.0
"""A load maker of the lab that is held between its measurements, so that senders take turns.

Its `bench` measures without end. Each measurement is made twice: the first takes in the pause
before it and is thrown away; after the second the process is stopped (SIGSTOP) until its next turn.
"""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks import messages
from benchmarks.peers.ground import Ground, RefusedError, Target
from benchmarks.site import RECEIVER, SENDER
from tests.interop.labs import command_line

ENDLESS = 1000  # rounds


class Bench:
    """One sender; between its turns it stands still."""

    def __init__(self, who: str, process: subprocess.Popen[str]) -> None:
        self.who = who
        self._process = process

    def warm_up(self) -> None:
        """Read over the warm-up, then stand still."""
        self._line()
        self._process.send_signal(signal.SIGSTOP)

    def turn(self) -> dict[str, float]:
        """One measurement. Raises `RefusedError` when a message had no good receipt."""
        self._process.send_signal(signal.SIGCONT)
        self._line()
        measured = self._line()
        self._process.send_signal(signal.SIGSTOP)
        if measured["failed"]:
            raise RefusedError(f"{self.who}: {measured['failed']} messages were not delivered")
        return {
            "cpu_ms": measured["cpu_ms_per_message"],
            "per_second": measured["per_second"],
            "p50_ms": measured["p50_ms"],
            "p99_ms": measured["p99_ms"],
        }

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RefusedError(f"{self.who} ended with status {self._process.wait()}")
        measured: dict[str, Any] = json.loads(line)
        return measured


@contextmanager
def benching(
    ground: Ground,
    who: str,
    target: Target,
    *,
    named: str,
    invoice: object,
    counts: tuple[int, int],
    options: Sequence[str] = (),
) -> Iterator[Bench]:
    """A sender of the lab, not yet warm; `counts` are those of the warm-up and of a turn."""
    warm_up, count = counts
    arguments = (
        *("--threads", "4,4", "--rounds", ENDLESS),
        *("--warmup", warm_up, "--count", count),
        *delivering(ground, target),
        *options,
        invoice,
    )
    line = command_line(
        ground.labs[who],
        "bench",
        arguments,
        memory="2g",
        jdk=ground.jdk,
        java_options=ground.java_options,
    )
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, encoding="utf-8")
        try:
            yield Bench(named, process)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def delivering(ground: Ground, target: Target) -> tuple[object, ...]:
    """The options of a sender of the lab that acts as our sender does."""
    road = ground.site.road()
    return (
        *ground.keys(SENDER),
        *("--url", target.url),
        *("--receiver-cert", ground.site.network.certificate_file(RECEIVER)),
        *("--sender-id", road.sender.value, "--receiver-id", road.receiver.value),
        *("--doctype", messages.SI_UBL.value, "--process", messages.BILLING.value),
    )
