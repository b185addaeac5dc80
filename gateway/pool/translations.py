# SPDX-License-Identifier: Apache-2.0
"""Translated rules on disk, so that a process starts with them instead of making them again.

They are code. So they are kept as Python keeps its own compiled files: in a folder of this user
that nobody else can write to; anything else there is left alone and made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

from gateway import schematron

_DIGEST_BYTES = 32
_NOWHERE = "/nonexistent"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Translations:
    """Implements `gateway.ubl.Kept` over a folder, by default one in the user's cache."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _cache_folder()
        program_digest()  # of the files as they are while this process loads them

    def get(self, key: str) -> bytes | None:
        """What was kept under a key for this very program, whole."""
        try:
            kept = self._file(key).read_bytes() if _is_ours(self._folder) else b""
        except OSError:
            return None
        digest, data = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        # Damaged code is not for the interpreter: it might not survive it.
        return data if hashlib.sha256(data).digest() == digest else None

    def put(self, key: str, data: bytes) -> None:
        """Keep a translation, whole or not at all. A full or read-only disk is no error."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_ours(self._folder):
                return
            handle, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            Path(name).replace(self._file(key))
            for older in self._folder.glob(f"{key[:32]}-*"):
                if older != self._file(key):
                    older.unlink()

    def _file(self, key: str) -> Path:
        return self._folder / f"{key[:32]}-{program_digest()[:16]}"


def _cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    if not home:
        with contextlib.suppress(RuntimeError):  # a user without a home, as in some containers
            home = str(Path.home() / ".cache")
    return Path(home or _NOWHERE) / "peppol-gateway" / "rules"


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & _OTHERS_MAY_WRITE
    )


@cache
def program_digest() -> str:
    """A digest of the translator and of what reads its output: of all files of the room."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(Path(schematron.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
