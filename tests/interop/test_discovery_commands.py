# SPDX-License-Identifier: Apache-2.0
"""The commands `participants` and `lookup` with phoss SMP 8.0.11 as the SMP of the settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from gateway.identifiers import ParticipantId
from tests.functional.discovery.commands import run_command, write_settings
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
        given = (*arguments, "--config", str(self.config))
        return await run_command(*given, smp_password=self.smp.account.password)


@pytest.fixture
def commands(tmp_path: Path, network: Network, finder: Finder, phoss: SMP) -> Commands:
    config = write_settings(
        tmp_path,
        network.pki,
        network.our_leaf,
        nameserver=finder.nameserver,
        public_url=AP_URL,
        smp_url=phoss.url,
        smp_user=phoss.account.user,
    )
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
