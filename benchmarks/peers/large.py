# SPDX-License-Identifier: Apache-2.0
"""One message of 100 MB, in and out: CPU, time and the most memory of the process.

Java's heap may grow to 6 GB, on the newest JDK. On an older one phase4 as receiver is not waited
for longer than some minutes: its figures are then what it had used until then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from benchmarks import memory, messages
from benchmarks.load import BrokenOffError, drive, post_message
from benchmarks.peers.accepted import Queue
from benchmarks.peers.benching import delivering
from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import (
    OXALIS,
    PHASE4,
    Ground,
    RefusedError,
    Target,
    prepared,
    require_receipt,
    send,
)
from benchmarks.peers.peak import Peak
from benchmarks.peers.scale import Scale
from benchmarks.reaching import cpu_seconds, settled_cpu
from gateway import sbdh
from tests.interop.labs import JDK, newest_jdk, run_lines

MB = 1_000_000
HEAP = "6g"
MIB = 1024 * 1024


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    newest = newest_jdk()
    for who, receiver in _receivers(ground, newest):
        scale.say(f"large: in, {who}")
        with receiver as target:
            send(target, prepared(ground.site.road(), 2), connections=1)
            figures.add("large_in", who, _in(ground, scale, target))
    memory.allow(ground.site, max(2 * scale.large_bytes, memory.LIMIT_BYTES))
    document = ground.folder / "large.xml"
    with document.open("wb") as file:
        file.writelines(memory.document(ground.site.road(), "large", size=scale.large_bytes))
    with ground.our_receiver() as target:
        scale.say(f"large: out, {US}")
        figures.add("large_out", US, Queue(ground).delivered_once(document))
        for who in (PHASE4, OXALIS):
            scale.say(f"large: out, {who}")
            options = ("--threads", 1, "--count", 1, "--timeout", 600, document)
            arguments = (*delivering(ground, target), *options)
            (line,) = run_lines(
                ground.labs[who], "bench", *arguments, memory=HEAP, jdk=newest, seconds=600
            )
            if line["failed"]:
                scale.say(f"large: out, {who}: not delivered")
                continue
            values = {
                "cpu_s": line["cpu_ms_per_message"] / 1000,
                "seconds": line["seconds"],
                "peak_mb": line["rss_peak_mib"] * MIB / MB,
            }
            figures.add("large_out", who, values)


def _receivers(
    ground: Ground, newest: JDK | None
) -> Iterator[tuple[str, AbstractContextManager[Target]]]:
    yield US, ground.our_receiver()
    for who in (PHASE4, OXALIS):
        yield who, ground.receiver(who, memory=HEAP, jdk=newest)
    usual = ground.labs[PHASE4].jdk
    if newest is not None and usual.version < newest.version:
        named = f"{PHASE4}_jdk{usual.version}"
        yield named, ground.receiver(PHASE4, memory=HEAP, jdk=usual)


def _in(ground: Ground, scale: Scale, target: Target) -> dict[str, float]:
    road, at = ground.site.road(), datetime.now(UTC)
    document = memory.document(road, f"large-{target.pid}", size=scale.large_bytes)
    request = messages.compose(road, sbdh.wrap(messages.envelope(road, at), document), at)
    ready = post_message(target.url, request)
    before = settled_cpu(target.pid)
    started = time.perf_counter()
    with Peak(target.pid) as peak:
        try:
            (answer,) = asyncio.run(
                drive(target.url, iter([ready]), connections=1, patience=scale.large_seconds)
            )
            require_receipt(target, answer)
        except BrokenOffError as error:
            if time.perf_counter() - started < scale.large_seconds:
                raise RefusedError(f"{target.who} went away") from error
            scale.say(f"large: in, {target.who} had no answer in {scale.large_seconds:.0f} s")
    seconds = time.perf_counter() - started
    cpu = cpu_seconds(target.pid) - before
    return {"cpu_s": cpu, "seconds": seconds, "peak_mb": peak.bytes / MB}
