# SPDX-License-Identifier: Apache-2.0
"""Connections: one engine for the writer, one for a small pool of reading threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from gateway.store.dialects import Dialect, read_url
from gateway.store.failures import database_error
from gateway.store.notices import Notices
from gateway.store.transaction import Transaction
from gateway.store.writer import Writer

READERS = 4  # reads take well under a millisecond; more threads only wait for the interpreter
BUSY_SECONDS = 30  # how long a command line tool and the server wait for each other on SQLite

T = TypeVar("T")


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def close(self) -> object: ...


class _DriverConnection(Protocol):
    autocommit: bool
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


class Database:
    """Both ways to the database: `write` in groups, `read` in threads."""

    def __init__(self, url: str) -> None:
        self.url, self.dialect = read_url(url)
        self.notices = Notices()
        self._write_engine = build_engine(self.url, self.dialect, connections=2)
        self.read_engine = build_engine(
            self.url, self.dialect, connections=READERS + 1, read_only=True
        )
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._writer = Writer(self._write_engine, self.dialect, self.notices)

    @property
    def driver_error(self) -> type[Exception]:
        """The driver's own error, for the one place that speaks to the driver."""
        error: type[Exception] = self.read_engine.dialect.loaded_dbapi.Error
        return error

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Do the work in the next transaction; returns after its commit."""
        return await self._writer.run(work)

    async def read(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query in a reading thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_now, query)

    def read_now(self, query: Callable[[sa.Connection], T]) -> T:
        """Run a query in this thread."""
        try:
            with self.read_engine.connect() as connection:
                return query(connection)
        except SQLAlchemyError as error:
            raise database_error(error) from error

    async def close(self) -> None:
        """Finish what waits, then close all connections."""
        await self._writer.close()
        self._readers.shutdown(wait=True)
        self.read_engine.dispose()
        self._write_engine.dispose()


def build_engine(
    url: sa.URL, dialect: Dialect, *, connections: int, read_only: bool = False
) -> sa.Engine:
    """Build an engine that promises durability, whatever the defaults of the database are."""
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=dialect is Dialect.POSTGRESQL,
        hide_parameters=True,  # errors go to the log, and parameters are documents and keys
        connect_args={"timeout": BUSY_SECONDS} if dialect is Dialect.SQLITE else {},
    )
    if dialect is Dialect.SQLITE:
        begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        _prepare(engine, _sqlite_settings(read_only=read_only))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    else:
        # synchronous_commit: a receipt must not go out before the log is on disk.
        _prepare(engine, ("SET TIME ZONE 'UTC'", "SET synchronous_commit = on"))
    return engine


def _sqlite_settings(*, read_only: bool) -> tuple[str, ...]:
    common = (f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}", "PRAGMA foreign_keys = ON")
    if read_only:
        return (*common, "PRAGMA query_only = ON")
    # synchronous=NORMAL would lose the last commits at power failure; fullfsync is for macOS alone.
    durable = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA fullfsync = ON")
    return (*common, *durable)


def _prepare(engine: sa.Engine, statements: tuple[str, ...]) -> None:
    def settle(connection: _DriverConnection, record: Any) -> None:
        del record
        if engine.dialect.name == "sqlite":
            connection.isolation_level = None  # we say BEGIN ourselves
        else:
            connection.autocommit = True  # settings outside any transaction
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        if engine.dialect.name != "sqlite":
            connection.autocommit = False

    sa.event.listen(engine, "connect", settle)
