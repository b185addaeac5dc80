# SPDX-License-Identifier: Apache-2.0
"""When a delivery is tried again: arithmetic without clock, state or I/O."""

from __future__ import annotations

from datetime import datetime, timedelta

JITTER = 0.2  # a fifth either way, so that a host that comes back is not met by everybody at once

_SCHEDULE = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 12 * 60)
)


def next_attempt(
    *,
    attempts: int,
    at: datetime,
    deadline: datetime,
    jitter: float,
    retry_after: timedelta | None = None,
) -> datetime | None:
    """The moment of the next try after `attempts` tries, or None when none is left.

    `jitter` is a random number from -1 to 1 that the caller drew; `retry_after` is what the peer
    asked for and lengthens the wait, never shortens it. The last try is at the deadline at the
    latest; behind the deadline there is none.
    """
    wait = _SCHEDULE[min(max(attempts, 1), len(_SCHEDULE)) - 1] * (1 + JITTER * jitter)
    if retry_after is not None:
        wait = max(wait, retry_after)
    moment = at + wait
    return moment if moment <= deadline else None
