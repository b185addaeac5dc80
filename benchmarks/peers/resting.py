# SPDX-License-Identifier: Apache-2.0
"""Memory of each receiver: after its start, after two messages, and the peak with 100 in flight.

Java's heap may grow to 1 GB; it takes of that what it likes.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import IN_FLIGHT, OXALIS, PHASE4, Ground, Target, prepared, send
from benchmarks.peers.peak import Peak
from benchmarks.peers.scale import Scale
from gateway.sandbox.memory import resident_bytes

MB = 1_000_000


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    receivers: dict[str, AbstractContextManager[Target]] = {
        US: ground.our_receiver(),
        **{who: ground.receiver(who) for who in (PHASE4, OXALIS)},
    }
    for who, receiver in receivers.items():
        scale.say(f"memory: {who}")
        with receiver as target:
            _one(ground, scale, target, figures)


def _one(ground: Ground, scale: Scale, target: Target, figures: Figures) -> None:
    road = ground.site.road()
    figures.add("rest", target.who, {"mb": resident_bytes(target.pid) / MB})
    send(target, prepared(road, 2), connections=1)
    figures.add("rest_used", target.who, {"mb": resident_bytes(target.pid) / MB})
    batch = prepared(road, max(scale.messages * 2, IN_FLIGHT))
    with Peak(target.pid) as peak:
        send(target, batch, connections=IN_FLIGHT)
    figures.add("in_flight", target.who, {"mb": peak.bytes / MB})
