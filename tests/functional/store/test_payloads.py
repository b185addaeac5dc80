# SPDX-License-Identifier: Apache-2.0
"""Large bytes: where they go, when they are durable, what a full disk and a crash leave."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.service.errors import StorageFullError, StoreUnavailableError
from gateway.service.lifecycle import Event
from gateway.service.records import Content
from gateway.store import Store
from gateway.store.payloads import MAX_INLINE, Payloads
from gateway.store.spools import IN_MEMORY, FileSpool
from tests.functional.store.builders import AT, OWNER, inbound, message, submission

ROOT = Path(__file__).resolve().parents[3]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def _kept(payloads: Payloads, data: bytes) -> Content:
    spool = payloads.spool()
    spool.write(data)
    return await payloads.keep(spool, gzip=True)


@pytest.mark.parametrize("size", [0, 1, MAX_INLINE, MAX_INLINE + 1, IN_MEMORY, IN_MEMORY + 1])
async def test_round_trip_at_every_boundary(tmp_path: Path, size: int) -> None:
    payloads = Payloads(tmp_path)
    data = os.urandom(size)
    content = await _kept(payloads, data)
    assert (content.size, content.gzip) == (size, True)
    assert content.sha256 == hashlib.sha256(data).hexdigest()
    assert (content.inline is None) == (size > MAX_INLINE) == (content.key is not None)
    assert b"".join(payloads.chunks(content)) == data
    assert len(_files(tmp_path)) == (1 if size > MAX_INLINE else 0)
    await payloads.delete(content)
    await payloads.delete(content)  # harmless
    assert _files(tmp_path) == []
    payloads.close()


async def test_files_are_ours_alone_and_in_shards(tmp_path: Path) -> None:
    payloads = Payloads(tmp_path)
    content = await _kept(payloads, b"x" * (MAX_INLINE + 1))
    assert content.key is not None
    first, second, name = content.key.split("/")
    assert name.startswith(first + second)
    path = tmp_path / content.key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_a_file_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of what the system is asked to do, at its seam."""
    calls: list[str] = []

    def watch(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object) -> object:
            calls.append(name)
            return real(*args)

        monkeypatch.setattr(os, name, call)

    payloads = Payloads(tmp_path)
    for name in ("write", "fdatasync", "fsync"):
        watch(name)
    rename = Path.rename

    def watched_rename(path: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", watched_rename)
    await _kept(payloads, b"x" * (MAX_INLINE + 1))
    assert calls == ["write", "fdatasync", "rename", "fsync", "fsync", "fsync"]


@pytest.mark.parametrize("key", ["../../etc/passwd", "ab/cd/x", "/etc/passwd", None])
def test_a_foreign_key_never_becomes_a_path(tmp_path: Path, key: str | None) -> None:
    content = Content(size=1, sha256="0" * 64, gzip=False, key=key)
    with pytest.raises(StoreUnavailableError):
        list(Payloads(tmp_path).chunks(content))


def test_a_missing_file(tmp_path: Path) -> None:
    key = f"ab/cd/abcd{'0' * 28}"
    with pytest.raises(StoreUnavailableError):
        list(Payloads(tmp_path).chunks(Content(size=1, sha256="0" * 64, gzip=False, key=key)))


def test_a_spool_that_is_thrown_away_leaves_nothing(tmp_path: Path) -> None:
    payloads = Payloads(tmp_path)
    spool = payloads.spool()
    spool.write(b"x" * IN_MEMORY)
    spool.write(b"y")
    assert len(_files(tmp_path)) == 1
    assert b"".join(spool.chunks(1000)) == b"x" * IN_MEMORY + b"y"
    spool.discard()
    spool.discard()
    assert _files(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_while_spooling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(file: int, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    spool = Payloads(tmp_path).spool()
    spool.write(b"x" * IN_MEMORY)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFullError):
        spool.write(b"one more")
    assert _files(tmp_path) == []


async def test_a_full_disk_while_keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = Payloads(tmp_path)
    spool = payloads.spool()
    spool.write(b"x" * (MAX_INLINE + 1))

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFullError):
        await payloads.keep(spool, gzip=False)
    assert _files(tmp_path) == []


def test_a_real_limit_of_the_system(tmp_path: Path) -> None:
    """The system's own refusal: files of this process may have two megabytes."""
    program = f"""
import resource, pathlib
from gateway.service.errors import StorageFullError
from gateway.store.payloads import Payloads
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
spool = Payloads(pathlib.Path({str(tmp_path)!r})).spool()
try:
    for _ in range(5):
        spool.write(b"x" * 1_000_000)
except StorageFullError as error:
    print(error.code, spool.path)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "dependency_unavailable None\n"
    assert _files(tmp_path) == []


def test_a_partial_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:100_000]))
    spool = FileSpool(tmp_path)
    data = os.urandom(IN_MEMORY + 5)
    spool.write(data)
    assert b"".join(spool.chunks()) == data
    spool.discard()


async def test_orphans_are_swept_by_age(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "payloads"
    kept = [await _kept(store.payloads, bytes([n]) * (MAX_INLINE + 1)) for n in range(5)]
    await store.inbound.accept(inbound(content=kept[0]))
    await store.submissions.submit(submission(content=kept[1]))
    await store.submissions.step("doc_out000001", Event.ENDPOINT_FOUND, at=AT)
    sent = message(body=kept[2], signed=kept[3])
    await store.submissions.start_attempt(sent, number=1, at=AT)
    (folder / "unfinished" / "left-behind").write_bytes(b"of a dead process")
    old = (AT - timedelta(days=2)).timestamp()
    for path in _files(folder):
        os.utime(path, (old, old))
    young = await _kept(store.payloads, b"y" * (MAX_INLINE + 1))

    removed = await store.housekeep(at=AT)

    assert removed["files"] == 2  # the fifth, which no row names, and what was left behind
    assert (await store.housekeep(at=AT + timedelta(hours=1)))["files"] == 0  # not so soon again
    left = {path.relative_to(folder).as_posix() for path in _files(folder)}
    assert left == {one.key for one in [*kept[:4], young]}


async def test_large_content_comes_back_through_its_document(store: Store) -> None:
    data = os.urandom(MAX_INLINE + 1)
    await store.inbound.accept(inbound(content=await _kept(store.payloads, data)))
    document = await store.documents.get("doc_in000001", organisation=OWNER)
    assert document is not None
    assert b"".join(store.payloads.chunks(document.content)) == data
