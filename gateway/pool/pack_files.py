# SPDX-License-Identifier: Apache-2.0
"""Writes to the folder of packs: a pack is there whole or not at all, also after a power cut."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway import ubl
from gateway.pool.folders import Folder

_LOCK = ".lock"


@contextmanager
def packs_locked(packs: Path) -> Iterator[None]:
    """One at a time changes the folder. Raises `PackError` while another one does."""
    packs.mkdir(parents=True, exist_ok=True)
    with (packs / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ubl.PackError(
                f"another command is changing the packs in {packs}",
                advice="Try again when it has ended.",
            ) from error
        yield


def write_pack(
    packs: Path,
    pack: ubl.Pack,
    files: Mapping[str, bytes],
    *,
    check: Callable[[Path], None] = lambda _: None,
) -> None:
    """Put a pack into the folder. `check` looks at its files before it counts.

    Raises `PackError` where there is one of that name, `OSError`, and what `check` raises.
    """
    target = packs / pack.alias
    if target.exists():
        raise ubl.PackError(f"there is a pack {pack.alias} already")
    new = Path(tempfile.mkdtemp(prefix=f".{pack.alias}-", dir=packs))
    try:
        for path, data in {**files, ubl.PACK_FILE: ubl.pack_page(pack)}.items():
            _write(new / path, data)
        check(new)
        new.chmod(0o755)
        for folder, _, _ in os.walk(new):
            _sync(Path(folder))
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _sync(packs)


def remove_pack(packs: Path, alias: str) -> None:
    """Take a pack away. It leaves under another name first, so that nobody sees half of one."""
    gone = Path(tempfile.mkdtemp(prefix=f".{alias}-", dir=packs))
    (packs / alias).rename(gone / alias)
    _sync(packs)
    shutil.rmtree(gone)


def choose_rules(packs: Path, kind: str, choice: str) -> None:
    """Write down whose rules judge documents of a kind. Raises `PackError`, `OSError`."""
    folder = Folder(packs)
    there = folder.has(ubl.CHOICES_FILE)
    choices = ubl.read_choices(folder.read(ubl.CHOICES_FILE)) if there else {}
    new = packs / f".{ubl.CHOICES_FILE}"
    _write(new, ubl.choices_page({**choices, kind: choice}))
    new.rename(packs / ubl.CHOICES_FILE)
    _sync(packs)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
