# SPDX-License-Identifier: Apache-2.0
"""A virtual environment for each peer, made once and kept under `build/peers`.

What is in it is named to the last version in `tests/interop/peers/NAME.txt`; when that file or the
Python changes, the environment is made anew. Where pip cannot install, the tests are skipped.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).with_name("peers")
_ENVIRONMENTS = Path(__file__).resolve().parents[2] / "build/peers"
_STAMP = ".complete"
_INSTALL_SECONDS = 240
_FOREIGN = ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def environment_of(name: str) -> Path:
    """The Python of this peer's environment, made now if need be; skips where it cannot be."""
    requirements = PROGRAMS / f"{name}.txt"
    folder = _ENVIRONMENTS / name
    python = folder / "bin/python"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / _STAMP
    with _alone(name):
        if not python.exists() or not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=clean())
            _install(name, python, requirements)
            stamp.write_text(wanted)
    return python


def clean() -> dict[str, str]:
    """Our environment variables without those that are about our own Python, or about proxies."""
    kept = (
        (name, value)
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.lower().endswith("_proxy")
    )
    return {**dict(kept), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _install(name: str, python: Path, requirements: Path) -> None:
    proxies = {n: v for n, v in os.environ.items() if n.lower().endswith("_proxy")}
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    command = [str(python), "-m", "pip", "install", *quiet, "--only-binary", ":all:"]
    try:
        done = subprocess.run(
            [*command, "--requirement", str(requirements)],
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            env={**clean(), **proxies},
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip could not install the peer {name} in {_INSTALL_SECONDS} seconds")
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2]
        pytest.skip(f"pip could not install the peer {name} (is there a network?): {why}")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One test process at a time makes an environment; the others wait for it."""
    _ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with (_ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
