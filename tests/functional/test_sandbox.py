# SPDX-License-Identifier: Apache-2.0
"""A whole network on this machine: invoices both ways, a killed process, a second start."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rcode
import pytest
from click.testing import CliRunner

from gateway import smp
from gateway.cli import main
from gateway.identifiers import ParticipantId
from gateway.net.rest_client import RESTClient
from gateway.sandbox.invoices import Shipment, shipments
from gateway.sandbox.network import Network
from tests.functional.sandbox_process import SandboxProcess, running_sandbox

pytestmark = pytest.mark.timeout(180)

PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox") / "net"


@pytest.fixture(scope="module")
def sandbox(folder: Path) -> Iterator[SandboxProcess]:
    with running_sandbox(folder, folder.parent / "state.json") as running:
        yield running


def _environment(access_point: dict[str, Any]) -> dict[str, str]:
    return {
        "PEPPOL_GATEWAY_URL": access_point["api_url"],
        "PEPPOL_GATEWAY_KEY": access_point["api_key"],
    }


def _send(access_point: dict[str, Any], file: Path) -> dict[str, Any]:
    given = ["send", str(file), "--wait", "60", "--json"]
    done = CliRunner().invoke(main, given, env=_environment(access_point))
    return dict(json.loads(done.output))


def _fetch(access_point: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Fetch and acknowledge what waits; a received document is checked before it waits there."""
    given = ["inbox", "--fetch", str(folder), "--ack", "--json"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        done = CliRunner().invoke(main, given, env=_environment(access_point))
        assert done.exit_code == 0, done.output
        if done.output:
            return [dict(json.loads(line)) for line in done.output.splitlines()]
    return []


def _written(shipment: Shipment, file: Path) -> Path:
    with file.open("wb") as target:
        target.writelines(shipment.document)
    return file


def _small(folder: Path) -> list[Shipment]:
    network = Network.load(folder)
    return [one for one in shipments(network, large_bytes=0) if not one.large]


def test_the_state_file_says_how_to_drive_it(sandbox: SandboxProcess) -> None:
    state = sandbox.state
    assert set(state) >= {"dns", "zone", "smp", "crl", "access_points", "trust", "start_page"}
    assert sandbox.state_file.stat().st_mode & 0o077 == 0
    assert all(Path(file).is_file() for file in state["trust"])
    for one in state["access_points"]:
        assert set(one) >= {"name", "party_id", "api_url", "api_key", "as4_url", "participants"}
        assert Path(one["certificate"]).is_file()
        os.kill(one["pid"], 0)
        with RESTClient(one["api_url"], one["api_key"]) as client:
            assert client.get("/v1/me").json()["environment"] == "test"


def test_documents_travel_both_ways(sandbox: SandboxProcess, folder: Path, tmp_path: Path) -> None:
    for number, shipment in enumerate(_small(folder)):
        file = _written(shipment, tmp_path / f"{number}.xml")
        sent = _send(sandbox.access_point(shipment.sender_ap), file)
        assert sent["problem"] is None, sent
        assert sent["document"]["state"] == "transmitted", sent
        into = tmp_path / f"inbox-{number}"
        (received,) = _fetch(sandbox.access_point(shipment.receiver_ap), into)
        assert received["routing"] == {**sent["document"]["routing"], **received["routing"]}
        assert (into / f"{received['id']}.xml").read_bytes() == file.read_bytes().strip()
        assert received["acknowledgement"] == "acknowledged"


def test_every_participant_takes_both_kinds_of_document(sandbox: SandboxProcess) -> None:
    state = sandbox.state
    asking = state["access_points"][0]
    with RESTClient(asking["api_url"], asking["api_key"]) as client:
        for participant in (p for one in state["access_points"] for p in one["participants"]):
            found = client.post_json("/v1/lookups", {"participant": participant}).json()
            kinds = {
                entry["value"].partition("##")[0].rpartition("::")[2]
                for entry in (found["document_types"])
            }
            assert kinds == {"Invoice", "CreditNote"}
            assert len(found["document_types"]) == 4


def test_strangers_are_not_in_dns(sandbox: SandboxProcess) -> None:
    state = sandbox.state
    host, _, port = state["dns"].partition(":")
    name = smp.dns_name(ParticipantId("0106:99999999"), state["zone"])
    query = dns.message.make_query(name, "NAPTR")
    assert dns.query.udp(query, host, port=int(port), timeout=5).rcode() == dns.rcode.NXDOMAIN


def test_a_killed_access_point_comes_back(
    sandbox: SandboxProcess, folder: Path, tmp_path: Path
) -> None:
    before = sandbox.access_point("ap2")
    os.kill(before["pid"], signal.SIGKILL)
    sandbox.wait_for("ap2 is up again")
    after = sandbox.access_point("ap2")
    assert after["pid"] != before["pid"]
    assert {**after, "pid": 0} == {**before, "pid": 0}
    shipment = _small(folder)[0]
    sent = _send(sandbox.access_point("ap1"), _written(shipment, tmp_path / "again.xml"))
    assert sent["document"]["state"] == "transmitted"
    assert len(_fetch(after, tmp_path / "in")) == 1


def test_one_sandbox_a_folder(sandbox: SandboxProcess, folder: Path, tmp_path: Path) -> None:
    other = SandboxProcess(folder, tmp_path / "state.json")
    other.wait_for("is running on")
    assert other.ended() == 1
    assert not (tmp_path / "state.json").exists()
    assert sandbox.process.poll() is None
