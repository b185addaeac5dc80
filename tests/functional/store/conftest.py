# SPDX-License-Identifier: Apache-2.0
"""A migrated store on each database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store import Store
from gateway.store.migrations import migrate
from tests.postgresql import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a database file that is not there yet."""
    return f"sqlite:///{tmp_path / 'gateway.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on each kind."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture
def url(empty_url: str) -> str:
    """The address of a migrated database, on each kind."""
    migrate(empty_url, backup=False)
    return empty_url


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store, on each kind."""
    store = Store.open(url, payload_folder=tmp_path / "payloads")
    yield store
    await store.close()
