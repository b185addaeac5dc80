# SPDX-License-Identifier: Apache-2.0
"""Published artefacts on this machine: a folder, a file with its neighbours, a zip or jar.

Archives come from outside, so names are checked before anything is read, nothing is unpacked to
disk, and only files of rules, schemas and examples are read, each and all together within bounds.
"""

from __future__ import annotations

import lzma
import os
import posixpath
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import ubl

MAX_ARCHIVE = 256 << 20  # bytes; the largest jar of rules has 5 MB
MAX_ENTRIES = 50_000  # names in a folder or archive; a checkout of EN 16931 has 3,000
MAX_FILE = 32 << 20  # bytes of one file; the largest stylesheet has 1.2 MB
MAX_READ = 512 << 20  # bytes of all files together
_ENDINGS = (".xslt", ".xsl", ".sch", ".xsd", ".xml")
_ZIPS = (".zip", ".jar")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)
_INCLUDE = re.compile(rb"<(?:\w+:)?include\s[^>]*?href\s*=\s*[\"']([^\"']+)[\"']")


@contextmanager
def open_bundle(path: Path) -> Iterator[ubl.Bundle]:
    """What lies at a path. Raises `PackError` for an archive that is refused, `OSError`."""
    if path.is_dir():
        yield _Folder(path, _below(path)).bundle(path.resolve().name)
    elif path.suffix.lower() in _ZIPS:
        with _archive(path) as archive:
            yield _Archive(archive, path.name).bundle()
    elif path.suffix.lower() in _ENDINGS:
        yield _Folder(path.parent, _around(path)).bundle(path.name)
    else:
        raise ubl.PackError(
            f"{path.name} is no file of rules",
            advice=f"Taken are {', '.join((*_ENDINGS[:4], *_ZIPS))}, and folders of them.",
        )


class _Meter:
    """Counts what was read of a bundle."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._read = 0

    def add(self, path: str, data: bytes) -> bytes:
        """The bytes, if they are within the bounds. Raises `PackError`."""
        self._read += len(data)
        if len(data) > MAX_FILE or self._read > MAX_READ:
            raise ubl.PackError(
                f"{path[:200]} in {self._name} is too large, or all of its files are together",
                advice=f"A file may have {MAX_FILE >> 20} MB, all together {MAX_READ >> 20} MB.",
            )
        return data


class _Folder:
    def __init__(self, folder: Path, paths: list[str]) -> None:
        self._folder = folder
        self._paths = paths
        self._meter = _Meter(folder.name)

    def bundle(self, name: str) -> ubl.Bundle:
        return ubl.Bundle(name=name, paths=self._paths, read=self._read)

    def _read(self, path: str) -> bytes:
        with (self._folder / path).open("rb") as file:
            return self._meter.add(path, file.read(MAX_FILE + 1))


class _Archive:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._meter = _Meter(name)
        self._kept: dict[str, bytes] = {}

    def bundle(self) -> ubl.Bundle:
        found = self._archive.infolist()
        if len(found) > MAX_ENTRIES:
            raise ubl.PackError(f"{self._name} holds more than {MAX_ENTRIES} files")
        names = [one.filename for one in found if not one.is_dir()]
        wrong = [one.filename for one in found if not _is_plain(one)]
        if wrong or len(set(names)) != len(names):
            what = wrong[0] if wrong else "one file twice"
            raise ubl.PackError(
                f"{self._name} holds {what[:200]!r}, which no honest archive does",
                advice="Fetch the archive again, from its publisher.",
            )
        wanted = [name for name in names if name.lower().endswith(_ENDINGS)]
        return ubl.Bundle(name=self._name, paths=sorted(wanted), read=self._read)

    def _read(self, path: str) -> bytes:
        if path not in self._kept:
            try:
                with self._archive.open(path) as file:
                    data = self._meter.add(path, file.read(MAX_FILE + 1))
            except _BROKEN as error:
                raise ubl.PackError(f"{path[:200]} in {self._name} cannot be read") from error
            self._kept[path] = data
        return self._kept[path]


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    if path.stat().st_size > MAX_ARCHIVE:
        raise ubl.PackError(f"{path.name} is larger than {MAX_ARCHIVE >> 20} MB")
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ubl.PackError(
            f"{path.name} is no zip archive, or a broken one", advice="Fetch it again."
        ) from error
    with archive:
        yield archive


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """A file or folder below, not a link, not encrypted, no way out (CWE-22)."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    is_file = kind in (0, stat.S_IFREG, stat.S_IFDIR)
    leads_out = name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/")
    return is_file and not leads_out and not entry.flag_bits & 1


def _below(folder: Path) -> list[str]:
    """Files below a folder that are of any use; links are not followed."""
    found, seen = [], 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        seen += len(names)
        if seen > MAX_ENTRIES:
            raise ubl.PackError(f"{folder} holds more than {MAX_ENTRIES} files")
        for name in names:
            path = Path(base, name)
            if name.lower().endswith(_ENDINGS) and path.is_file() and not path.is_symlink():
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def _around(file: Path) -> list[str]:
    """A file, those beside it, and what they include from below."""
    found = {
        one.name for one in file.parent.iterdir() if one.name.lower().endswith(_ENDINGS[:4])
    } | {file.name}
    waiting = [name for name in found if name.lower().endswith(".sch")]
    while waiting and len(found) < MAX_ENTRIES:
        path = waiting.pop()
        data = (file.parent / path).read_bytes()[: MAX_FILE + 1]
        for href in _INCLUDE.findall(data):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), href.decode()))
            if name not in found and not name.startswith("..") and (file.parent / name).is_file():
                found.add(name)
                waiting.append(name)
    return sorted(found)
