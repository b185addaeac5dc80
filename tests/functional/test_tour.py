# SPDX-License-Identifier: Apache-2.0
"""`make run ONCE=1`: the tour ends by itself; a second start finds everything as it was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.net.rest_client import RESTClient
from gateway.sandbox.network import NETWORK_FILE
from tests.functional.sandbox_process import running_sandbox

pytestmark = pytest.mark.timeout(180)

STEPS = ("push", "validate", "lookup", "SBDH", "sign + encrypt", "transmit", "receipt", "inbox")


@dataclass(frozen=True)
class Tour:
    """A tour that ended, and its folder."""

    folder: Path
    done: subprocess.CompletedProcess[str]


def _run(folder: Path) -> Tour:
    command = [sys.executable, "-m", "gateway", "run", "--once", "--large", "2"]
    done = subprocess.run(
        [*command, "--dir", str(folder)], capture_output=True, text=True, check=False
    )
    return Tour(folder, done)


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    return _run(tmp_path_factory.mktemp("tour") / "net")


def _kept(folder: Path) -> dict[str, bytes]:
    """What a second start must not touch: settings, keys, certificates, ports."""
    names = ("gateway.toml", "key.pem", "cert.pem", "api.key", "password", NETWORK_FILE)
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.name in names}


def test_the_tour_shows_every_step_and_ends_well(tour: Tour) -> None:
    said = tour.done.stdout
    assert tour.done.returncode == 0, said + tour.done.stderr
    for step in STEPS:
        lines = [line for line in said.splitlines() if line.startswith(f" {step} ")]
        assert len(lines) == 4, step
    assert "The first invoice was delivered" in said
    assert said.count("valid by org.simplerinvoicing:invoice:2.0.3-13") == 3
    assert said.count("valid by eu.peppol.bis3:invoice:2026.5") == 1
    assert "Refused: five-mistakes.xml, org.simplerinvoicing:invoice:2.0.3-13, 5 findings" in said
    for rule in ("BR-07", "BR-NL-3", "BR-CO-09", "BR-61", "BR-CO-16"):
        assert re.search(rf"^ {rule} +line \d+ ", said, re.MULTILINE), rule
    assert "memory of ap1" in said
    assert "memory of ap2" in said


def test_a_second_start_finds_everything_as_it_was(tour: Tour) -> None:
    before = _kept(tour.folder)
    with running_sandbox(tour.folder, tour.folder.parent / "state.json") as sandbox:
        assert _kept(tour.folder) == before
        pids = [one["pid"] for one in sandbox.state["access_points"]]
        ap1 = sandbox.access_point("ap1")
        with RESTClient(ap1["api_url"], ap1["api_key"]) as client:
            sent = client.get("/v1/documents", {"direction": "outbound"}).json()["data"]
        assert [document["state"] for document in sent] == ["transmitted"] * 3
        assert sandbox.stop() == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_folder_that_cannot_be_used_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    done = _run(tmp_path).done
    assert done.returncode == 1
    assert "is not empty" in done.stderr
