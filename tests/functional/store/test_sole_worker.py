# SPDX-License-Identifier: Apache-2.0
"""Who may take leases of the dead for their own: the only worker of a SQLite database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.store import sole_worker

_HOLDER = """
import sys
from gateway.store import sole_worker
with sole_worker(sys.argv[1]) as alone:
    print(alone, flush=True)
    sys.stdin.read()
"""


def test_the_first_is_alone_and_the_second_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    with sole_worker(url) as first:
        assert first
        with sole_worker(url) as second:
            assert not second
    with sole_worker(url) as third:
        assert third


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        with sole_worker(url) as alone:
            assert not alone
        holder.kill()
        holder.wait()
        with sole_worker(url) as alone:
            assert alone


def test_on_a_server_nobody_is_alone() -> None:
    with sole_worker("postgresql://user@host/name") as alone:
        assert not alone
