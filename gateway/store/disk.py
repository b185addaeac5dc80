# SPDX-License-Identifier: Apache-2.0
"""Puts the data of an open file on disk, in the words of each system."""

from __future__ import annotations

import os
import sys

if sys.platform == "darwin":  # its fsync stops at the drive's own memory, and it has no fdatasync
    import fcntl

    def sync_data(descriptor: int) -> None:
        """Return when the data is durable."""
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

else:

    def sync_data(descriptor: int) -> None:
        """Return when the data is durable."""
        os.fdatasync(descriptor)
