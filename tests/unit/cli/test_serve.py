# SPDX-License-Identifier: Apache-2.0
"""`serve`: roles are words with commas between."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.serve import ROLES
from gateway.sandbox.layout import open_folder


def test_unknown_roles_are_refused(tmp_path: Path) -> None:
    given = ["serve", "--config", str(tmp_path / "x.toml"), "--roles", "as4,cook"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 2
    assert "cook" in done.output


def test_a_role_that_the_settings_have_no_place_for_is_refused(tmp_path: Path) -> None:
    for name in ("root.pem", "ap.pem", "smp.pem"):
        (tmp_path / name).write_text("any\n")
    config = tmp_path / "x.toml"
    config.write_text(
        '[network]\nnetwork = "sandbox"\nzone = "sml.example."\nroots = ["root.pem"]\n'
        'ap_issuers = ["ap.pem"]\nsmp_issuers = ["smp.pem"]\n'
        '[smp]\nmanagement_url = "http://127.0.0.1:1"\n'
    )
    for chosen in (["--roles", "smp"], []):
        done = CliRunner().invoke(main, ["serve", "--config", str(config), *chosen])
        assert done.exit_code == 2
        assert "no place" in done.output


@pytest.mark.parametrize("roles", [",".join(ROLES), "smp", " as4 , api "])
def test_settings_are_read_first(tmp_path: Path, roles: str) -> None:
    given = ["serve", "--config", str(tmp_path / "x.toml"), "--roles", roles]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 1
    assert "cannot be read" in done.output


def test_a_key_of_somebody_else_stops_the_start_in_words(tmp_path: Path) -> None:
    network = open_folder(tmp_path / "net", at=datetime.now(UTC))
    file = network.settings_file("ap1")
    file.write_text(file.read_text().replace('key = "key.pem"', 'key = "../ap2/key.pem"'))
    done = CliRunner().invoke(main, ["serve", "--config", str(file)])
    assert done.exit_code == 1
    assert "[as4] key: the private key does not belong to the certificate" in done.output
