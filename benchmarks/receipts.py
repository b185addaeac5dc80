# SPDX-License-Identifier: Apache-2.0
"""How many messages a second one process takes, from the HTTP request to its durable receipt.

`peppol-gateway serve` as it is, SQLite with fsync; 10 kB invoices, each another, made before; kept
connections; the load comes from this process. `receipts_N` is for N connections, `checked_N` with
the worker in the same process, which also reads every document; `…_cpu_ms` and `…_cpu_r` are the
server's CPU time for one message.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

from benchmarks import messages, reporting
from benchmarks.load import drive, post_message
from benchmarks.measuring import one_r
from benchmarks.reaching import cpu_seconds, settled_cpu
from benchmarks.site import RECEIVER, Server, Site, prepared_site

MOST = 32
MESSAGES = {1: 200, 8: 600, MOST: 1000}
WARM_UP = 50


class RefusedError(Exception):
    """The server did not give a receipt."""


class Receiving:
    """A receiving access point with the roles that are wanted, and messages for it."""

    def __init__(self, site: Site, *, roles: str) -> None:
        self._road = site.road()
        self._url = f"{site.network.url(f'{RECEIVER}-as4')}/as4"
        program = site.server(RECEIVER).program
        arguments = (*program.arguments[:-1], roles)
        port = site.network.ports[f"{RECEIVER}-as4"]
        self._server = Server(replace(program, arguments=arguments, port=port, ready_path=None))

    def run(self, connections: int, count: int, *, name: str) -> dict[str, float]:
        """The figures for so many connections, with a server of its own."""
        self._server.start()
        try:
            self._server.wait_until_up()
            self._send(self._prepared(WARM_UP), connections)
            ready = list(self._prepared(count))
            settled_cpu(self._server.pid)  # a worker first does what an earlier run left to it
            r = one_r()
            cpu = cpu_seconds(self._server.pid)
            seconds = self._send(iter(ready), connections)
            cpu = (settled_cpu(self._server.pid) - cpu) / count * 1000
        finally:
            self._server.stop()
        return {
            f"{name}_{connections}": round(count / seconds),
            f"{name}_{connections}_cpu_ms": round(cpu, 2),
            f"{name}_{connections}_cpu_r": round(cpu / r, 1),
        }

    def _prepared(self, count: int) -> Iterator[bytes]:
        for number in range(count):
            yield post_message(self._url, messages.request(self._road, f"2026-{number}"))

    def _send(self, requests: Iterator[bytes], connections: int) -> float:
        start = time.perf_counter()
        answers = asyncio.run(drive(self._url, requests, connections=connections))
        seconds = time.perf_counter() - start
        refused = [answer for answer in answers if answer.status != 200]
        if refused:
            raise RefusedError(refused[0].body.decode("utf-8", "replace"))
        return seconds


def measure(site: Site) -> dict[str, float]:
    figures: dict[str, float] = {}
    receiving = Receiving(site, roles="as4")
    for connections, count in MESSAGES.items():
        figures |= receiving.run(connections, count, name="receipts")
    checking = Receiving(site, roles="as4,worker")
    return figures | checking.run(MOST, MESSAGES[MOST], name="checked")


def main() -> None:
    with prepared_site() as site:
        reporting.run(__doc__, lambda: measure(site))


if __name__ == "__main__":
    main()
