# SPDX-License-Identifier: Apache-2.0
"""Stored bytes: small ones in their row, large ones in files under keys of our own making.

A file is written, put on disk, renamed and its folder put on disk before anything names it; what
no row names after some time is an orphan of a crash and is swept.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from gateway.service.errors import StoreUnavailableError
from gateway.service.ports import Spool
from gateway.service.records import Content
from gateway.store.disk import sync_data
from gateway.store.failures import storage_error
from gateway.store.spools import PIECE, FileSpool, write_all

MAX_INLINE = 200_000  # bytes; measured: above it a file is faster than a blob
_TRIAL_BYTES = 4096  # one block: less might fit into a full disk
THREADS = 4  # files of one group reach the disk side by side

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}")

T = TypeVar("T")


class Payloads:
    """Implements `PayloadStore` in a local folder."""

    def __init__(self, folder: Path, *, inline: int = MAX_INLINE) -> None:
        self._folder = folder
        self._unfinished = folder / "unfinished"
        self._inline = inline
        try:
            self._unfinished.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise storage_error(error) from error
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store-payload")

    def spool(self) -> FileSpool:
        """Make a new place to write bytes whose size is not known yet."""
        return FileSpool(self._unfinished)

    async def keep(self, spool: Spool, *, gzip: bool) -> Content:
        """Keep a finished spool: inline up to the limit, else as a durable file."""
        if not isinstance(spool, FileSpool):
            raise TypeError("a spool comes from `spool()`")
        size, digest = spool.size, spool.sha256
        if size <= self._inline:
            data = b"".join(spool.chunks())
            spool.discard()
            return Content(size=size, sha256=digest, gzip=gzip, inline=data)
        key = await self._in_thread(lambda: self._keep_file(spool))
        return Content(size=size, sha256=digest, gzip=gzip, key=key)

    def chunks(self, content: Content) -> Iterator[bytes]:
        """Read stored bytes in pieces; blocks, so large ones belong in a thread."""
        if content.inline is not None:
            for start in range(0, len(content.inline), PIECE):
                yield content.inline[start : start + PIECE]
            return
        path = self._path(content)
        try:
            with path.open("rb", buffering=0) as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise storage_error(error) from error

    async def delete(self, content: Content) -> None:
        """Forget stored bytes; those in a row go with the row."""
        if content.key is not None:
            path = self._path(content)
            await self._in_thread(lambda: path.unlink(missing_ok=True))

    async def old_keys(self, *, older_than: float) -> list[str]:
        """List keys of files last written before a moment (seconds since 1970)."""
        return await self._in_thread(lambda: list(self._old(older_than)))

    async def sweep(self, *, older_than: float, orphans: Collection[str]) -> int:
        """Delete orphans, and what unfinished spools of dead processes left behind."""

        def work() -> int:
            count = 0
            paths = [self._folder / key for key in orphans if _KEY.fullmatch(key)]
            paths += [path for path in self._unfinished.iterdir() if _is_older(path, older_than)]
            for path in paths:
                with suppress(OSError):
                    path.unlink()
                    count += 1
            return count

        return await self._in_thread(work)

    async def write_trial(self) -> None:
        """Write a small file and delete it. Raises `StorageFullError`, `StoreUnavailableError`."""

        def work() -> None:
            path = self._unfinished / f"trial-{secrets.token_hex(8)}"
            try:
                path.write_bytes(bytes(_TRIAL_BYTES))
            except OSError as error:
                raise storage_error(error) from error
            finally:
                with suppress(OSError):
                    path.unlink(missing_ok=True)

        await self._in_thread(work)

    def close(self) -> None:
        """Finish what is being written."""
        self._threads.shutdown(wait=True)

    def _path(self, content: Content) -> Path:
        # A key is never taken from outside; this keeps a mistake inside the folder all the same.
        if content.key is None or not _KEY.fullmatch(content.key):
            raise StoreUnavailableError("the content was not loaded with its document")
        return self._folder / content.key

    def _keep_file(self, spool: FileSpool) -> str:
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name[2:4]}/{name}"
        target = self._folder / key
        temporary = spool.path or self._unfinished / name
        try:
            if spool.path is None:
                _write_file(temporary, spool)
            _sync(temporary, sync_data)
            made = _make_folders(target.parent, self._folder)
            temporary.rename(target)
            for folder in made:
                _sync(folder, os.fsync)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise storage_error(error) from error
        finally:
            spool.discard()
        return key

    def _old(self, older_than: float) -> list[str]:
        found = []
        for path in self._folder.glob("??/??/*"):
            key = path.relative_to(self._folder).as_posix()
            if _KEY.fullmatch(key) and _is_older(path, older_than):
                found.append(key)
        return found

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _write_file(path: Path, spool: FileSpool) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        for piece in spool.chunks():
            write_all(file, piece)
    finally:
        os.close(file)


def _make_folders(folder: Path, top: Path) -> list[Path]:
    """Make a folder under `top`; returns the folders whose entries changed, the new file's first.

    A folder that another thread made a moment ago may not be on disk yet, so all are synced.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [folder, folder.parent, top]


def _sync(path: Path, sync: Callable[[int], None]) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sync(file)
    finally:
        os.close(file)


def _is_older(path: Path, moment: float) -> bool:
    with suppress(OSError):
        return path.stat().st_mtime < moment
    return False
