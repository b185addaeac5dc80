# SPDX-License-Identifier: Apache-2.0
"""Programs of others around SMPs: phoss SMP, clients that look up, and management calls.

Sources of them all: the lab in `../shared/interop`. Each call starts a program and waits for it,
while our own side goes on.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.identifiers import DocumentTypeId
from gateway.sandbox.pki import IssuedLeaf
from tests.interop import labs
from tests.interop.labs import Lab, run_lines, starting
from tests.road import BILLING

FIRST_USER, FIRST_PASSWORD = "admin@helger.com", "password"  # as the lab sets it up
MANAGE = "phoss-smp/manage.py"
CLIENT, PHOSS_SMP, MANAGEMENT = "peppol-commons", "phoss-smp", "manage.py"
SENDERS = {"phase4": "phase4", "vefa-peppol": "oxalis"}  # who looks up: the program that does it


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where an SMP is written to, and as whom."""

    url: str
    user: str = FIRST_USER
    password: str = FIRST_PASSWORD


@dataclass(frozen=True, slots=True)
class SMP:
    """An SMP that runs, ours or another's, and the certificate that it signs with."""

    account: Account
    leaf: IssuedLeaf

    @property
    def url(self) -> str:
        """Where it is read."""
        return self.account.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Files that the programs read: whom they trust, and the peer's access point.

    `foreign_trust` is trust in the SMPs of another network. `sender` is the access point's key,
    `receiver` its certificate.
    """

    folder: Path
    smp_trust: Path
    foreign_trust: Path
    ap_trust: Path
    sender: Path
    receiver: Path


async def manage(account: Account, action: str, *arguments: object) -> list[dict[str, Any]]:
    """The calls that one action of `manage.py` made, with what came of each."""
    program = labs.lab_folder() / MANAGE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(program), "--base-url", account.url),
        *("--user", account.user, "--password", account.password),
        *(str(argument) for argument in arguments),
        action,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    calls = [json.loads(line) for line in output.splitlines()]
    assert (process.returncode == 0) == all(call["ok"] for call in calls), calls
    return calls


async def done(account: Account, action: str, *arguments: object) -> list[dict[str, Any]]:
    """The same; every call must have come out as it should."""
    calls = await manage(account, action, *arguments)
    assert calls
    assert [call for call in calls if not call["ok"]] == []
    return calls


@contextmanager
def phoss_smp(lab: Lab, folder: Path, *, trust: Path, leaf: IssuedLeaf) -> Iterator[SMP]:
    """A fresh phoss SMP with this certificate, up while the block runs."""
    folder.mkdir(parents=True)
    (folder / "smp.p12").write_bytes(labs.keystore(leaf, (), alias="smp"))
    stores = ("--keystore", folder / "smp.p12", "--truststore", trust)
    with starting(lab, "server", "--port", 0, "--data", folder / "data", *stores) as running:
        yield SMP(Account(url=running.url), leaf)


async def client_look_up(
    lab: Lab,
    smp_url: str,
    participant: str,
    document_type: DocumentTypeId,
    *,
    trust: Path,
) -> dict[str, Any]:
    """What the client of peppol-commons says of a participant, its signature verified."""
    (said,) = await asyncio.to_thread(
        run_lines,
        lab,
        "lookup",
        *("--smp-url", smp_url, "--participant", participant),
        *("--doctype", document_type.uri, "--truststore", trust),
        *("--process", BILLING.value),
        java_options=labs.SHORT_LIVED,
    )
    return said


@dataclass(frozen=True, slots=True)
class LookingSender:
    """An access point of others that asks an SMP for its receiver, then sends."""

    lab: Lab
    stores: Stores

    async def send(
        self,
        document: Path,
        *,
        smp_url: str,
        receiver: str,
        sender: str,
        document_type: DocumentTypeId,
        trust: Path | None = None,
    ) -> dict[str, Any]:
        """Look up, send if an endpoint was found, say what came of it."""
        (said,) = await asyncio.to_thread(
            run_lines,
            self.lab,
            "sender",
            *("--smp", smp_url, "--smp-truststore", trust or self.stores.smp_trust),
            *("--keystore", self.stores.sender, "--truststore", self.stores.ap_trust),
            *("--sender-id", sender, "--receiver-id", receiver, "--country", "NL"),
            *("--doctype", document_type.uri, "--process", BILLING.value),
            document,
            java_options=labs.SHORT_LIVED,
        )
        return said
