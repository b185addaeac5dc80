# SPDX-License-Identifier: Apache-2.0
"""Addresses of databases, statements in two writings, errors."""

from __future__ import annotations

import errno

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.errors import GatewayError
from gateway.service.errors import StorageFullError, StoreUnavailableError
from gateway.store.dialects import (
    Dialect,
    insert_if_new,
    insert_or_replace,
    read_url,
)
from gateway.store.failures import database_error, storage_error
from gateway.store.tables import organisation


@pytest.mark.parametrize(
    ("url", "driver", "dialect"),
    [
        ("sqlite:///gateway.db", "sqlite+pysqlite", Dialect.SQLITE),
        ("postgresql://u@h/n", "postgresql+psycopg", Dialect.POSTGRESQL),
        ("postgresql+asyncpg://u@h/n", "postgresql+psycopg", Dialect.POSTGRESQL),
    ],
)
def test_the_driver_is_our_choice(url: str, driver: str, dialect: Dialect) -> None:
    parsed, found = read_url(url)
    assert (parsed.drivername, found) == (driver, dialect)


@pytest.mark.parametrize("url", ["", "gateway.db", "sqlite://", "sqlite:///:memory:", "oracle://x"])
def test_other_addresses_are_refused_with_advice(url: str) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        read_url(url)
    assert caught.value.advice


def test_statements_in_two_writings() -> None:
    new = insert_if_new(organisation, returning=organisation.c.id)
    server = postgresql.dialect()  # type: ignore[no-untyped-call]
    for dialect, kind in ((sqlite.dialect(), "sqlite"), (server, "postgresql")):
        text = str(new.on(Dialect(kind)).compile(dialect=dialect))  # type: ignore[attr-defined]
        assert "ON CONFLICT DO NOTHING RETURNING" in text
        put = insert_or_replace(organisation, key=("id",)).on(Dialect(kind))
        text = str(put.compile(dialect=dialect))  # type: ignore[attr-defined]
        assert "ON CONFLICT (id) DO UPDATE SET name = excluded.name" in text


class _ServerError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        (_ServerError("53100"), StorageFullError),
        (_ServerError("40P01"), StoreUnavailableError),
        (Exception("database or disk is full"), StorageFullError),
        (Exception("database is locked"), StoreUnavailableError),
    ],
)
def test_what_a_database_says(origin: Exception, wanted: type[GatewayError]) -> None:
    error = database_error(sa.exc.OperationalError("SELECT secret", {"key": "secret"}, origin))
    assert type(error) is wanted
    assert error.retry
    assert "secret" not in error.detail  # nothing of the statement gets out


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (errno.ENOSPC, StorageFullError),
        (errno.EDQUOT, StorageFullError),
        (errno.EFBIG, StorageFullError),
        (errno.EIO, StoreUnavailableError),
    ],
)
def test_what_a_file_system_says(number: int, wanted: type[GatewayError]) -> None:
    error = storage_error(OSError(number, "text", "/secret/path"))
    assert type(error) is wanted
    assert "secret" not in error.detail
