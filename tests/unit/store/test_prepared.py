# SPDX-License-Identifier: Apache-2.0
"""What runs past SQLAlchemy must write and read the same as SQLAlchemy does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from gateway.store.columns import Moment, json_column
from gateway.store.prepared import MOST_KEPT, Kept, OnDriver, OnSQLAlchemy

AT = datetime(2026, 11, 24, 12, 30, 15, 250, tzinfo=UTC)
NAMES = ("id", "at", "facts", "data", "state")

_thing = sa.Table(
    "thing",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", Moment),
    sa.Column("facts", json_column()),
    sa.Column("data", sa.LargeBinary),
    sa.Column("state", sa.Integer, nullable=False),
)
_ADD = sa.insert(_thing)
_ADD_NEW = sqlite.insert(_thing).on_conflict_do_nothing().returning(_thing.c.id)
_READ = sa.select(_thing).where(_thing.c.id == sa.bindparam("wanted"))
_CHANGE = (
    sa.update(_thing)
    .where(_thing.c.id == sa.bindparam("wanted"), _thing.c.state == 0)
    .values(state=7, data=None)
)
_MOVE = sa.update(_thing).where(_thing.c.id == sa.bindparam("moved")).returning(_thing)
_TEXT = sa.text("SELECT at, count(*) AS things FROM thing WHERE at = :at").bindparams(
    sa.bindparam("at", type_=Moment())
)
_TYPED = _TEXT.columns(sa.column("at", Moment), sa.column("things", sa.Integer))


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with sa.create_engine("sqlite://").connect() as connection:
        _thing.create(connection)
        yield connection


def a_thing(name: str = "one", **values: Any) -> dict[str, Any]:
    return {"id": name, "at": AT, "facts": {"a": [1, "é"]}, "data": b"\0\1", "state": 0} | values


def read(connection: sa.Connection, name: str = "one") -> dict[str, Any]:
    row = connection.execute(_READ, {"wanted": name}).one()
    return dict(row._mapping)


def test_what_the_driver_wrote_sqlalchemy_reads(connection: sa.Connection) -> None:
    OnDriver(connection, {}).change(_ADD, a_thing())
    assert read(connection) == a_thing()


def test_what_sqlalchemy_wrote_the_driver_reads(connection: sa.Connection) -> None:
    connection.execute(_ADD, a_thing(facts=None))
    (row,) = OnDriver(connection, {}).rows(_READ, {"wanted": "one"})
    assert row._asdict() == a_thing(facts=None)
    assert (row.at, row[0]) == (AT, "one")


def test_none_is_the_null_of_the_database(connection: sa.Connection) -> None:
    OnDriver(connection, {}).change(_ADD, a_thing(facts=None, at=None))
    nulls = sa.select(_thing.c.id).where(_thing.c.facts.is_(None), _thing.c.at.is_(None))
    assert connection.scalars(nulls).all() == ["one"]


def test_columns_that_are_not_given_keep_what_they_hold(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    runner.change(_ADD, a_thing())
    (moved,) = runner.rows(_MOVE, {"moved": "one", "state": 3})
    assert moved._asdict() == a_thing(state=3)
    (moved,) = runner.rows(_MOVE, {"moved": "one", "facts": {}})
    assert moved._asdict() == read(connection) == a_thing(state=3, facts={})


def test_values_in_the_statement_count(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    runner.change(_ADD, a_thing())
    assert [runner.change(_CHANGE, {"wanted": "one"}) for _ in range(2)] == [1, 0]
    assert read(connection) == a_thing(state=7, data=None)


def test_a_conflict_gives_no_row(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    found = [runner.rows(_ADD_NEW, a_thing()) for _ in range(2)]
    assert [len(rows) for rows in found] == [1, 0]


def test_a_text_with_typed_columns(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    runner.each(_ADD, [a_thing("one"), a_thing("two")])
    (row,) = runner.rows(_TYPED, {"at": AT})
    assert (row.at, row.things) == (AT, 2)


def test_both_ways_give_the_same(connection: sa.Connection) -> None:
    connection.execute(_ADD, a_thing())
    both = [OnDriver(connection, {}), OnSQLAlchemy(connection)]
    (one,), (other,) = (runner.rows(_READ, {"wanted": "one"}) for runner in both)
    assert tuple(one) == tuple(other)
    assert [len(runner.rows(_MOVE, {"moved": "no", "state": 1})) for runner in both] == [0, 0]


def test_rows_are_asked_for_where_there_are_some(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    with pytest.raises(AssertionError, match="gives rows"):
        runner.change(_MOVE, {"moved": "one", "state": 1})
    with pytest.raises(AssertionError, match="gives no rows"):
        runner.rows(_ADD, a_thing())


@pytest.mark.parametrize("many", [True, False])
def test_an_error_of_the_driver_becomes_one_of_sqlalchemy(
    connection: sa.Connection, many: bool
) -> None:
    runner = OnDriver(connection, {})
    bad = a_thing(state=None, data=b"a secret")
    with pytest.raises(SQLAlchemyError, match="NOT NULL") as caught:
        runner.each(_ADD, [bad]) if many else runner.change(_ADD, bad)
    assert "a secret" not in str(caught.value)


def test_an_error_at_a_later_row_becomes_one_of_sqlalchemy(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    runner.each(_ADD, [a_thing("one", state=1), a_thing("two", state=-(2**63))])
    overflowing = sa.select(sa.func.abs(_thing.c.state)).order_by(_thing.c.state.desc())
    with pytest.raises(SQLAlchemyError, match="overflow"):
        runner.rows(overflowing, {})


def test_a_broken_constraint_keeps_its_class(connection: sa.Connection) -> None:
    runner = OnDriver(connection, {})
    runner.change(_ADD, a_thing())
    with pytest.raises(IntegrityError):
        runner.change(_ADD, a_thing())


def test_all_of_many_have_the_same_names(connection: sa.Connection) -> None:
    short = a_thing("two")
    del short["data"]
    with pytest.raises(KeyError, match="data"):
        OnDriver(connection, {}).each(_ADD, [a_thing(), short])


def test_a_value_that_is_wanted_and_not_given_is_a_fault(connection: sa.Connection) -> None:
    with pytest.raises(ValueError, match="wanted"):
        OnDriver(connection, {}).rows(_READ, {"other": 1})


def test_a_naive_moment_is_refused(connection: sa.Connection) -> None:
    with pytest.raises(ValueError, match="naive"):
        OnDriver(connection, {}).change(_ADD, a_thing(at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_statements_are_kept_but_not_without_end(connection: sa.Connection) -> None:
    kept: Kept = {}
    runner = OnDriver(connection, kept)
    for _ in range(3):
        runner.rows(_READ, {"wanted": "one"})
    assert len(kept) == 1
    for _ in range(MOST_KEPT + 5):
        runner.rows(sa.select(_thing.c.id), {})
    assert len(kept) <= MOST_KEPT
