# SPDX-License-Identifier: Apache-2.0
"""A server that cuts its connections: the store finds new ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.service.errors import StoreUnavailableError
from gateway.store import Store
from gateway.store.migrations import migrate
from gateway.store.transaction import Transaction
from tests.functional.store.builders import OTHER_AP, inbound
from tests.functional.store.counting import count

CUT = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
CUT_ALL = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
)


@pytest.fixture
async def store(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    migrate(postgresql_url, backup=False)
    store = Store.open(postgresql_url, payload_folder=tmp_path)
    yield store
    await store.close()


async def test_after_a_restart_of_the_server_everything_goes_on(store: Store) -> None:
    await asyncio.gather(*(store.inbound.accept(inbound(number)) for number in range(20)))

    await store._database.write(lambda transaction: _cut(transaction, CUT))

    assert await store.inbound.receipt_of(OTHER_AP, "1@ap.example") is not None
    await asyncio.gather(*(store.inbound.accept(inbound(number)) for number in range(40)))
    assert await count(store, "document") == 40


async def test_a_cut_inside_a_transaction_is_an_error_and_leaves_nothing(store: Store) -> None:
    def work(transaction: Transaction) -> None:
        transaction.insert(
            sa.text("INSERT INTO organisation (id, name, country) VALUES (:id, 'x', 'NL')"),
            {"id": "org_1"},
        )
        _cut(transaction, CUT_ALL)

    with pytest.raises(StoreUnavailableError):
        await store._database.write(work)
    assert await count(store, "organisation") == 0


async def test_listening_begins_again(store: Store) -> None:
    await store._database.write(lambda transaction: _cut(transaction, CUT))
    async with asyncio.timeout(20):
        with store._database.notices.waiter("a topic of its own") as waiter:
            while not waiter.event.is_set():
                await store._database.write(
                    lambda transaction: transaction.connection.execute(
                        sa.text("SELECT pg_notify('peppol_gateway', 'a topic of its own')")
                    ).close()
                )
                await waiter.wait(0.1)


def _cut(transaction: Transaction, statement: sa.TextClause) -> None:
    transaction.connection.execute(statement).close()
