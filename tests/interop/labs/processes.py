# SPDX-License-Identifier: Apache-2.0
"""The lab's programs as processes: servers that say when they are ready, tools that print lines."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import IO, Any

from tests.interop.labs.building import Lab
from tests.interop.labs.jdk import JDK

READY_SECONDS = 90.0
# A process that lives for one message is quicker without the optimising compiler.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_STOP_SECONDS = 20.0
_TAIL = 4000


class LabProcessError(AssertionError):
    """A program of the lab ended or was silent when it should have spoken."""


@dataclass(frozen=True, slots=True)
class LabProcess:
    """A server that is ready; `ready` is what it said."""

    pid: int
    ready: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.ready["url"])


@contextmanager
def starting(
    lab: Lab,
    command: str,
    *arguments: object,
    memory: str = "1g",
    jdk: JDK | None = None,
    java_options: Sequence[str] = (),
) -> Iterator[LabProcess]:
    """A server of the lab, up while the block runs. Raises `LabProcessError`."""
    line = command_line(lab, command, arguments, memory=memory, jdk=jdk, java_options=java_options)
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=said, encoding="utf-8")
        try:
            yield LabProcess(process.pid, _ready(process, said))
        finally:
            _end(process)


def run_lines(
    lab: Lab,
    command: str,
    *arguments: object,
    memory: str = "1g",
    jdk: JDK | None = None,
    seconds: float = 300,
    java_options: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """The JSON lines that a tool of the lab prints until it ends. Raises `LabProcessError`."""
    line = command_line(lab, command, arguments, memory=memory, jdk=jdk, java_options=java_options)
    done = subprocess.run(line, capture_output=True, text=True, timeout=seconds, check=False)
    lines = [json.loads(text) for text in done.stdout.splitlines() if text.startswith("{")]
    if not lines:
        raise LabProcessError(f"{lab.name} {command} said nothing: {done.stderr[-_TAIL:]}")
    return lines


def command_line(
    lab: Lab,
    command: str,
    arguments: Sequence[object],
    *,
    memory: str,
    jdk: JDK | None,
    java_options: Sequence[str],
) -> list[str]:
    """How a program of the lab is started; by its own JDK where no other is given."""
    java = (jdk or lab.jdk).java
    options = (f"-Xmx{memory}", *java_options)
    return [str(java), *options, "-jar", str(lab.jar), command, *map(str, arguments)]


def _ready(process: subprocess.Popen[str], said: IO[str]) -> dict[str, Any]:
    assert process.stdout is not None
    patience = Timer(READY_SECONDS, process.kill)
    patience.start()
    line = process.stdout.readline()
    patience.cancel()
    if not line:
        process.wait(_STOP_SECONDS)
        said.seek(0)
        raise LabProcessError(f"it ended with {process.returncode}: {said.read()[-_TAIL:]}")
    ready: dict[str, Any] = json.loads(line)
    return ready


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(OSError):
        assert process.stdout is not None
        process.stdout.close()
