# SPDX-License-Identifier: Apache-2.0
"""What a piece of work sees of the transaction that it shares with others.

It reads, changes, and says what happened to documents and jobs. Events are written together right
before the commit, notices go out after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.store.dialects import LOCK_EVENTS, NOTIFY, Dialect, Either
from gateway.store.notices import JOBS, STANDING
from gateway.store.prepared import Kept, OnDriver, OnSQLAlchemy, Runner
from gateway.store.tables import document_event

_ADD_EVENTS = sa.insert(document_event)


class _Rows(NamedTuple):
    """Rows of one statement that wait for the end of the transaction."""

    statement: sa.Executable
    values: list[Mapping[str, Any]]


class Transaction:
    """One open write transaction."""

    __slots__ = (
        "_events",
        "_later",
        "_runner",
        "changes",
        "connection",
        "dialect",
        "notes",
        "topics",
    )

    def __init__(self, connection: sa.Connection, dialect: Dialect, kept: Kept) -> None:
        self.connection = connection
        self.dialect = dialect
        self.changes = 0  # statements that changed, or may have changed, a row
        self.topics: set[str] = set()
        self.notes: dict[tuple[str, ...], str] = {}  # what rows of `insert_later` will hold
        self._later: dict[tuple[int, tuple[str, ...]], _Rows] = {}
        self._events: list[dict[str, Any]] = []
        self._runner: Runner = (
            OnDriver(connection, kept) if dialect is Dialect.SQLITE else OnSQLAlchemy(connection)
        )

    def read(
        self, statement: sa.Executable, values: Mapping[str, Any] | None = None
    ) -> sa.Row[Any] | None:
        """Read one row."""
        rows = self.read_all(statement, values)
        return rows[0] if rows else None

    def read_all(
        self, statement: sa.Executable, values: Mapping[str, Any] | None = None
    ) -> Sequence[sa.Row[Any]]:
        """Read all rows of a statement that gives few."""
        return self._runner.rows(statement, values or {})

    def insert(self, statement: sa.Executable | Either, values: Mapping[str, Any]) -> None:
        """Insert a row."""
        self.changes += 1
        self._runner.change(self._written(statement), values)

    def insert_later(self, statement: sa.Executable | Either, values: Mapping[str, Any]) -> None:
        """Insert a row together with those of the others, right before the commit.

        For rows that nothing in a transaction reads back: one call for a hundred rows costs a
        tenth of a hundred calls. Statements run in the order in which they were first asked for.
        """
        self.changes += 1
        key = (id(statement), tuple(values))
        rows = self._later.get(key)
        if rows is None:
            rows = self._later[key] = _Rows(self._written(statement), [])
        rows.values.append(values)

    def insert_new(self, statement: Either, values: Mapping[str, Any]) -> bool:
        """Insert a row; False, and nothing changed, when a unique constraint forbids it."""
        if self.read(self._written(statement), values) is None:
            return False
        self.changes += 1
        return True

    def update(self, statement: sa.Executable | Either, values: Mapping[str, Any]) -> int:
        """Update or delete; gives the number of rows."""
        changed = self._runner.change(self._written(statement), values)
        if changed:
            self.changes += 1
        return changed

    def change(self, statement: sa.Executable, values: Mapping[str, Any]) -> Sequence[sa.Row[Any]]:
        """Update with RETURNING; gives the rows."""
        rows = self._runner.rows(statement, values)
        if rows:
            self.changes += 1
        return rows

    def add_event(self, event: dict[str, Any]) -> None:
        """Put an event of a document on its time line."""
        self._events.append(event)
        self.topics.add(event["document_id"])

    def wake_jobs(self) -> None:
        """Tell job loops to look again after the commit."""
        self.topics.add(JOBS)

    def before_commit(self) -> None:
        """Write what was put off and the events, and tell other processes where to look."""
        for rows in self._later.values():
            self._runner.each(rows.statement, rows.values)
        if self.dialect is Dialect.POSTGRESQL:
            # Not for each document: PostgreSQL lets one transaction with notices commit at a
            # time, and who waits for a document of another process looks now and then anyway.
            for topic in sorted(self.topics & STANDING):
                self.connection.execute(NOTIFY, {"topic": topic})
            if self._events:
                self.connection.execute(LOCK_EVENTS)
        if self._events:
            self._runner.each(_ADD_EVENTS, self._events)

    def _written(self, statement: sa.Executable | Either) -> sa.Executable:
        return statement.on(self.dialect) if isinstance(statement, Either) else statement
