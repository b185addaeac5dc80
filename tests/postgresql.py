# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL for tests: one server for the whole run, one database for each test.

`PEPPOL_GATEWAY_TEST_POSTGRESQL` may name a server to use instead; its user must be allowed to make
databases. Without either the tests that ask for it are skipped and say what to install.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

VARIABLE = "PEPPOL_GATEWAY_TEST_POSTGRESQL"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server, without a database name."""
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    folder = _programs()
    if folder is None:
        pytest.skip(f"no PostgreSQL: install Debian's `postgresql`, or set {VARIABLE}")
    pytest.importorskip("psycopg", reason="install the extra `postgresql`")
    account = _account()
    home = Path(tempfile.mkdtemp(prefix="peppol-gateway-pg-"))
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)
    try:
        yield from _serve(folder, home, account.pw_name if account is not None else None)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The address of an empty database that is dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    server = sa.make_url(postgresql_server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(
        server.set(database=server.database or "postgres"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name, drivername="postgresql").render_as_string(
            hide_password=False
        )
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    which = shutil.which("postgres")
    if which is not None:
        found.append(Path(which).resolve())
    return next(
        (path.parent for path in reversed(found) if (path.parent / "initdb").exists()), None
    )


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; somebody else must do it then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no other account")


def _serve(folder: Path, home: Path, user: str | None) -> Iterator[str]:
    data = home / "data"

    def run(program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [folder / program, "-D", data, *arguments],
            check=True,
            user=user,
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    run("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    run("pg_ctl", "-w", "-o", options, "-l", home / "log", "start")
    try:
        yield f"postgresql://tester@/postgres?host={home}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
