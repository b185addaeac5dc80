# SPDX-License-Identifier: Apache-2.0
"""The schema: migrations make what tables.py says, and a server starts on nothing else."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway.service.errors import StoreUnavailableError
from gateway.store import SchemaError, SchemaState, Store, migrations, schema_state
from gateway.store.database import build_engine
from gateway.store.dialects import read_url
from gateway.store.migrations import migrate
from gateway.store.tables import metadata


def test_migrating_an_empty_database(empty_url: str) -> None:
    assert schema_state(empty_url) is SchemaState.EMPTY
    assert migrate(empty_url, backup=True) is None  # nothing to back up
    assert schema_state(empty_url) is SchemaState.CURRENT
    assert migrate(empty_url, backup=True) is None


def test_looking_makes_no_file(sqlite_url: str, tmp_path: Path) -> None:
    assert schema_state(sqlite_url) is SchemaState.EMPTY
    assert list(tmp_path.iterdir()) == []


async def test_the_file_is_ours_alone(sqlite_url: str, tmp_path: Path) -> None:
    migrate(sqlite_url, backup=False)
    store = Store.open(sqlite_url, payload_folder=tmp_path / "payloads")
    assert _modes(tmp_path, "gateway.db*") == {0o600}  # the log beside it too
    await store.close()


def _modes(folder: Path, pattern: str) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.glob(pattern)}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        migrate(f"sqlite:///{tmp_path}/none/gateway.db", backup=False)
    assert "folder" in caught.value.advice


def test_migrations_make_the_tables_of_the_code(url: str) -> None:
    address, dialect = read_url(url)
    engine = build_engine(address, dialect, connections=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": migrations.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrations_make_the_same_sql_as_the_code(sqlite_url: str) -> None:
    """Alembic's comparison does not see the conditions of partial indexes; this does."""
    migrate(sqlite_url, backup=False)
    made = _sqlite_schema(str(read_url(sqlite_url)[0].database))
    made.pop(migrations.VERSION_TABLE)
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        wanted = _normal(
            connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        )
    engine.dispose()
    assert made == wanted


def _sqlite_schema(path: str) -> dict[str, object]:
    with sqlite3.connect(path) as connection:
        schema = _normal(
            connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    connection.close()
    return schema


def _normal(rows: object) -> dict[str, object]:
    """Order of constraints inside a table means nothing."""
    return {
        name: sorted(re.split(r",?\s*\n\s*", re.sub(r"[ \t]+", " ", sql.strip())))
        for name, sql in rows  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize("found", ["9999"])
def test_a_newer_database_is_left_alone(url: str, tmp_path: Path, found: str) -> None:
    _set_version(url, found)
    assert schema_state(url) is SchemaState.AHEAD
    with pytest.raises(SchemaError, match="newer"):
        migrate(url, backup=False)
    with pytest.raises(SchemaError):
        Store.open(url, payload_folder=tmp_path)


def test_a_store_does_not_open_on_an_empty_database(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        Store.open(empty_url, payload_folder=tmp_path)
    assert "migrate" in caught.value.advice


def test_a_failed_migration_leaves_the_database_as_it_was(empty_url: str) -> None:
    address, dialect = read_url(empty_url)
    engine = build_engine(address, dialect, connections=1)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE reporting_row (x INTEGER)"))
    with pytest.raises(SchemaError):
        migrate(empty_url, backup=False)
    assert schema_state(empty_url) is SchemaState.EMPTY
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["reporting_row"]
    engine.dispose()


def test_a_migration_backs_up_first(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(sqlite_url, backup=False)
    monkeypatch.setattr(migrations, "schema_state", lambda url: SchemaState.BEHIND)
    copy = migrate(sqlite_url, backup=True)
    assert copy is not None
    assert copy.name == "gateway.db.backup-1"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_database_of_an_older_version_is_behind() -> None:
    assert migrations._compare("0001") is SchemaState.CURRENT
    assert migrations._compare(None) is SchemaState.EMPTY


def test_a_backup_is_a_whole_database_and_never_overwrites(sqlite_url: str) -> None:
    migrate(sqlite_url, backup=False)
    path = Path(str(read_url(sqlite_url)[0].database))
    writer = sqlite3.connect(path)  # in use, with a change that is not in the main file yet
    writer.execute("INSERT INTO organisation VALUES ('org_1', 'Jansen', 'NL')")
    writer.commit()
    first, second = migrations._back_up(path), migrations._back_up(path)
    writer.close()
    assert [first.name, second.name] == ["gateway.db.backup-1", "gateway.db.backup-2"]
    assert schema_state(f"sqlite:///{second}") is SchemaState.CURRENT
    copy = sqlite3.connect(second)
    assert copy.execute("SELECT name FROM organisation").fetchall() == [("Jansen",)]
    copy.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense"])
def test_databases_that_cannot_be_used(url: str) -> None:
    with pytest.raises(StoreUnavailableError):
        schema_state(url)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(SchemaError, match="cannot be used: connection"):
        schema_state(f"postgresql://nobody@/none?host={tmp_path}")


def _set_version(url: str, version: str) -> None:
    address, dialect = read_url(url)
    engine = build_engine(address, dialect, connections=1)
    with engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = :v"), {"v": version}
        )
    engine.dispose()
