# SPDX-License-Identifier: Apache-2.0
"""All that differs between SQLite and PostgreSQL. Everything else is written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.service.errors import StoreUnavailableError


class Dialect(StrEnum):
    """Which database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Either:
    """One statement in two writings."""

    sqlite: sa.Executable
    postgresql: sa.Executable

    def on(self, dialect: Dialect) -> sa.Executable:
        """Choose the writing for this database."""
        return self.sqlite if dialect is Dialect.SQLITE else self.postgresql


def insert_if_new(table: sa.Table, returning: sa.Column[Any] | None = None) -> Either:
    """INSERT that does nothing where a unique constraint is in the way.

    With `returning` it gives one row if it inserted and none if not; without, it may be used for
    many rows at once.
    """
    lite = sqlite.insert(table).on_conflict_do_nothing()
    large = postgresql.insert(table).on_conflict_do_nothing()
    if returning is None:
        return Either(lite, large)
    return Either(lite.returning(returning), large.returning(returning))


def insert_or_replace(table: sa.Table, *, key: Sequence[str]) -> Either:
    """INSERT that replaces every other column where the key exists."""
    others = [column.name for column in table.columns if column.name not in key]
    lite = sqlite.insert(table)
    large = postgresql.insert(table)
    return Either(
        lite.on_conflict_do_update(
            index_elements=key, set_={name: lite.excluded[name] for name in others}
        ),
        large.on_conflict_do_update(
            index_elements=key, set_={name: large.excluded[name] for name in others}
        ),
    )


def read_url(url: str) -> tuple[sa.URL, Dialect]:
    """Read `sqlite:///file` or `postgresql://…`, and choose the driver ourselves."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreUnavailableError(
            "the database setting is not an address",
            advice="Write sqlite:///gateway.db or postgresql://user@host/name.",
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreUnavailableError(
                "a database in memory cannot keep what a receipt promises",
                advice="Name a file, as in sqlite:///gateway.db.",
            )
        return parsed.set(drivername="sqlite+pysqlite"), Dialect.SQLITE
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg"), Dialect.POSTGRESQL
    raise StoreUnavailableError(
        f"{backend[:40]} is not a database that is supported", advice="Use SQLite or PostgreSQL."
    )


# Held from the moment events get their position until the commit, so that positions appear in
# commit order. SQLite has one writer and needs nothing.
LOCK_EVENTS = sa.text("SELECT pg_advisory_xact_lock(7370606)")
# Two claims at once would each count the leases of a lane without the other's.
LOCK_CLAIMS = sa.text("SELECT pg_advisory_xact_lock(7370607)")

NOTIFY = sa.text("SELECT pg_notify('peppol_gateway', :topic)")
LISTEN = "LISTEN peppol_gateway"
