# SPDX-License-Identifier: Apache-2.0
"""`make run ONCE=1`: the tour ends by itself, and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(180)


def _tour(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "gateway", "run", "--once", "--dir", str(folder)),
            *("--large", "2", *more),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


def test_the_tour_shows_every_step_and_ends_well(tmp_path: Path) -> None:
    done = _tour(tmp_path / "net")
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("push", "lookup", "SBDH", "sign + encrypt", "transmit", "receipt", "inbox"):
        assert done.stdout.count(word) >= 4, word
    assert "The first invoice was delivered" in done.stdout
    assert "memory of ap1" in done.stdout
    assert "memory of ap2" in done.stdout
    again = _tour(tmp_path / "net")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_folder_that_cannot_be_used_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    done = _tour(tmp_path)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
