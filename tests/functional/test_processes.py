# SPDX-License-Identifier: Apache-2.0
"""The supervisor with real processes: up, killed, up again on its port, gone with its parent."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.sandbox.ports import HOST, choose_ports
from gateway.sandbox.processes import ProcessFailedError, Program, Supervisor, environment


def _web_server(folder: Path, port: int) -> Program:
    return Program(
        name="web",
        module="http.server",
        arguments=(str(port), "--bind", HOST, "--directory", str(folder)),
        port=port,
        log_file=folder / "web.log",
        ready_path="/",
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def supervisor(said: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(say=said.append)
    yield supervisor
    await supervisor.stop()


def _status(port: int) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()


async def test_a_killed_process_is_started_again_on_its_port(
    tmp_path: Path, supervisor: Supervisor, said: list[str]
) -> None:
    port = choose_ports(["web"])["web"]
    await supervisor.start([_web_server(tmp_path, port)])
    first = supervisor.pid("web")
    again = asyncio.Event()
    supervisor.on_change(again.set)
    os.kill(first, signal.SIGKILL)
    await asyncio.wait_for(again.wait(), 30)
    assert supervisor.pid("web") != first
    assert supervisor.status() == [{"name": "web", "pid": supervisor.pid("web"), "restarts": 1}]
    assert await asyncio.to_thread(_status, port) == 200
    assert said == [
        f"web (process {first}) was ended by SIGKILL; starting it again",
        f"web is up again on port {port}, process {supervisor.pid('web')}",
    ]


async def test_a_process_that_cannot_start_is_an_error_with_its_words(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    with socket.socket() as held:
        held.bind((HOST, 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(ProcessFailedError, match="before it was up") as caught:
            await supervisor.start([_web_server(tmp_path, port)])
    assert "Address already in use" in caught.value.detail


async def test_stopping_leaves_nothing(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(say=said.append)
    port = choose_ports(["web"])["web"]
    await supervisor.start([_web_server(tmp_path, port)])
    pid = supervisor.pid("web")
    await supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert said == []


def test_a_process_ends_with_the_one_that_holds_its_leash(tmp_path: Path) -> None:
    port = choose_ports(["web"])["web"]
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gateway.sandbox.leash", str(reading)),
            *("http.server", str(port), "--bind", HOST, "--directory", str(tmp_path)),
        ],
        pass_fds=(reading,),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    os.close(reading)
    assert process.poll() is None
    os.close(writing)
    assert process.wait(20) != 0


def test_variables_of_the_caller_do_not_reach_the_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PEPPOL_GATEWAY_STORE_DATABASE", "sqlite:///elsewhere.db")
    assert not [name for name in environment() if name.startswith("PEPPOL_GATEWAY_")]
