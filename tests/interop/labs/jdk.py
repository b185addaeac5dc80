# SPDX-License-Identifier: Apache-2.0
"""Finds the JDKs of a machine: the usual one, and the newest where that is another."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LEAST = 17
_PLACES = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines")
_VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class JDK:
    """One JDK; `version` is its feature release."""

    version: int
    home: Path

    @property
    def java(self) -> Path:
        return self.home / "bin/java"


@cache
def find_jdk() -> JDK | None:
    """The JDK to use: that of JAVA_HOME, of the PATH, else the oldest that is new enough."""
    usable = [one for one in _all() if one.version >= LEAST]
    chosen = [home for home in (_java_home(), _on_path()) if home]
    for one in usable:
        if one.home in chosen:
            return one
    return min(usable, default=None)


@cache
def newest_jdk() -> JDK | None:
    """The newest one; older ones take minutes to decrypt a large message."""
    return max((one for one in _all() if one.version >= LEAST), default=None)


def _all() -> Iterator[JDK]:
    homes = {home for home in (_java_home(), _on_path(), *_installed()) if home}
    for home in sorted(homes):
        release = home / "release"
        found = _VERSION.search(release.read_text("utf-8")) if release.exists() else None
        if found and (home / "bin/javac").exists():
            yield JDK(int(found[1]), home)


def _java_home() -> Path | None:
    named = os.environ.get("JAVA_HOME")
    return Path(named).resolve() if named else None


def _on_path() -> Path | None:
    java = shutil.which("java")
    return Path(java).resolve().parents[1] if java else None


def _installed() -> Iterator[Path]:
    for place in map(Path, _PLACES):
        for folder in place.iterdir() if place.is_dir() else ():
            home = folder / "Contents/Home"
            yield (home if home.is_dir() else folder).resolve()
