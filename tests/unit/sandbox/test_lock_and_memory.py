# SPDX-License-Identifier: Apache-2.0
"""One supervisor a folder; memory of other processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.sandbox import lock
from gateway.sandbox.memory import MemoryWatch, resident_bytes
from gateway.sandbox.network import LOCK_FILE, SandboxFolderError


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    with lock.hold(tmp_path):
        with pytest.raises(SandboxFolderError, match="is running"), lock.hold(tmp_path):
            pytest.fail("held twice")
        assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"
    with lock.hold(tmp_path) as killed_before:
        assert not killed_before


def test_a_killed_supervisor_leaves_its_mark(tmp_path: Path) -> None:
    (tmp_path / LOCK_FILE).write_text("4711\n")
    with lock.hold(tmp_path) as killed_before:
        assert killed_before


def test_an_error_is_no_kill(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock.hold(tmp_path):
        raise RuntimeError
    with lock.hold(tmp_path) as killed_before:
        assert not killed_before


def test_memory_of_a_process_is_known() -> None:
    assert resident_bytes(os.getpid()) > 1024 * 1024
    with MemoryWatch({"us": os.getpid()}) as watch:
        pass
    assert watch.growth["us"] >= 0


def test_memory_of_no_process_is_nothing() -> None:
    assert resident_bytes(2**22 + 1) == 0
