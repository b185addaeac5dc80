# SPDX-License-Identifier: Apache-2.0
"""Builds the lab's programs with Maven: once, until their sources change, outside the checkout.

They are kept in the user's cache folder, or where the environment variable
`PEPPOL_GATEWAY_LABS` says.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.labs.jdk import JDK, LEAST, find_jdk

ENVIRONMENT_VARIABLE = "PEPPOL_GATEWAY_LABS"
_SOURCES = Path(__file__).resolve().parents[4] / "shared/interop"
_BUILD_SECONDS = 240.0  # less than a test may take; `python -m tests.interop.labs` waits longer
_BUILD_PROPERTY = "${lab.build}"
_STAMP = ".complete"
_FAILED = ".failed"
_FAILED_SECONDS = 600.0  # for so long nobody tries again, or a run without a network takes for ever
_OFFLINE = ("Could not transfer", "Could not resolve", "Unknown host", "Connection", "timed out")


class LabMissingError(Exception):
    """The lab cannot run here; the text says what is missing and what to install."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A program that is built."""

    name: str
    jar: Path
    jdk: JDK

    def version(self, artefact: str) -> str:
        """The version of a library in it, by the name of its jar."""
        named = re.compile(rf"{re.escape(artefact)}-(\d.*)\.jar")
        found = [named.fullmatch(one.name) for one in sorted((self.jar.parent / "lib").iterdir())]
        return next(one[1] for one in found if one)


def lab_folder(name: str = "") -> Path:
    """The lab's own files. Raises `LabMissingError`."""
    folder = _SOURCES / name
    if not folder.is_dir():
        raise LabMissingError("the interoperability lab ../shared/interop is not beside us")
    return folder


class LabBrokenError(Exception):
    """Maven ran and could not build the program: a fault of its sources, not of the machine."""


def built(name: str, *, seconds: float = _BUILD_SECONDS) -> Lab:
    """The program of this name, built now if need be.

    Raises `LabMissingError`; `LabBrokenError` when its sources cannot be built.
    """
    source = lab_folder(name)
    jdk, maven = find_jdk(), shutil.which("mvn")
    if jdk is None:
        raise LabMissingError(f"no JDK {LEAST} or newer (Debian: apt install default-jdk-headless)")
    if maven is None:
        raise LabMissingError("no Maven (Debian: apt install maven)")
    folder = _cache() / name
    wanted = _fingerprint(source, jdk)
    stamp = folder / _STAMP
    with _alone(name):
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            _refuse_again(folder)
            shutil.rmtree(folder, ignore_errors=True)
            _package(maven, jdk, source, folder, seconds)
            stamp.write_text(wanted, "utf-8")
    return Lab(name, next(folder.rglob(f"{name}-lab.jar")), jdk)


def _cache() -> Path:
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "peppol-gateway/labs"


def _fingerprint(source: Path, jdk: JDK) -> str:
    digest = hashlib.sha256(str(jdk).encode())
    for file in (source / "pom.xml", *sorted((source / "src").rglob("*"))):
        if file.is_file():
            digest.update(f"{file.relative_to(source)} ".encode() + file.read_bytes())
    return digest.hexdigest()


def _refuse_again(folder: Path) -> None:
    failed = folder / _FAILED
    if failed.exists() and time.time() - failed.stat().st_mtime < _FAILED_SECONDS:
        raise LabMissingError(failed.read_text("utf-8"))


def _missing(folder: Path, why: str) -> LabMissingError:
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath(_FAILED).write_text(why, "utf-8")
    return LabMissingError(why)


def _package(maven: str, jdk: JDK, source: Path, folder: Path, seconds: float) -> None:
    if _BUILD_PROPERTY not in source.joinpath("pom.xml").read_text("utf-8"):
        # A program that builds beside its sources only: it gets a copy of them.
        source = shutil.copytree(source, folder / "source", copy_function=shutil.copy)
    try:
        done = subprocess.run(
            [maven, "-q", "-B", "package", f"-Dlab.build={folder}"],
            cwd=source,
            env={**os.environ, "JAVA_HOME": str(jdk.home)},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        why = f"Maven could not build {source.name} in {seconds:.0f} s"
        raise _missing(folder, why) from error
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if "ERROR" in line]
        why = f"Maven could not build {source.name}: {said[0] if said else done.returncode}"
        if any(word in done.stdout for word in _OFFLINE):
            raise _missing(folder, f"{why} (is there a network?)")
        raise LabBrokenError(why)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time builds a program; the others wait for it."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
