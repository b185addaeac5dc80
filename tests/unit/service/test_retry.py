# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.service.retry import next_attempt

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FAR = NOON + timedelta(days=30)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (6, 360), (7, 720), (8, 720), (50, 720)],
)
def test_the_schedule(attempts: int, minutes: int) -> None:
    moment = next_attempt(attempts=attempts, at=NOON, deadline=FAR, jitter=0)
    assert moment == NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(("jitter", "seconds"), [(-1, 48), (1, 72), (0.5, 66)])
def test_jitter_is_a_fifth_either_way(jitter: float, seconds: int) -> None:
    moment = next_attempt(attempts=1, at=NOON, deadline=FAR, jitter=jitter)
    assert moment == NOON + timedelta(seconds=seconds)


def test_the_peer_may_ask_for_more_time_never_for_less() -> None:
    longer = next_attempt(
        attempts=1, at=NOON, deadline=FAR, jitter=0, retry_after=timedelta(minutes=10)
    )
    shorter = next_attempt(
        attempts=1, at=NOON, deadline=FAR, jitter=0, retry_after=timedelta(seconds=1)
    )
    assert longer == NOON + timedelta(minutes=10)
    assert shorter == NOON + timedelta(minutes=1)


def test_the_deadline_ends_it() -> None:
    deadline = NOON + timedelta(minutes=5)
    assert next_attempt(attempts=2, at=NOON, deadline=deadline, jitter=0) == deadline
    assert next_attempt(attempts=2, at=NOON, deadline=deadline, jitter=0.01) is None
