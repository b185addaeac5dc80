# SPDX-License-Identifier: Apache-2.0
"""Kills the sending process while documents are pushed; a caller without an answer asks again."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Final

from benchmarks import messages
from benchmarks.killing import READY, Outcome, Toll, inbox, judged, killings, settled_states
from benchmarks.load import Answer, BrokenOffError, Connection, post
from benchmarks.site import RECEIVER, SENDER, Site

CONNECTIONS = 4
INVOICE_BYTES = 6_000
PAUSE_SECONDS = 0.05
PREFIX = "pushed-"
ACCEPTED: Final = 202
TRANSMITTED: Final = "transmitted"


class Callers:
    """Accounting packages: each pushes invoices, one after the other, each until it has its 202."""

    def __init__(self, site: Site) -> None:
        self._url = f"{site.network.url(f'{SENDER}-api')}/v1/documents"
        self._key = site.network.api_key(SENDER)
        self._road = site.road()
        self._numbers = iter(range(1_000_000))
        self.accepted: dict[str, str] = {}
        self.broken_off = 0
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Push over several connections until `stop`."""
        await asyncio.gather(*(self._one() for _ in range(CONNECTIONS)))

    async def _one(self) -> None:
        connection = Connection(self._url)
        while not self.stop.is_set():
            number = f"{PREFIX}{next(self._numbers)}"
            await self._push(connection, number)
        connection.close()

    async def _push(self, connection: Connection, number: str) -> None:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/xml",
            "Idempotency-Key": number,
        }
        document = messages.invoice(self._road, number, size=INVOICE_BYTES)
        pushing = post(self._url, headers, document)
        while True:
            try:
                answer = await connection.send(pushing)
            except BrokenOffError:
                self.broken_off += 1
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self.accepted[_accepted(answer)] = number
            return


def kill_sender(site: Site, toll: Toll) -> Outcome:
    """Every document that was answered 202 must be transmitted, and arrive once."""
    return asyncio.run(_kill(site, toll))


async def _kill(site: Site, toll: Toll) -> Outcome:
    for name in (RECEIVER, SENDER):
        site.server(name).start()
    for name in (RECEIVER, SENDER):
        await asyncio.to_thread(site.server(name).wait_until_up)
    callers = Callers(site)
    pushing = asyncio.create_task(callers.run())
    killing = asyncio.create_task(killings(site.server(SENDER), toll))
    await asyncio.wait((pushing, killing), return_when=asyncio.FIRST_COMPLETED)
    callers.stop.set()
    await killing
    await pushing
    with site.client(SENDER) as here, site.client(RECEIVER) as there:
        states = await asyncio.to_thread(settled_states, here, "outbound", {TRANSMITTED})
        await asyncio.to_thread(settled_states, there, "inbound", {READY})
        numbers = [item["summary"]["number"] for item in inbox(there)]
    for name in (SENDER, RECEIVER):
        site.server(name).stop()
    arrived = Counter(number for number in numbers if number.startswith(PREFIX))
    outcome = judged(set(callers.accepted.values()), arrived, kills=toll.times)
    outcome.missing += [
        f"{number} is {states.get(document)}"
        for document, number in callers.accepted.items()
        if states.get(document) != TRANSMITTED
    ]
    outcome.notes = {"broken_off": callers.broken_off, "in_inbox": arrived.total()}
    return outcome


def _accepted(answer: Answer) -> str:
    if answer.status != ACCEPTED:
        raise AssertionError(f"not accepted, but {answer.status}: {answer.body!r}")
    return str(json.loads(answer.body)["id"])
