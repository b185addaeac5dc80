# SPDX-License-Identifier: Apache-2.0
"""Readiness is honest: what cannot be written is not ready, and is again once it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.store import Store
from gateway.store import readiness as rules
from gateway.store.migrations import migrate
from gateway.store.payloads import Payloads


async def test_a_store_that_can_be_written_is_usable(store: Store) -> None:
    assert await store.usable() == {"database": True, "payloads": True}


async def test_a_payload_folder_that_is_gone_shows(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FRESH_SECONDS", 0.0)
    migrate(empty_url, backup=False)
    folder = tmp_path / "kept"
    store = Store.open(empty_url, payload_folder=folder)
    try:
        assert (await store.usable())["payloads"]
        assert list((folder / "unfinished").iterdir()) == [], "nothing is left behind"
        (folder / "unfinished").rename(folder / "moved")
        assert await store.usable() == {"database": True, "payloads": False}
        (folder / "moved").rename(folder / "unfinished")
        assert (await store.usable())["payloads"]
    finally:
        await store.close()


async def test_a_closed_database_is_not_usable(store: Store) -> None:
    await store._database._writer.close()
    assert await store.usable() == {"database": False, "payloads": True}


async def test_one_answer_serves_a_second(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Payloads] = []

    async def count(payloads: Payloads) -> None:
        tried.append(payloads)

    monkeypatch.setattr(Payloads, "write_trial", count)
    fresh = rules.Readiness(store._database, store.payloads)
    for _ in range(5):
        assert (await fresh.check())["payloads"]
    assert len(tried) == 1
