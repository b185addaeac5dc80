# SPDX-License-Identifier: Apache-2.0
"""How much is measured: whole, or quickly to see that everything works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Counts of one run. Java gets warm over thousands of messages, ours over hundreds."""

    rounds: int
    say: Callable[[str], None]
    warm_up_java: int = 3000
    warm_up: int = 300
    messages: int = 300
    starts: int = 5
    large_bytes: int = 100_000_000
    large_seconds: float = 240.0
    participants: int = 1000
    answers: int = 3000


def quick(rounds: int, say: Callable[[str], None]) -> Scale:
    """Small counts: the figures mean nothing."""
    return Scale(
        rounds=rounds,
        say=say,
        warm_up_java=200,
        warm_up=50,
        messages=60,
        starts=1,
        large_bytes=5_000_000,
        large_seconds=60.0,
        participants=30,
        answers=200,
    )
