# SPDX-License-Identifier: Apache-2.0
"""Brings the schema up to date, and says how it stands. A server never migrates by itself.

Migrations run in one transaction: a failed one leaves the database as it was. On SQLite a copy of
the database can be made before, while others still use it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.errors import GatewayError
from gateway.store.database import build_engine
from gateway.store.dialects import Dialect, read_url
from gateway.store.failures import database_error, storage_error

VERSION_TABLE = "gateway_schema"

_FOLDER = Path(__file__).parent / "alembic"
# Two migrations at once would both find the old version. SQLite's BEGIN IMMEDIATE does the same.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(7370608)")


class SchemaState(StrEnum):
    """How the schema of a database compares with what this program needs."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    EMPTY = "empty"


class SchemaError(GatewayError):
    """The schema is not the one that this program needs, or could not be made so."""

    code = "dependency_unavailable"


def schema_state(url: str) -> SchemaState:
    """Compare a database with the migrations of this program."""
    address, dialect = read_url(url)
    if dialect is Dialect.SQLITE and not Path(str(address.database)).exists():
        return SchemaState.EMPTY  # looking must not make a file
    engine = build_engine(address, dialect, connections=1, read_only=True)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            found = context.get_current_revision()
    except SQLAlchemyError as error:
        # At a start an operator reads it, who wants to know what the database says.
        raise SchemaError(f"the database cannot be used: {_reason(error)}") from error
    finally:
        engine.dispose()
    return _compare(found)


def _reason(error: SQLAlchemyError) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(origin).strip().splitlines()[0]


def require_current(url: str) -> None:
    """Raise `SchemaError` with advice unless the schema is current."""
    state = schema_state(url)
    if state is SchemaState.AHEAD:
        raise SchemaError(
            "the database was made by a newer version of this program",
            advice="Start that version, or restore the backup made before the migration.",
        )
    if state is not SchemaState.CURRENT:
        raise SchemaError(
            f"the database schema is {state}", advice="Run `peppol-gateway migrate` once."
        )


def migrate(url: str, *, backup: bool) -> Path | None:
    """Migrate to the newest schema; returns the path of the backup if one was made.

    Only SQLite is backed up here; PostgreSQL has its own means for that.
    """
    state = schema_state(url)
    if state is SchemaState.AHEAD:
        require_current(url)
    if state is SchemaState.CURRENT:
        return None
    address, dialect = read_url(url)
    copy = None
    if backup and dialect is Dialect.SQLITE and state is SchemaState.BEHIND:
        copy = _back_up(Path(str(address.database)))
    if dialect is Dialect.SQLITE and state is SchemaState.EMPTY:
        _make_private(Path(str(address.database)))
    engine = build_engine(address, dialect, connections=1)
    try:
        with engine.begin() as connection:
            if dialect is Dialect.POSTGRESQL:
                connection.execute(_LOCK)
            config = _config()
            config.attributes["connection"] = connection
            config.attributes["version_table"] = VERSION_TABLE
            command.upgrade(config, "head")
    except (SQLAlchemyError, CommandError) as error:
        raise SchemaError("the database could not be migrated; it is as it was") from error
    finally:
        engine.dispose()
    return copy


def _compare(found: str | None) -> SchemaState:
    if found is None:
        return SchemaState.EMPTY
    script = ScriptDirectory.from_config(_config())
    if found == script.get_current_head():
        return SchemaState.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState.BEHIND if found in known else SchemaState.AHEAD


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _make_private(database: Path) -> None:
    """Make the file ourselves: SQLite would let everybody on this machine read it."""
    try:
        database.touch(mode=0o600)
    except OSError as error:
        raise SchemaError(
            "the database file cannot be made", advice="Make its folder, and let us write there."
        ) from error


def _back_up(database: Path) -> Path:
    """Copy a database that may be in use, page by page and consistent, beside itself."""
    number = 1
    while (copy := database.with_name(f"{database.name}.backup-{number}")).exists():
        number += 1
    _make_private(copy)
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise database_error(error) from error
    except OSError as error:
        raise storage_error(error) from error
    return copy
