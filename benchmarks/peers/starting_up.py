# SPDX-License-Identifier: Apache-2.0
"""How long each receiver takes from its process to its open door, in turns."""

from __future__ import annotations

import time

from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import OXALIS, PHASE4, Ground
from benchmarks.peers.scale import Scale
from benchmarks.site import RECEIVER


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    server = ground.server(RECEIVER, "as4")
    for number in range(scale.starts):
        scale.say(f"startup: {number + 1} of {scale.starts}")
        started = time.perf_counter()
        server.start()
        server.wait_until_up()
        figures.add("startup", US, {"ms": (time.perf_counter() - started) * 1000})
        server.stop()
        for who in (PHASE4, OXALIS):
            started = time.perf_counter()
            with ground.receiver(who):
                figures.add("startup", who, {"ms": (time.perf_counter() - started) * 1000})
