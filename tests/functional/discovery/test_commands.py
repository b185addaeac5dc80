# SPDX-License-Identifier: Apache-2.0
"""The commands `participants` and `lookup` against an SMP and a name server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.pki import Role
from gateway.sandbox.pki import make_pki
from tests.discovery_builders import INVOICE, RECEIVER, ZONE
from tests.functional.discovery.commands import run_command, write_settings
from tests.functional.discovery.network import AP_URL, PASSWORD, USER, StartSMP, Zone


@dataclass
class Place:
    """A settings file and what is around it."""

    config: Path
    zone: Zone
    nameserver: str
    smp_url: str

    async def run(self, *arguments: str) -> Result:
        return await run_command(*arguments, smp_password=PASSWORD)


@pytest.fixture
async def place(
    tmp_path: Path, start_smp: StartSMP, zone: tuple[Zone, str]
) -> AsyncIterator[Place]:
    now = datetime.now(UTC)
    pki = make_pki(now, crl_base_url="http://127.0.0.1:9")
    leaf = pki.issue(Role.AP, "POP000111", at=now)
    running = await start_smp(leaf=pki.issue(Role.SMP, "POP000111", at=now), trust=pki, at=now)
    answers, nameserver = zone
    config = write_settings(
        tmp_path,
        pki,
        leaf,
        nameserver=nameserver,
        public_url=AP_URL,
        smp_url=running.url,
        smp_user=USER,
    )
    return Place(config=config, zone=answers, nameserver=nameserver, smp_url=running.url)


async def test_added_looked_up_removed(place: Place) -> None:
    config = ("--config", str(place.config))
    added = await place.run(
        "participants", "add", "0106:12345678", *config, "--organisation", "Acme", "--country", "NL"
    )
    assert added.output == "0106:12345678 is served and published with 4 document types.\n"
    place.zone.register(RECEIVER, place.smp_url)

    listed = await place.run("participants", "list", *config, "--json")
    entry = json.loads(listed.output)
    assert (entry["participant"], entry["organisation_name"]) == ("0106:12345678", "Acme")
    assert len(entry["document_types"]) == 4
    assert "SI-UBL 2.0 Credit Note" in (await place.run("participants", "list", *config)).output

    looked_up = await place.run("lookup", "0106:12345678", *config, "--json")
    report = json.loads(looked_up.output)
    assert looked_up.exit_code == 0
    assert report["outcome"] == "reachable"
    assert {kind["outcome"] for kind in report["document_types"]} == {"reachable"}
    tree = (await place.run("lookup", "0106:12345678", *config)).output
    for words in ("NAPTR", "signature valid", "Peppol BIS Billing 3 Invoice", AP_URL, "POP000111"):
        assert words in tree

    one = await place.run("lookup", "0106:12345678", *config, "--document-type", INVOICE.uri)
    assert one.exit_code == 0

    assert (await place.run("participants", "publish", *config)).output.startswith("1 ")
    removed = await place.run("participants", "remove", "0106:12345678", *config)
    assert removed.output == "0106:12345678 is served no more.\n"
    gone = await place.run("lookup", "0106:12345678", *config)
    assert gone.exit_code == 1
    assert "unknown_to_smp" in gone.output


async def test_a_name_server_given_beside_the_settings_is_the_one_asked(place: Place) -> None:
    deaf = place.config.with_name("deaf.toml")
    text = place.config.read_text().replace(place.nameserver, "127.0.0.1:9")
    await asyncio.to_thread(deaf.write_text, text)
    config = ("--config", str(deaf))
    named = (*config, "--nameserver", place.nameserver, "--json")
    result = await place.run("lookup", "0106:12345678", *named)
    assert json.loads(result.output)["cause"] == "nxdomain"
    twice = await place.run("lookup", "0106:12345678", *config, "--zone", ZONE)
    assert twice.exit_code == 2
    assert "--zone is told by --config" in twice.output


async def test_a_lookup_without_a_settings_file(place: Place, tmp_path: Path) -> None:
    options = (
        *("--zone", ZONE, "--nameserver", place.nameserver, "--json"),
        *("--roots", str(tmp_path / "pki/root.pem")),
        *("--ap-issuers", str(tmp_path / "pki/ap-ca.pem")),
        *("--smp-issuers", str(tmp_path / "pki/smp-ca.pem")),
    )
    result = await place.run("lookup", "0106:12345678", *options)
    assert result.exit_code == 1
    assert json.loads(result.output)["cause"] == "nxdomain"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lookup", "12345678"), "not a participant"),
        (("lookup", "0106:12345678"), "--roots"),
    ],
)
async def test_what_is_refused(arguments: tuple[str, ...], words: str) -> None:
    result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert result.exit_code != 0
    assert words in result.output
