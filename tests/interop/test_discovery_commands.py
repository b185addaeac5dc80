# SPDX-License-Identifier: Apache-2.0
"""The commands `participants` and `lookup` with phoss SMP 8.0.11 as the SMP of the settings."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.identifiers import ParticipantId
from gateway.sandbox.private_files import write_private
from gateway.store import migrate_database
from tests.discovery_builders import ZONE
from tests.interop.network import Network
from tests.interop.registering import AP_URL, Finder
from tests.interop.smp_peers import PHOSS_SMP, SMP

# The first test builds and starts the programs.
pytestmark = [
    pytest.mark.interop,
    pytest.mark.everything,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("phoss-smp"),
]

PARTICIPANT = "0106:40000001"


@dataclass(frozen=True, slots=True)
class Commands:
    """The program with one settings file."""

    config: Path
    smp: SMP

    async def run(self, *arguments: str) -> Result:
        environment = {"PEPPOL_GATEWAY_SMP_PASSWORD": self.smp.account.password, "COLUMNS": "200"}
        given = (*arguments, "--config", str(self.config))
        result = await asyncio.to_thread(CliRunner().invoke, main, given, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result


@pytest.fixture
def commands(tmp_path: Path, network: Network, finder: Finder, phoss: SMP) -> Commands:
    network.pki.save(tmp_path / "pki")
    write_private(tmp_path / "ap.key.pem", network.our_leaf.key_pem)
    (tmp_path / "ap.cert.pem").write_bytes(network.our_leaf.certificate_pem)
    config = tmp_path / "gateway.toml"
    config.write_text(
        f"""
        [network]
        network = "sandbox"
        zone = "{ZONE}"
        nameserver = "{finder.nameserver}"
        roots = ["pki/root.pem"]
        ap_issuers = ["pki/ap-ca.pem"]
        smp_issuers = ["pki/smp-ca.pem"]
        unknown_revocation = "accept"
        [as4]
        listen = "127.0.0.1:9"
        public_url = "{AP_URL}"
        host = "ap.example"
        key = "ap.key.pem"
        certificate = "ap.cert.pem"
        [smp]
        management_url = "{phoss.url}"
        user = "{phoss.account.user}"
        """,
        "utf-8",
    )
    migrate_database(f"sqlite:///{tmp_path}/gateway.db", backup=False)
    return Commands(config, phoss)


@pytest.mark.cell("added, looked up and removed by commands", way="management", peer=PHOSS_SMP)
async def test_added_looked_up_removed(commands: Commands, finder: Finder, phoss: SMP) -> None:
    acme = ("--organisation", "Acme", "--country", "NL")
    added = await commands.run("participants", "add", PARTICIPANT, *acme)
    assert added.output == f"{PARTICIPANT} is served and published with 4 document types.\n"
    finder.register(ParticipantId(PARTICIPANT), phoss)

    report = json.loads((await commands.run("lookup", PARTICIPANT, "--json")).output)
    assert report["outcome"] == "reachable"
    assert [kind["outcome"] for kind in report["document_types"]] == ["reachable"] * 4

    assert (await commands.run("participants", "publish")).exit_code == 0
    removed = await commands.run("participants", "remove", PARTICIPANT)
    assert removed.output == f"{PARTICIPANT} is served no more.\n"
    gone = await commands.run("lookup", PARTICIPANT)
    assert (gone.exit_code, "unknown_to_smp" in gone.output) == (1, True)
