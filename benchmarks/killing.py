# SPDX-License-Identifier: Apache-2.0
"""What both kill runs share: the killer, the outcome, and reading an inbox to its end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.site import Server
from gateway.net.rest_client import RESTClient

SHORTEST_LIFE, LONGEST_LIFE = 0.02, 1.5  # seconds from being up to being killed
PAGE = "200"
READY = "ready"
PATIENCE_SECONDS = 240.0  # longer than any lease
LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Toll:
    """How often to kill, and whom to tell."""

    times: int
    seed: int
    say: Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What was promised and what was found."""

    kills: int
    promised: int
    missing: list[str]
    doubled: list[str]
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.missing and not self.doubled

    def as_dict(self) -> dict[str, Any]:
        return {
            "kills": self.kills,
            "promised": self.promised,
            "missing": len(self.missing),
            "doubled": len(self.doubled),
            **self.notes,
        }


def judged(promised: set[str], found: Counter[str], *, kills: int) -> Outcome:
    """Compare what was promised with how often each thing was found."""
    return Outcome(
        kills=kills,
        promised=len(promised),
        missing=sorted(promised - found.keys()),
        doubled=sorted(name for name, times in found.items() if times > 1),
    )


async def killings(server: Server, toll: Toll) -> None:
    """Kill the server so many times, each time at a random moment of its life."""
    moments = random.Random(toll.seed)
    for number in range(1, toll.times + 1):
        await asyncio.sleep(moments.uniform(SHORTEST_LIFE, LONGEST_LIFE))
        await asyncio.to_thread(server.kill)
        server.start()
        await asyncio.to_thread(server.wait_until_up)
        if number % 10 == 0 or number == toll.times:
            toll.say(f"{server.program.name} was killed {number} times")


def inbox(client: RESTClient) -> Iterator[dict[str, Any]]:
    """Every item of an inbox."""
    return _all(client, "/v1/inbox", {})


def settled_states(
    client: RESTClient, direction: str, resting: Collection[str]
) -> Mapping[str, str]:
    """The state of each document, once all are settled or in one of these states.

    Gives up only when nothing moves any more: a backlog takes its time.
    """
    left, deadline = None, 0.0
    while True:
        documents = list(_all(client, "/v1/documents", {"direction": direction}))
        moving = sum(not one["settled"] and one["state"] not in resting for one in documents)
        if left is None or moving < left:
            left, deadline = moving, time.monotonic() + PATIENCE_SECONDS
        if not moving or time.monotonic() > deadline:
            return {document["id"]: document["state"] for document in documents}
        time.sleep(LOOK_AGAIN_SECONDS)


def _all(client: RESTClient, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        paged = {"limit": PAGE, **query} | ({"after": after} if after else {})
        page = client.get(path, paged).json()
        yield from page["data"]
        after = page.get("next_cursor")
