# SPDX-License-Identifier: Apache-2.0
"""`migrate` and `api-keys` on a database of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.sandbox.layout import open_folder
from tests.pki_fixtures import AT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return open_folder(tmp_path / "net", at=AT).settings_file("ap1")


def _call(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(config)])


def _keys(config: Path) -> list[dict[str, object]]:
    listed = _call(config, "api-keys", "list", "--json")
    assert listed.exit_code == 0, listed.output
    return [json.loads(line) for line in listed.output.splitlines()]


def test_migrating_twice_changes_nothing(config: Path) -> None:
    first, second = _call(config, "migrate"), _call(config, "migrate")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "up to date" in second.output


def test_serving_an_old_database_is_refused(config: Path) -> None:
    done = _call(config, "api-keys", "list")
    assert done.exit_code == 1
    assert "migrate" in done.output


def test_a_file_that_is_no_database_is_said(config: Path) -> None:
    (config.parent / "gateway.db").write_text("not a database, but long enough to be read as one")
    for command in ("serve", "migrate"):
        done = _call(config, command)
        assert done.exit_code == 1
        assert "the database cannot be used: file is not a database" in done.output


def test_a_key_is_made_listed_and_revoked(config: Path) -> None:
    _call(config, "migrate")
    made = _call(
        config,
        *("api-keys", "add", "--organisation", "org_one", "--organisation-name", "One"),
        *("--scope", "inbox:read", "--scope", "inbox:ack", "--json"),
    )
    assert made.exit_code == 0, made.output
    key = json.loads(made.output)
    assert key["key"].startswith("sk_test_")
    assert key["scopes"] == ["inbox:ack", "inbox:read"]
    (listed,) = _keys(config)
    assert "key" not in listed
    assert (listed["id"], listed["revoked_at"]) == (key["id"], None)
    assert _call(config, "api-keys", "revoke", key["id"]).exit_code == 0
    assert _keys(config)[0]["revoked_at"] is not None
    assert "revoked" in _call(config, "api-keys", "list").output


def test_what_does_not_exist_is_said(config: Path) -> None:
    _call(config, "migrate")
    nobody = _call(config, "api-keys", "add", "--organisation", "org_none")
    assert nobody.exit_code == 1
    assert "--organisation-name" in nobody.output
    unknown = _call(config, "api-keys", "revoke", "key_none")
    assert unknown.exit_code == 1
    assert "there is no key" in unknown.output
