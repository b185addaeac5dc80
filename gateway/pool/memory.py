# SPDX-License-Identifier: Apache-2.0
"""How much memory a process holds: resident bytes, by the kernel's table (Linux)."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int | None) -> int | None:
    """Resident bytes of a process; `None` where that is not known here, or it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None
