# SPDX-License-Identifier: Apache-2.0
"""Group commit: who shares a transaction, who fails alone, and what is true after a kill."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.service.errors import StorageFullError, StoreUnavailableError
from gateway.store import Store
from gateway.store.failures import database_error
from gateway.store.migrations import migrate
from gateway.store.transaction import Transaction
from gateway.store.writer import MAX_GROUP
from tests.functional.store.builders import AT, inbound
from tests.functional.store.counting import count, query

ADD = sa.text("INSERT INTO organisation (id, name, country) VALUES (:id, 'x', 'NL')")
ROOT = Path(__file__).resolve().parents[3]


class RefusedError(GatewayError):
    """What a piece of work may say."""


def _add(number: int) -> Callable[[Transaction], int]:
    def work(transaction: Transaction) -> int:
        transaction.insert(ADD, {"id": f"org_{number}"})
        return number

    return work


class _Gate:
    """Holds one writer thread inside a transaction, so that what comes next gathers."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()

    def __call__(self, transaction: Transaction) -> None:
        self.entered.set()
        assert self.leave.wait(10)


@asynccontextmanager
async def _held(store: Store) -> AsyncIterator[None]:
    """Hold all writer threads; what is asked for inside runs when this ends."""
    gates = [_Gate() for _ in store._database._writer._threads]
    tasks = []
    for gate in gates:
        tasks.append(asyncio.create_task(store._database.write(gate)))
        await asyncio.to_thread(gate.entered.wait, 10)
    try:
        yield
    finally:
        for gate in gates:
            gate.leave.set()
        await asyncio.gather(*tasks)


async def _as_one_group(store: Store, *works: Callable[[Transaction], object]) -> list[object]:
    """Run works in one group, or in two on PostgreSQL, which has two writers."""
    async with _held(store):
        tasks = [asyncio.create_task(store._database.write(work)) for work in works]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_group_shares_a_transaction(store: Store) -> None:
    seen: set[int] = set()

    def work(transaction: Transaction) -> None:
        seen.add(id(transaction))

    await _as_one_group(store, *(work for _ in range(60)))
    assert 1 <= len(seen) <= len(store._database._writer._threads)


async def test_a_group_has_a_limit(store: Store) -> None:
    sizes: dict[int, int] = {}

    def work(transaction: Transaction) -> None:
        sizes[id(transaction)] = sizes.get(id(transaction), 0) + 1
        keep.append(transaction)  # so that no two have the same id

    keep: list[Transaction] = []
    await _as_one_group(store, *(work for _ in range(MAX_GROUP + 20)))
    assert sum(sizes.values()) == MAX_GROUP + 20
    assert max(sizes.values()) <= MAX_GROUP


async def test_a_bad_member_fails_alone(store: Store) -> None:
    def broken(transaction: Transaction) -> None:
        transaction.insert(ADD, {"id": "org_1"})  # taken
        transaction.insert(ADD, {"id": "org_1"})

    def refuses_after_a_change(transaction: Transaction) -> None:
        transaction.insert(ADD, {"id": "org_gone"})
        raise RefusedError("no")

    def refuses_at_once(transaction: Transaction) -> None:
        raise RefusedError("no")

    def faulty(transaction: Transaction) -> None:
        raise ZeroDivisionError

    results = await _as_one_group(
        store, _add(1), broken, _add(2), refuses_after_a_change, refuses_at_once, faulty, _add(3)
    )

    assert (results[0], results[2], results[6]) == (1, 2, 3)
    assert [type(one) for one in (results[1], *results[3:6])] == [
        StoreUnavailableError, RefusedError, RefusedError, ZeroDivisionError,
    ]  # fmt: skip
    rows = await query(store, "SELECT id FROM organisation ORDER BY id")
    assert [row.id for row in rows] == ["org_1", "org_2", "org_3"]


async def test_a_refusal_that_changed_nothing_does_not_break_the_group(store: Store) -> None:
    runs: list[int] = []

    def work(transaction: Transaction) -> None:
        runs.append(1)

    def refuses(transaction: Transaction) -> None:
        raise RefusedError("no")

    await _as_one_group(store, work, refuses, work)
    assert len(runs) == 2


