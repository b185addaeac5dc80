# SPDX-License-Identifier: Apache-2.0
"""The program's commands with one settings file: an access point, an SMP, a name server."""

from __future__ import annotations

import asyncio
from pathlib import Path

from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.sandbox.private_files import write_private
from gateway.store import migrate_database
from tests.discovery_builders import ZONE


def write_settings(
    folder: Path,
    pki: LocalPKI,
    leaf: IssuedLeaf,
    *,
    nameserver: str,
    public_url: str,
    smp_url: str,
    smp_user: str,
) -> Path:
    """Settings with all that they name, the database included."""
    pki.save(folder / "pki")
    write_private(folder / "ap.key.pem", leaf.key_pem)
    (folder / "ap.cert.pem").write_bytes(leaf.certificate_pem)
    config = folder / "gateway.toml"
    config.write_text(
        f"""
        [network]
        network = "sandbox"
        zone = "{ZONE}"
        nameserver = "{nameserver}"
        roots = ["pki/root.pem"]
        ap_issuers = ["pki/ap-ca.pem"]
        smp_issuers = ["pki/smp-ca.pem"]
        unknown_revocation = "accept"
        [as4]
        listen = "127.0.0.1:9001"
        public_url = "{public_url}"
        host = "ap.example"
        key = "ap.key.pem"
        certificate = "ap.cert.pem"
        [smp]
        management_url = "{smp_url}"
        user = "{smp_user}"
        """,
        "utf-8",
    )
    migrate_database(f"sqlite:///{folder}/gateway.db", backup=False)
    return config


async def run_command(*arguments: str, smp_password: str) -> Result:
    """Run a command in a thread: the SMP lives on this loop."""
    environment = {"PEPPOL_GATEWAY_SMP_PASSWORD": smp_password, "COLUMNS": "200"}
    result = await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result
