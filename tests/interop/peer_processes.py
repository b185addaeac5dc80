# SPDX-License-Identifier: Apache-2.0
"""A peer's program, started once in its own environment and asked line by line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

from tests.interop.peer import PeerError
from tests.interop.peer_environments import PROGRAMS, clean, environment_of

_ANSWER_SECONDS = 45.0
_END_SECONDS = 10.0


class Program:
    """A running program of a peer; `ready` is what it said first."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ready = self._hear()

    async def ask(self, do: str, **order: object) -> dict[str, Any]:
        """Give an order and wait for its answer, while our own side goes on."""
        return await asyncio.to_thread(self._ask, {"do": do, **order})

    def _ask(self, order: dict[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # that it ended shows when we listen
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        patience = Timer(_ANSWER_SECONDS, self._process.kill)
        patience.start()
        line = self._process.stdout.readline()
        patience.cancel()
        if not line:
            raise PeerError(f"the peer ended with status {self._process.wait(_END_SECONDS)}")
        answer: dict[str, Any] = json.loads(line)
        if "broken" in answer:
            raise PeerError(answer["broken"])
        return answer


@contextmanager
def running(environment: str, program: str) -> Iterator[Program]:
    """The program, running in its environment while the block does."""
    python = environment_of(environment)
    with subprocess.Popen(
        [python, PROGRAMS / program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=clean(),
    ) as process:
        try:
            yield Program(process)
            assert process.stdin is not None
            process.stdin.close()  # it ends with its input
            process.wait(_END_SECONDS)
        finally:
            process.kill()
