# SPDX-License-Identifier: Apache-2.0
"""Bytes being gathered: in memory up to 1 MB, beyond that in a temporary file of ours."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gateway.store.failures import storage_error

IN_MEMORY = 1024 * 1024  # a message in flight may cost some 8 MB, and this is one of its parts
PIECE = 262144


class FileSpool:
    """Implements `Spool`. Used by one coroutine or thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[bytes] = []
        self._path: Path | None = None
        self._file = -1
        self._size = 0
        self._digest = hashlib.sha256()

    def __del__(self) -> None:
        """Leave no file behind when somebody forgot to discard."""
        self.discard()

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    @property
    def sha256(self) -> str:
        """Digest of the bytes written so far."""
        return self._digest.hexdigest()

    @property
    def path(self) -> Path | None:
        """Where the temporary file is, if there is one."""
        return self._path

    def write(self, chunk: bytes) -> None:
        """Append. Raises `StorageFullError`."""
        self._digest.update(chunk)
        self._size += len(chunk)
        if self._file < 0 and self._size <= IN_MEMORY:
            self._pieces.append(bytes(chunk))
            return
        try:
            if self._file < 0:
                self._move_to_file()
            write_all(self._file, chunk)
        except OSError as error:
            self.discard()
            raise storage_error(error) from error

    def chunks(self, size: int = PIECE) -> Iterator[bytes]:
        """Read all from the start."""
        if self._file < 0:
            data = b"".join(self._pieces)
            for start in range(0, len(data), size):
                yield data[start : start + size]
            return
        place = 0
        try:
            while piece := os.pread(self._file, size, place):
                place += len(piece)
                yield piece
        except OSError as error:
            raise storage_error(error) from error

    def discard(self) -> None:
        """Throw it away; harmless when that was done before, and after `keep`."""
        self._pieces = []
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    def _move_to_file(self) -> None:
        self._path = self._folder / secrets.token_hex(16)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        for piece in self._pieces:
            write_all(self._file, piece)
        self._pieces = []


def write_all(file: int, data: bytes) -> None:
    """Write every byte; the system may take fewer at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
