# SPDX-License-Identifier: Apache-2.0
"""Writes files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

OWNER_ONLY = 0o600


def write_private(file: Path, data: bytes) -> None:
    """Write a private key; the file is never readable for others, not even for a moment."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as target:
        target.write(data)
    fresh.replace(file)
