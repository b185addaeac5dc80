# SPDX-License-Identifier: Apache-2.0
"""Wakes those who wait for something to be committed: job loops, readers of one document.

A notice says only "look again". It may come too often and, across processes, be lost; whoever
waits also has a timer.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

JOBS = "jobs"
PARTICIPANTS = "participants"
STANDING = frozenset({JOBS, PARTICIPANTS})  # topics that somebody always waits for


class Waiter:
    """One coroutine's place in the line; made before it looks, so that nothing is missed."""

    __slots__ = ("event", "loop")

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.event = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for the notice; False when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                return await self.event.wait()
        return False


class Notices:
    """Topics and who waits for them; may be announced from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: defaultdict[str, set[Waiter]] = defaultdict(set)
        self._versions: dict[str, int] = dict.fromkeys(STANDING, 0)

    def version(self, topic: str) -> int:
        """Tell how often a standing topic has been announced."""
        return self._versions[topic]

    def announce(self, topics: Iterable[str]) -> None:
        """Wake everybody who waits for one of these."""
        with self._lock:
            for topic in topics:
                if topic in self._versions:
                    self._versions[topic] += 1
                for waiter in self._waiters.get(topic, ()):
                    with suppress(RuntimeError):  # its loop was closed meanwhile
                        waiter.loop.call_soon_threadsafe(waiter.event.set)

    @contextmanager
    def waiter(self, topic: str) -> Iterator[Waiter]:
        """Stand in line for a topic."""
        waiter = Waiter()
        with self._lock:
            self._waiters[topic].add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                self._waiters[topic].discard(waiter)
                if not self._waiters[topic]:
                    del self._waiters[topic]
