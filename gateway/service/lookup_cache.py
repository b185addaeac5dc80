# SPDX-License-Identifier: Apache-2.0
"""Remembers results of lookups until they expire; askers of the same thing share one query."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId

MAX_REMEMBERED = 20_000  # results, about 6 kB each

Key = tuple[ParticipantId, DocumentTypeId | None, ProcessId | None]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[_Result]):
    result: _Result
    expires_at: datetime


class LookupCache(Generic[_Result]):
    """Results by participant, document type and process; the least used go first."""

    def __init__(self, *, size: int = MAX_REMEMBERED) -> None:
        self._size = size
        self._entries: OrderedDict[Key, _Entry[_Result]] = OrderedDict()

    def get(self, key: Key, at: datetime) -> _Result | None:
        """A result that has not expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires_at <= at:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry.result

    def put(self, key: Key, result: _Result, *, expires_at: datetime) -> None:
        """Remember a result."""
        self._entries[key] = _Entry(result, expires_at)
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def forget(self, participant: ParticipantId) -> None:
        """Drop everything known of a participant."""
        for key in [key for key in self._entries if key[0] == participant]:
            del self._entries[key]


class SharedFlights(Generic[_Result]):
    """One query at a time for one key: who asks meanwhile waits for the same answer."""

    def __init__(self) -> None:
        self._tasks: dict[Key, asyncio.Task[_Result]] = {}

    async def join(self, key: Key, start: Callable[[], Awaitable[_Result]]) -> _Result:
        """Wait for the running query of this key, or start one. It outlives its first asker."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(_run(start))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(task)

    def _landed(self, key: Key, task: asyncio.Task[_Result]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled():
            task.exception()  # looked at: nobody may be waiting any more


async def _run(start: Callable[[], Awaitable[_Result]]) -> _Result:
    return await start()
