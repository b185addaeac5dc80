# SPDX-License-Identifier: Apache-2.0
"""Kills the receiving process while messages arrive; a sender sends what got no receipt again."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from benchmarks import messages
from benchmarks.killing import READY, Outcome, Toll, inbox, judged, killings, settled_states
from benchmarks.load import Answer, BrokenOffError, Connection, post_message
from benchmarks.site import RECEIVER, Site
from gateway import as4, pki

CONNECTIONS = 8
INVOICE_BYTES = 6_000
PAUSE_SECONDS = 0.05
OK: Final = 200


class Senders:
    """Other access points' senders: each message is sent again, unchanged, until its receipt."""

    def __init__(self, site: Site) -> None:
        self._url = f"{site.network.url(f'{RECEIVER}-as4')}/as4"
        self._road = site.road()
        authorities = site.local_pki()
        self._trust = authorities.trust(pki.Role.AP)
        self._revocation = authorities.revocation(datetime.now(UTC))
        self._numbers = iter(range(1_000_000))
        self.receipted: set[str] = set()
        self.broken_off = 0
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Send over several connections until `stop`; then bring what is begun to its receipt."""
        await asyncio.gather(*(self._one() for _ in range(CONNECTIONS)))

    async def _one(self) -> None:
        connection = Connection(self._url)
        while not self.stop.is_set():
            number = f"2026-{next(self._numbers)}"
            message = messages.request(self._road, number, size=INVOICE_BYTES)
            await self._send(connection, message)
        connection.close()

    async def _send(self, connection: Connection, message: messages.Request) -> None:
        sending = post_message(self._url, message)
        while True:
            try:
                answer = await connection.send(sending)
            except BrokenOffError:
                self.broken_off += 1
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self._verify(answer, message)
            self.receipted.add(message.sent.message_id)
            return

    def _verify(self, answer: Answer, message: messages.Request) -> None:
        receipt = as4.read_reply(
            answer.status,
            answer.headers,
            answer.body,
            message.sent,
            trust=self._trust,
            revocation=self._revocation,
            at=datetime.now(UTC),
        )
        if answer.status != OK or not isinstance(receipt, as4.Receipt):
            raise AssertionError(f"no receipt, but {answer.status}: {receipt}")


def kill_receiver(site: Site, toll: Toll) -> Outcome:
    """Every message that got its receipt must be in the inbox, once."""
    return asyncio.run(_kill(site, toll))


async def _kill(site: Site, toll: Toll) -> Outcome:
    server = site.server(RECEIVER)
    server.start()
    await asyncio.to_thread(server.wait_until_up)
    senders = Senders(site)
    sending = asyncio.create_task(senders.run())
    killing = asyncio.create_task(killings(server, toll))
    await asyncio.wait((sending, killing), return_when=asyncio.FIRST_COMPLETED)
    senders.stop.set()
    await killing
    await sending
    with site.client(RECEIVER) as client:
        await asyncio.to_thread(settled_states, client, "inbound", {READY})
        found = Counter(item["as4_message_id"] for item in inbox(client))
    server.stop()
    outcome = judged(senders.receipted, found, kills=toll.times)
    outcome.notes = {"broken_off": senders.broken_off, "in_inbox": found.total()}
    return outcome
