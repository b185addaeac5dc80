# SPDX-License-Identifier: Apache-2.0
"""Database and file system errors -> our own errors. Foreign exceptions stop in this room."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DBAPIError

from gateway.errors import GatewayError
from gateway.service.errors import StorageFullError, StoreUnavailableError

# EFBIG is the file size limit of a process (ulimit -f), which fills up like a disk.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_POSTGRESQL_DISK_FULL = "53100"
_SQLITE_DISK_FULL = "database or disk is full"


def storage_error(error: OSError) -> GatewayError:
    """Say what a failed read or write of a file means."""
    if error.errno in NO_ROOM:
        return StorageFullError("the disk has no room", advice="Free space, then try again.")
    return StoreUnavailableError("a stored file cannot be read or written")


def database_error(error: Exception) -> GatewayError:
    """Say what a failed statement means."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if getattr(origin, "sqlstate", None) == _POSTGRESQL_DISK_FULL or _SQLITE_DISK_FULL in str(
        origin
    ):
        return StorageFullError(
            "the database's disk has no room", advice="Free space, then try again."
        )
    return StoreUnavailableError("the database cannot be used now")
