# SPDX-License-Identifier: Apache-2.0
"""One supervisor a folder, and how the one before ended: two would fight over the ports."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gateway.sandbox.network import LOCK_FILE, SandboxFolderError


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[bool]:
    """Hold the folder; gives True when the supervisor before was killed and could not tidy up.

    Raises `SandboxFolderError` while another one holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, folder)
        killed_before = bool(os.read(descriptor, 1))
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        try:
            yield killed_before
        finally:
            os.ftruncate(descriptor, 0)  # only a killed process never comes here
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SandboxFolderError(
            f"a sandbox is running on {folder} already",
            advice="Stop it, or choose another --dir.",
        ) from error
