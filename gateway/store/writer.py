# SPDX-License-Identifier: Apache-2.0
"""Group commit: all that waits is written in one transaction, then every caller hears of it.

Nothing waits on purpose: while one commit runs the next group gathers, so a lone piece of work is
not delayed. No caller hears of success before its commit is on disk.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.service.errors import StoreUnavailableError
from gateway.store.dialects import Dialect
from gateway.store.failures import database_error
from gateway.store.notices import Notices
from gateway.store.prepared import Kept
from gateway.store.transaction import Transaction

MAX_GROUP = 128  # measured: more gains nothing and delays the first of the group

T = TypeVar("T")
Work = Callable[[Transaction], Any]


@dataclass(slots=True)
class _Waiting:
    """A piece of work and who waits for it."""

    work: Work
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


class _GroupBrokenError(Exception):
    """One member failed after it had changed rows; the whole transaction must go."""


class Writer:
    """Threads that own the write connections: one on SQLite, two on PostgreSQL."""

    def __init__(self, engine: sa.Engine, dialect: Dialect, notices: Notices) -> None:
        self._engine = engine
        self._dialect = dialect
        self._notices = notices
        self._kept: Kept = {}  # of the one thread on SQLite; PostgreSQL's two leave it alone
        self._waiting: deque[_Waiting] = deque()
        self._condition = threading.Condition()
        self._closed = False
        count = 1 if dialect is Dialect.SQLITE else 2
        self._threads = [
            threading.Thread(target=self._loop, name=f"store-writer-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Do the work inside the next transaction; returns after its commit.

        An error of our own that the work raises before it changed anything concerns nobody else.
        After a change it costs the group its transaction, and everybody is run again alone.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work=work, loop=loop, future=loop.create_future())
        with self._condition:
            if self._closed:
                raise StoreUnavailableError("the store is closed")
            self._waiting.append(waiting)
        # Not now: what else this turn of the loop submits shall be of the same group.
        loop.call_soon(self._wake)
        result: T = await waiting.future
        return result

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify()

    async def close(self) -> None:
        """Finish what waits, then stop."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _loop(self) -> None:
        while group := self._take():
            if not self._commit(group):
                for member in group:
                    self._commit([member])
            _tell(group)

    def _take(self) -> list[_Waiting]:
        with self._condition:
            while not self._waiting and not self._closed:
                self._condition.wait()
            count = min(len(self._waiting), MAX_GROUP)
            return [self._waiting.popleft() for _ in range(count)]

    def _commit(self, group: list[_Waiting]) -> bool:
        """Run a group in one transaction. False: nothing was written, run them one by one.

        A group of one always ends here, with a result or an error. When the COMMIT itself fails,
        its outcome may be unknown; nobody is run again then.
        """
        committing = False
        try:
            with self._engine.connect() as connection, connection.begin() as database_transaction:
                transaction = Transaction(connection, self._dialect, self._kept)
                for member in group:
                    _run(member, transaction, alone=len(group) == 1)
                transaction.before_commit()
                committing = True
                database_transaction.commit()
        except _GroupBrokenError:
            return len(group) == 1
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever happened
            if len(group) > 1 and not committing:
                return False
            for member in group:
                member.error = _own(error)
            return True
        self._notices.announce(transaction.topics)
        return True


def _run(member: _Waiting, transaction: Transaction, *, alone: bool) -> None:
    before = transaction.changes
    member.error = None
    try:
        member.result = member.work(transaction)
    except GatewayError as error:
        member.error = error
        if transaction.changes != before:
            raise _GroupBrokenError from error
    except Exception as error:
        member.error = _own(error)
        if alone:
            raise _GroupBrokenError from error
        raise


def _own(error: Exception) -> Exception:
    """Translate what the database says; a fault in our own code stays what it is."""
    if isinstance(error, SQLAlchemyError):
        translated = database_error(error)
        translated.__cause__ = error
        return translated
    return error


def _tell(group: list[_Waiting]) -> None:
    """Resolve futures on their loops, one call each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for member in group:
        by_loop.setdefault(member.loop, []).append(member)
    for loop, members in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed; nobody waits any more
            loop.call_soon_threadsafe(_resolve, members)


def _resolve(members: list[_Waiting]) -> None:
    for member in members:
        if member.future.done():  # its task was cancelled; what it wrote stays
            continue
        if member.error is not None:
            member.future.set_exception(member.error)
        else:
            member.future.set_result(member.result)
