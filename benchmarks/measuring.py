# SPDX-License-Identifier: Apache-2.0
"""Measures CPU time of steps, interleaved with one RSA-2048 private-key operation, which is R.

A ratio of medians that were taken in turns holds on a busy machine too, and on any other machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

WARM_UP_ROUNDS = 5
_SIGNED = b"x" * 1024

Step = Callable[[], object]


def private_operation() -> Step:
    """One RSA-2048 private-key operation."""
    key = rsa.generate_private_key(65537, 2048)
    pkcs1, sha256 = padding.PKCS1v15(), hashes.SHA256()
    return lambda: key.sign(_SIGNED, pkcs1, sha256)


def interleaved(steps: Mapping[str, Step], *, seconds: float) -> dict[str, float]:
    """Median CPU milliseconds of each step; every round runs each of them once."""
    samples: dict[str, list[int]] = {name: [] for name in steps}
    for _ in range(WARM_UP_ROUNDS):
        for step in steps.values():
            step()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for name, step in steps.items():
            start = time.thread_time_ns()
            step()
            samples[name].append(time.thread_time_ns() - start)
    return {name: statistics.median(taken) / 1e6 for name, taken in samples.items()}


def in_blocks(
    steps: Mapping[str, Step], *, seconds: float, block: float = 0.25
) -> dict[str, float]:
    """Median CPU milliseconds of each step at its own pace: blocks of one step, in turns.

    For rates: a step that alternates with a larger one finds the processor's caches cold.
    """
    samples: dict[str, list[float]] = {name: [] for name in steps}
    end = time.monotonic() + seconds
    while time.monotonic() < end or not all(samples.values()):
        for name, step in steps.items():
            step()
            start, count, ends = time.thread_time_ns(), 0, time.monotonic() + block
            while count == 0 or time.monotonic() < ends:
                step()
                count += 1
            samples[name].append((time.thread_time_ns() - start) / count)
    return {name: statistics.median(taken) / 1e6 for name, taken in samples.items()}


def one_r(*, seconds: float = 0.5) -> float:
    """R now, in milliseconds."""
    return interleaved({"r": private_operation()}, seconds=seconds)["r"]
