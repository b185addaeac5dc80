# SPDX-License-Identifier: Apache-2.0
"""Identifiers of ours: `doc_` and 26 characters of Crockford base 32, ordered by time."""

from __future__ import annotations

import os
import threading
import time
import uuid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 80


class TimeOrderedIds:
    """The one maker of identifiers; within a process every one is greater than the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def prefixed(self, prefix: str) -> str:
        """48 bits of milliseconds and 80 random ones, as text behind the prefix."""
        fresh = (time.time_ns() // 1_000_000) << _RANDOM_BITS | int.from_bytes(os.urandom(10))
        with self._lock:
            self._last = max(fresh, self._last + 1)
            number = self._last
        digits = [_ALPHABET[(number >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5)]
        return f"{prefix}_{''.join(digits)}"

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())
