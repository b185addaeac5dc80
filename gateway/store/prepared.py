# SPDX-License-Identifier: Apache-2.0
"""Runs the statements of a write transaction; on SQLite without SQLAlchemy in between.

On the way of a message SQLAlchemy spends several times as long around a statement as SQLite does in
it. Its text, the order of its parameters and the conversions are SQLAlchemy's all the same: they
are asked for once for each statement and kept.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa

MOST_KEPT = 512  # there are about sixty; who builds one for each call must not fill the memory

Convert = Callable[[Any], Any]
Kept = dict[tuple[int, tuple[str, ...]], "Prepared"]


class Runner(Protocol):
    """Runs statements on one connection."""

    def rows(self, statement: sa.Executable, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it and read what it gives."""

    def change(self, statement: sa.Executable, values: Mapping[str, Any]) -> int:
        """Run it; how many rows it changed."""

    def each(self, statement: sa.Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it for all of these, which have the same names."""


class Prepared:
    """One statement for one choice of parameter names."""

    __slots__ = ("_given", "_parameters", "_reads", "_row", "gives_rows", "statement", "text")

    def __init__(self, statement: sa.Executable, names: Sequence[str], dialect: sa.Dialect) -> None:
        clause = cast("sa.ClauseElement", statement)
        compiled = cast(
            "sa.sql.compiler.SQLCompiler", clause.compile(dialect=dialect, column_keys=list(names))
        )
        columns: Sequence[Any] = list(getattr(statement, "exported_columns", ()))
        self.statement = statement  # kept, so that nothing else can take its identity
        self.text = str(compiled)
        self.gives_rows = bool(columns)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        self._parameters = [
            (name, None if name in names else bind.effective_value, _bind(bind.type, dialect))
            for name, bind in binds
        ]
        self._given = frozenset(names)
        if missing := {name for name, bind in binds if bind.required}.difference(names):
            raise ValueError(f"a statement was not given {', '.join(sorted(missing))}")
        self._reads = [
            (place, read)
            for place, column in enumerate(columns)
            if (read := _read(column.type, dialect)) is not None
        ]
        names_of_row = [column.key for column in columns]
        row: Any = namedtuple("row", names_of_row, rename=True)  # type: ignore[misc]
        self._row = row._make

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the text, as the driver takes them."""
        chosen, given = [], self._given
        for name, fixed, convert in self._parameters:
            value = values[name] if name in given else fixed
            chosen.append(value if convert is None else convert(value))
        return chosen

    def row(self, found: Sequence[Any]) -> Any:
        """One row by the names of the columns, as they were written."""
        cells = list(found)
        for place, read in self._reads:
            cells[place] = read(cells[place])
        return self._row(cells)


class OnDriver:
    """Runs them on SQLite's own connection, inside the transaction that SQLAlchemy began."""

    __slots__ = ("_connection", "_dialect", "_kept")

    def __init__(self, connection: sa.Connection, kept: Kept) -> None:
        self._connection = cast("sqlite3.Connection", connection.connection.driver_connection)
        self._dialect = connection.dialect
        self._kept = kept

    def rows(self, statement: sa.Executable, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it and read what it gives."""
        prepared = self._prepared(statement, values)
        assert prepared.gives_rows, "this statement gives no rows"
        try:
            cursor = self._connection.execute(prepared.text, prepared.parameters(values))
            found = cursor.fetchall()
        except sqlite3.Error as error:
            raise self._translated(prepared, error) from error
        return [prepared.row(cells) for cells in found]

    def change(self, statement: sa.Executable, values: Mapping[str, Any]) -> int:
        """Run it; how many rows it changed."""
        prepared = self._prepared(statement, values)
        assert not prepared.gives_rows, "this statement gives rows"
        try:
            return self._connection.execute(prepared.text, prepared.parameters(values)).rowcount
        except sqlite3.Error as error:
            raise self._translated(prepared, error) from error

    def each(self, statement: sa.Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it for all of these, which have the same names."""
        prepared = self._prepared(statement, values[0])
        try:
            self._connection.executemany(prepared.text, map(prepared.parameters, values))
        except sqlite3.Error as error:
            raise self._translated(prepared, error) from error

    def _translated(self, prepared: Prepared, error: sqlite3.Error) -> BaseException:
        """The driver's error as SQLAlchemy's, which the rest of this room knows."""
        return sa.exc.DBAPIError.instance(
            prepared.text, None, error, sqlite3.Error, hide_parameters=True, dialect=self._dialect
        )

    def _prepared(self, statement: sa.Executable, values: Mapping[str, Any]) -> Prepared:
        key = (id(statement), tuple(values))
        prepared = self._kept.get(key)
        if prepared is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            prepared = self._kept[key] = Prepared(statement, key[1], self._dialect)
        return prepared


class OnSQLAlchemy:
    """Runs them as SQLAlchemy does."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, statement: sa.Executable, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it and read what it gives."""
        return self._connection.execute(statement, values).all()

    def change(self, statement: sa.Executable, values: Mapping[str, Any]) -> int:
        """Run it; how many rows it changed."""
        return self._connection.execute(statement, values).rowcount

    def each(self, statement: sa.Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it for all of these, which have the same names."""
        self._connection.execute(statement, values)


def _bind(kind: Any, dialect: sa.Dialect) -> Convert | None:
    found: Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def _read(kind: Any, dialect: sa.Dialect) -> Convert | None:
    found: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found
