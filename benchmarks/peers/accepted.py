# SPDX-License-Identifier: Apache-2.0
"""Our sender: documents are pushed to the REST interface, then a worker delivers them.

One after the other, so that what delivering costs is seen alone. The worker's log says how far it
is; its CPU is read at that moment, so neither start-up nor the first documents count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import messages
from benchmarks.load import drive, post
from benchmarks.memory import PIECE, push
from benchmarks.peers.ground import Ground, RefusedError, running
from benchmarks.peers.peak import Peak
from benchmarks.reaching import cpu_seconds, settled_cpu
from benchmarks.site import SENDER

CONNECTIONS = 4
ACCEPTED = 202
LOOK_AGAIN_SECONDS = 0.005
PATIENCE_SECONDS = 300.0
_STARTED = b'"event": "started"'
_TRIED = b'"event": "attempt_finished"'
_RECEIPTED = b'"step": "receipt_verified"'


class NotDeliveredError(Exception):
    """The worker did not deliver what it was given."""


class Queue:
    """The documents of our sending access point that wait for its worker."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._log = Log(ground.site.network.log_file(SENDER))

    def drained(self, skipped: int, count: int) -> dict[str, float]:
        """Push so many, deliver them all, and say what those after the first ones took."""
        self.push(skipped + count)
        server = self._ground.server(SENDER, "worker")
        self._log.skip()
        server.start()
        try:
            self._log.wait_for(_TRIED, skipped)
            cpu, started = cpu_seconds(server.pid), time.perf_counter()
            first = self._log.count(_TRIED)
            self._log.wait_for(_TRIED, skipped + count)
            seconds = time.perf_counter() - started
            cpu = settled_cpu(server.pid) - cpu
        finally:
            server.stop()
        if self._log.count(_RECEIPTED) != skipped + count:
            raise NotDeliveredError("not every document was delivered at the first try")
        counted = skipped + count - first
        return {"cpu_ms": cpu * 1000 / counted, "per_second": counted / seconds}

    def delivered_once(self, document: Path) -> dict[str, float]:
        """Push one large document, deliver it, and say what the worker needed for it."""
        with running(self._ground.server(SENDER, "api")), document.open("rb") as file:
            push(self._ground.site, iter(lambda: file.read(PIECE), b""))
        server = self._ground.server(SENDER, "worker")
        self._log.skip()
        server.start()
        try:
            self._log.wait_for(_STARTED, 1)
            cpu, started = cpu_seconds(server.pid), time.perf_counter()
            with Peak(server.pid) as peak:
                self._log.wait_for(_RECEIPTED, 1)
            seconds = time.perf_counter() - started
            cpu = settled_cpu(server.pid) - cpu
        finally:
            server.stop()
        return {"cpu_s": cpu, "seconds": seconds, "peak_mb": peak.bytes / 1_000_000}

    def push(self, count: int) -> None:
        """Have so many documents accepted; nobody delivers them yet."""
        with running(self._ground.server(SENDER, "api")):
            url = f"{self._ground.site.network.url(f'{SENDER}-api')}/v1/documents"
            answers = asyncio.run(drive(url, self._pushes(url, count), connections=CONNECTIONS))
        refused = [answer for answer in answers if answer.status != ACCEPTED]
        if refused:
            raise RefusedError(refused[0].body.decode("utf-8", "replace"))

    def _pushes(self, url: str, count: int) -> Iterator[bytes]:
        key = self._ground.site.network.api_key(SENDER)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/xml"}
        road = self._ground.site.road()
        for number in range(count):
            document = messages.invoice(road, f"{time.time_ns()}-{number}")
            yield post(url, headers, document)


class Log:
    """The end of a log file: how often an event was written since the last `skip`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place = 0
        self._seen = b""

    def skip(self) -> None:
        """Forget what is in it."""
        self._place = self._file.stat().st_size if self._file.exists() else 0
        self._seen = b""

    def count(self, event: bytes) -> int:
        """How often it is there now."""
        with self._file.open("rb") as log:
            log.seek(self._place)
            self._seen += (fresh := log.read())
            self._place += len(fresh)
        return self._seen.count(event)

    def wait_for(self, event: bytes, times: int) -> None:
        """Return when it is there so often. Raises `NotDeliveredError` when that takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.count(event) < times:
            if time.monotonic() > deadline:
                raise NotDeliveredError(
                    f"{self._file.name}: {self.count(event)} of {times} are done"
                )
            time.sleep(LOOK_AGAIN_SECONDS)
