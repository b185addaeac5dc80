# SPDX-License-Identifier: Apache-2.0
"""Files that rules are read from and kept in, as this room sees them; its callers have them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as File
from typing import Protocol


class Files(Protocol):
    """A folder, read by somebody who may."""

    def read(self, path: str) -> bytes:
        """The bytes of a file below the folder. Raises `OSError`."""
        ...

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def file(self, path: str) -> File:
        """The file itself, for libraries that read schemas by name."""
        ...

    def folders(self) -> Iterable[str]:
        """Names of the folders directly below."""
        ...


class Kept(Protocol):
    """Translations of rules that outlive a process; to lose one costs time only."""

    def get(self, key: str) -> bytes | None:
        """What was kept under a key."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep something; quietly not where that cannot be done."""
        ...
