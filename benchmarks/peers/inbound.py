# SPDX-License-Identifier: Apache-2.0
"""Messages in: one load, prepared before, on each receiver in turns.

Ours is started anew in each round, once as receiver alone and once with the worker that also reads
every document (`in_checked`); the others stay up and get warmer.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import messages
from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import Ground, Target, prepared, receivers, send
from benchmarks.peers.scale import Scale

CONNECTIONS = (1, 4, 16)
CHECKED = "in_checked"


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    road = ground.site.road()
    with receivers(ground) as others:
        for target in others:
            scale.say(f"in: warming {target.who}")
            send(target, prepared(road, scale.warm_up_java), connections=4)
        for number in range(scale.rounds):
            scale.say(f"in: round {number + 1} of {scale.rounds}")
            batches = {many: prepared(road, scale.messages) for many in CONNECTIONS}
            for stem, values in _ours(ground, scale, batches):
                figures.add(stem, US, values)
            for target in others:
                for stem, values in _each(target, batches):
                    figures.add(stem, target.who, values)


def _ours(
    ground: Ground, scale: Scale, batches: dict[int, list[messages.Request]]
) -> Iterator[tuple[str, dict[str, float]]]:
    road = ground.site.road()
    with ground.our_receiver() as target:
        send(target, prepared(road, scale.warm_up), connections=4)
        yield from _each(target, batches)
    with ground.our_receiver(roles="as4,worker") as target:
        send(target, prepared(road, scale.warm_up), connections=4)
        yield CHECKED, send(target, prepared(road, scale.messages), connections=4)


def _each(
    target: Target, batches: dict[int, list[messages.Request]]
) -> Iterator[tuple[str, dict[str, float]]]:
    for connections, batch in batches.items():
        values = send(target, batch, connections=connections)
        yield f"in_{connections}", values
        yield "in", {"cpu_ms": values["cpu_ms"], "per_second": values["per_second"]}
