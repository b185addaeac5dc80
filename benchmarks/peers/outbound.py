# SPDX-License-Identifier: Apache-2.0
"""Messages out: senders in turns to one receiver, ours, which needs the least and so slows nobody.

The others send one invoice again and again to a given endpoint and keep nothing of it. Ours is the
product: a worker drains documents that were accepted before; it looks up, stores message, try and
receipt durably, and steps the state, with at most four at once to one host. `out_engine` is
composing and reading the receipt alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime

from benchmarks import messages
from benchmarks.load import Connection, post_message
from benchmarks.peers.accepted import Queue
from benchmarks.peers.benching import benching
from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import OXALIS, PHASE4, Ground, Target, require_receipt
from benchmarks.peers.scale import Scale
from gateway import as4, pki, sbdh

SKIPPED = 100  # documents that warm ours, in each round
NEW_CONNECTIONS = "phase4_new_connections"


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    invoice = ground.folder / "invoice.xml"
    invoice.write_bytes(messages.invoice(ground.site.road(), "2026-1"))
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(ground.our_receiver())
        benches = []
        for who, named, options in (
            (PHASE4, PHASE4, ()),
            (PHASE4, NEW_CONNECTIONS, ("--new-connections",)),
            (OXALIS, OXALIS, ()),
        ):
            scale.say(f"out: warming {named}")
            counts = (scale.warm_up_java, scale.messages)
            sender = benching(
                ground, who, target, named=named, invoice=invoice, counts=counts, options=options
            )
            benches.append(stack.enter_context(sender))
            benches[-1].warm_up()
        for number in range(scale.rounds):
            scale.say(f"out: round {number + 1} of {scale.rounds}")
            figures.add("out", US, Queue(ground).drained(SKIPPED, scale.messages))
            engine = asyncio.run(_engine(ground, target, scale.messages))
            figures.add("out_engine", US, {"cpu_ms": engine})
            for bench in benches:
                figures.add("out", bench.who, bench.turn())


async def _engine(ground: Ground, target: Target, count: int) -> float:
    """CPU milliseconds of composing a message and of reading its receipt; nothing else."""
    road, at = ground.site.road(), datetime.now(UTC)
    authorities = ground.site.local_pki()
    trust, revocation = authorities.trust(pki.Role.AP), authorities.revocation(at)
    document = messages.invoice(road, "2026-1")
    connection = Connection(target.url)
    used = 0
    for _ in range(count):
        started = time.thread_time_ns()
        pieces = sbdh.wrap(messages.envelope(road, at), (document,))
        request = messages.compose(road, pieces, at)
        used += time.thread_time_ns() - started
        answer = await connection.send(post_message(target.url, request))
        require_receipt(target, answer)
        started = time.thread_time_ns()
        as4.read_reply(
            answer.status,
            answer.headers,
            answer.body,
            request.sent,
            trust=trust,
            revocation=revocation,
            at=at,
        )
        used += time.thread_time_ns() - started
    connection.close()
    return used / count / 1e6
