# SPDX-License-Identifier: Apache-2.0
"""Whether the store can take responsibility now: a row is committed, a file is written.

Cheap, and asked by whoever knocks: one answer serves a second, and many askers share one trial.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.store.database import Database
from gateway.store.notices import PARTICIPANTS
from gateway.store.payloads import Payloads
from gateway.store.tables import revision

FRESH_SECONDS = 1.0
PATIENCE_SECONDS = 3.0  # a monitor asks again; a store that is slower than this is not ready

# Nothing changes, but the page is written: a full or read-only disk shows itself in the commit.
_TOUCH = (
    sa.update(revision)
    .where(revision.c.name == sa.bindparam("kept"))
    .values(value=revision.c.value)
)


class Readiness:
    """Tries both halves of the store."""

    def __init__(self, database: Database, payloads: Payloads) -> None:
        self._database = database
        self._trials: dict[str, Callable[[], Awaitable[object]]] = {
            "database": self._commit,
            "payloads": payloads.write_trial,
        }
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._known: dict[str, tuple[float, bool]] = {}

    async def check(self) -> Mapping[str, bool]:
        """Each part with whether it is usable."""
        names = tuple(self._trials)
        return dict(zip(names, await asyncio.gather(*map(self._part, names)), strict=True))

    async def _part(self, name: str) -> bool:
        now = asyncio.get_running_loop().time()
        tried_at, usable = self._known.get(name, (float("-inf"), False))
        if now - tried_at < FRESH_SECONDS:
            return usable
        if name not in self._running:
            self._running[name] = asyncio.create_task(self._try(name))
        # What hangs is left running: the next asker must not start another one beside it.
        done, _ = await asyncio.wait({self._running[name]}, timeout=PATIENCE_SECONDS)
        return done.pop().result() if done else False

    async def _try(self, name: str) -> bool:
        try:
            await self._trials[name]()
            usable = True
        except GatewayError:
            usable = False
        self._known[name] = (asyncio.get_running_loop().time(), usable)
        self._running.pop(name, None)
        return usable

    async def _commit(self) -> None:
        await self._database.write(
            lambda transaction: transaction.update(_TOUCH, {"kept": PARTICIPANTS})
        )
