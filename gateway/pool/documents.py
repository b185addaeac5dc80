# SPDX-License-Identifier: Apache-2.0
"""A document on its way to a worker: as bytes, or as a file if large, attachments set aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from gateway import ubl

LARGE = 1024 * 1024  # bytes; above, attachments are set aside, and what is left may be a file


class Parcel:
    """Gathers one document; `data` or `file` is what is left of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[bytes] = []
        self._size = 0
        self._cutter: ubl.AttachmentCutter | None = None
        self.file: Path | None = None

    @property
    def data(self) -> bytes:
        """The bytes, where there is no file."""
        return b"".join(self._pieces)

    @property
    def cuts(self) -> ubl.Cuts:
        """What was taken out of it."""
        return self._cutter.cuts if self._cutter is not None else ubl.Cuts()

    async def gather(self, document: AsyncIterable[bytes]) -> None:
        """Take all of the document. Raises `OSError` where the disk does not take it."""
        async for chunk in document:
            if self._cutter is None and self._size + len(chunk) <= LARGE:
                self._keep(chunk)
            else:
                await asyncio.to_thread(self._cut, chunk)
        if self._cutter is not None:
            await asyncio.to_thread(self._keep, self._cutter.close())

    def discard(self) -> None:
        """Throw it away."""
        self._pieces = []
        if self.file is not None:
            self.file.unlink(missing_ok=True)

    def _cut(self, chunk: bytes) -> None:
        if self._cutter is None:
            self._cutter = ubl.AttachmentCutter()
            begun = self.data
            self._pieces, self._size = [], 0
            self._keep(self._cutter.feed(begun))
        self._keep(self._cutter.feed(chunk))

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        self._pieces.append(piece)
        if self._size <= LARGE or self._cutter is None:
            return
        if self.file is None:
            with NamedTemporaryFile(dir=self._folder, suffix=".xml", delete=False) as made:
                self.file = Path(made.name)
        with self.file.open("ab") as file:
            file.writelines(self._pieces)
        self._pieces = []
