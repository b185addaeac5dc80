# SPDX-License-Identifier: Apache-2.0
"""Folders of rules on this machine: the ones that ship with the product, and installed packs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PACKS_VARIABLE = "PEPPOL_GATEWAY_PACKS"
_PRODUCT = Path(__file__).resolve().parents[1]


class Folder:
    """Implements `gateway.ubl.Files`; a folder that is not there is an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, path: str) -> bytes:
        """The bytes of a file below. Raises `OSError`."""
        return self.file(path).read_bytes()

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return self.file(path).is_file()

    def file(self, path: str) -> Path:
        """A file below. Raises `FileNotFoundError` for a name that leads out of the folder."""
        if path.startswith("/") or ".." in path.split("/"):
            raise FileNotFoundError(f"{path!r} is not in the folder")
        return self._path / path

    def folders(self) -> Iterable[str]:
        """Names of the folders directly below, sorted."""
        if not self._path.is_dir():
            return []
        found = (one.name for one in self._path.iterdir() if one.is_dir())
        return sorted(name for name in found if not name.startswith("."))  # those are being written


def schemas_folder() -> Path:
    """Where the bundled rules are: in the wheel, or beside the package in a checkout."""
    packed = _PRODUCT / "_schemas"
    return packed if packed.is_dir() else _PRODUCT.parent / "schemas"


def examples_folder() -> Path:
    """Where the documents that ship with the product are; it may not be there."""
    packed = _PRODUCT / "_examples"
    return packed if packed.is_dir() else _PRODUCT.parent / "examples"


def packs_folder(data_folder: Path | None = None) -> Path:
    """Where installed packs are: by the environment, else `rules` in the data folder.

    Without a data folder that is the user's own (`XDG_DATA_HOME`).
    """
    if found := os.environ.get(PACKS_VARIABLE):
        return Path(found)
    if data_folder is not None:
        return data_folder / "rules"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "peppol-gateway" / "rules"
