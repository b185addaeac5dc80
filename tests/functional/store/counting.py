# SPDX-License-Identifier: Apache-2.0
"""Looks into tables, past the ports."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.store import Store


async def count(store: Store, table: str) -> int:
    """The number of rows."""
    return int((await query(store, f"SELECT count(*) FROM {table}"))[0][0])


async def query(store: Store, statement: str, **values: Any) -> list[Any]:
    """Rows of a reading statement."""
    return await store._database.read(
        lambda connection: list(connection.execute(sa.text(statement), values))
    )


async def execute(store: Store, statement: str, **values: Any) -> None:
    """Change something behind the store's back."""
    await store._database.write(lambda transaction: transaction.update(sa.text(statement), values))
