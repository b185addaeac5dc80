# SPDX-License-Identifier: Apache-2.0
"""`serve`: roles are words with commas between."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.serve import ROLES


def test_unknown_roles_are_refused(tmp_path: Path) -> None:
    given = ["serve", "--config", str(tmp_path / "x.toml"), "--roles", "as4,cook"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 2
    assert "cook" in done.output


@pytest.mark.parametrize("roles", [",".join(ROLES), "smp", " as4 , api "])
def test_settings_are_read_first(tmp_path: Path, roles: str) -> None:
    given = ["serve", "--config", str(tmp_path / "x.toml"), "--roles", roles]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 1
    assert "cannot be read" in done.output