async def test_a_result_is_told_after_the_commit_only(store: Store) -> None:
    inside = asyncio.create_task(store._database.write(_add(1)))
    await inside
    assert await count(store, "organisation") == 1  # another connection sees it


async def test_a_cancelled_caller_leaves_the_writer_working(store: Store) -> None:
    async with _held(store):
        task = asyncio.create_task(store._database.write(_add(1)))
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store._database.write(_add(2)) == 2


async def test_closing_commits_what_waits(url: str, tmp_path: Path) -> None:
    store = Store.open(url, payload_folder=tmp_path)
    tasks = [asyncio.create_task(store._database.write(_add(number))) for number in range(300)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*tasks) == list(range(300))
    again = Store.open(url, payload_folder=tmp_path)
    assert await count(again, "organisation") == 300
    await again.close()


async def test_sqlite_keeps_its_promises(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url, backup=False)
    store = Store.open(sqlite_url, payload_folder=tmp_path)

    def read(transaction: Transaction) -> dict[str, object]:
        return {
            name: transaction.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }

    assert await store._database.write(read) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "busy_timeout": 30000,
        "foreign_keys": 1,
    }
    with pytest.raises(StoreUnavailableError):
        await store._database.read(
            lambda connection: connection.execute(sa.text("DELETE FROM job"))
        )
    await store.close()


async def test_postgresql_keeps_its_promises(postgresql_url: str, tmp_path: Path) -> None:
    migrate(postgresql_url, backup=False)
    store = Store.open(postgresql_url, payload_folder=tmp_path)
    settings = await store._database.write(
        lambda transaction: [
            transaction.connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("synchronous_commit", "timezone", "transaction_isolation")
        ]
    )
    assert settings == ["on", "UTC", "read committed"]
    await store.close()


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (sqlite3.OperationalError("database or disk is full"), StorageFullError),
        (sqlite3.OperationalError("database is locked"), StoreUnavailableError),
    ],
)
def test_what_a_database_says(error: Exception, wanted: type[GatewayError]) -> None:
    assert type(database_error(sa.exc.OperationalError("", {}, error))) is wanted


async def test_a_full_database_accepts_nothing(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url, backup=False)
    store = Store.open(sqlite_url, payload_folder=tmp_path)

    def limit(transaction: Transaction) -> None:
        pages = transaction.connection.exec_driver_sql("PRAGMA page_count").scalar()
        transaction.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store._database.write(limit)
    accepting = (store.inbound.accept(inbound(number)) for number in range(1, 100))
    with pytest.raises(StorageFullError):
        await _one_by_one(accepting)
    stored = await count(store, "document")
    assert await count(store, "payload") == await count(store, "job") == stored
    await store.close()


async def _one_by_one(works: Iterator[Awaitable[object]]) -> None:
    for work in works:
        await work


async def test_what_was_answered_survives_a_kill(url: str, tmp_path: Path) -> None:
    """A process is killed in the middle of its work; each answer it gave was true."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.functional.store.accepting",
        url,
        str(tmp_path),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    answered = [(await process.stdout.readline()).decode().strip() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    answered += (await process.stdout.read()).decode().split("\n")[:-1]
    await process.wait()

    store = Store.open(url, payload_folder=tmp_path)
    rows = await query(store, "SELECT message_id FROM exchange")
    stored = {row.message_id for row in rows}
    assert set(answered) <= stored
    documents = await count(store, "document")
    for table in ("exchange", "payload", "job", "reporting_row", "document_event"):
        assert await count(store, table) == documents, table
    repeat = await store.inbound.accept(inbound(1))
    assert repeat is not None
    assert repeat.receipt == b"receipt"
    jobs = await store.jobs.claim(
        ["check"], limit=32, lease=timedelta(minutes=1), at=AT + timedelta(days=1)
    )
    assert len(jobs) == 32
    await store.close()
