# SPDX-License-Identifier: Apache-2.0
"""Tells a worker that it is the only one on its SQLite database, for as long as it runs.

On SQLite one process does all the work (docs/decisions/0002). While it holds the lock, a lease
that it finds at its start can only be that of a process that died. The system takes the lock back
at the end of a process, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gateway.store.dialects import Dialect, read_url
from gateway.store.failures import storage_error


@contextlib.contextmanager
def sole_worker(url: str) -> Iterator[bool]:
    """True while no other process works on this database; never on PostgreSQL.

    Raises `StoreUnavailableError` when the lock file cannot be made.
    """
    parsed, dialect = read_url(url)
    if dialect is not Dialect.SQLITE or not parsed.database:
        yield False
        return
    try:
        lock = os.open(f"{Path(parsed.database)}.worker", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise storage_error(error) from error
    try:
        yield _is_ours(lock)
    finally:
        os.close(lock)


def _is_ours(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
