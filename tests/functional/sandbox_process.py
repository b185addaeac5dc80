# SPDX-License-Identifier: Apache-2.0
"""Starts `peppol-gateway sandbox` as a process and reads what it says, line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

END_SECONDS = 40


class SandboxProcess:
    """A running sandbox."""

    def __init__(self, folder: Path, state_file: Path, *more: str) -> None:
        self.state_file = state_file
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gateway", "sandbox", "--dir", str(folder)),
                *("--state", str(state_file), *more),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    @property
    def state(self) -> dict[str, Any]:
        """The state file as it is now."""
        return dict(json.loads(self.state_file.read_bytes()))

    def access_point(self, name: str) -> dict[str, Any]:
        """One access point as the state file shows it now."""
        return next(dict(one) for one in self.state["access_points"] if one["name"] == name)

    def wait_for(self, words: str) -> str:
        """Read on until a line has these words; fails with all lines if it never comes."""
        said = []
        for line in self._output:
            said.append(line)
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}:\n{''.join(said)}")

    def stop(self) -> int:
        """End it as an operator would; returns its exit status."""
        self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        """Wait for its end; returns its exit status."""
        try:
            return self.process.wait(END_SECONDS)
        finally:
            self._output.close()

    @property
    def _output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout


@contextmanager
def running_sandbox(folder: Path, state_file: Path) -> Iterator[SandboxProcess]:
    """A sandbox that is up, while the block runs."""
    sandbox = SandboxProcess(folder, state_file)
    try:
        sandbox.wait_for("Up: start page")
        yield sandbox
    finally:
        if sandbox.process.poll() is None:
            sandbox.stop()
