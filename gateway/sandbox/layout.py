# SPDX-License-Identifier: Apache-2.0
"""Lays a sandbox out in a folder: certificates, keys, ports, settings; or finds it as it was.

A folder that was finished is never written to again by this module. One that was left half laid
out (the program was killed) is laid out anew; one that holds anything else is refused.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from gateway.pki import Role, load_certificate
from gateway.sandbox import ports
from gateway.sandbox.network import (
    LAYOUT,
    LOCK_FILE,
    NETWORK_FILE,
    PORT_NAMES,
    SMP_PARTY,
    SMP_USER,
    ZONE,
    AccessPoint,
    Network,
    SandboxFolderError,
)
from gateway.sandbox.pki import IssuedLeaf, LocalPKI, make_pki
from gateway.sandbox.private_files import write_private

Settings: TypeAlias = Mapping[str, Mapping[str, "str | int | bool | list[str]"]]

UNFINISHED = "unfinished"  # lies in the folder while it is being laid out
TRUSTED = {
    "roots": ["../trust/root.pem"],
    "ap_issuers": ["../trust/ap-ca.pem"],
    "smp_issuers": ["../trust/smp-ca.pem"],
}


def open_folder(folder: Path, *, at: datetime, port_base: int | None = None) -> Network:
    """Find the sandbox in `folder`, or lay one out there.

    Raises `SandboxFolderError` for a folder with something else in it, `PortTakenError` when a
    port of the sandbox belongs to another program.
    """
    folder = folder.resolve()
    if (folder / NETWORK_FILE).exists():
        network = Network.load(folder)
        ports.check_ports(network.ports)
        _refuse_expired(network, at)
        return network
    if folder.exists():
        others = {entry.name for entry in folder.iterdir()} - {LOCK_FILE}
        if others and UNFINISHED not in others:
            raise SandboxFolderError(
                f"{folder} is not empty and holds no sandbox",
                advice="Choose an empty folder or one that does not exist yet.",
            )
    return _lay_out(folder, at=at, port_base=port_base)


def _lay_out(folder: Path, *, at: datetime, port_base: int | None) -> Network:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    chosen = ports.choose_ports(PORT_NAMES, base=port_base)
    network = Network(folder=folder, zone=ZONE, ports=chosen)
    for name in ("pki", "trust", "logs", "dns", "smp", "ap1", "ap2"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    pki = make_pki(at, crl_base_url=network.url("crl"))
    pki.save(folder / "pki")
    _write_trust(network, pki)
    _write_leaf(network, "smp", pki.issue(Role.SMP, str(SMP_PARTY), at=at))
    write_private(folder / "smp" / "password", f"{secrets.token_urlsafe(24)}\n".encode())
    _write_settings(network.settings_file("smp"), smp_settings(network))
    for access_point in network.access_points:
        leaf = pki.issue(Role.AP, str(access_point.party_id), at=at)
        _write_leaf(network, access_point.name, leaf)
        settings = access_point_settings(network, access_point)
        _write_settings(network.settings_file(access_point.name), settings)
    stored = {"layout": LAYOUT, "zone": network.zone, "ports": dict(chosen)}
    write_private(folder / NETWORK_FILE, f"{json.dumps(stored, indent=2)}\n".encode())
    (folder / UNFINISHED).unlink()
    return network


def _refuse_expired(network: Network, at: datetime) -> None:
    names = ("smp", *(access_point.name for access_point in network.access_points))
    files = [*(network.certificate_file(name) for name in names), *network.trust_files.values()]
    if any(load_certificate(file.read_bytes()).not_after <= at for file in files):
        raise SandboxFolderError(
            f"the certificates in {network.folder} have expired", advice="Delete the folder."
        )


def _write_trust(network: Network, pki: LocalPKI) -> None:
    files = network.trust_files
    files["root"].write_bytes(pki.trust(Role.AP).roots[0].pem)
    files["ap-ca"].write_bytes(pki.trust(Role.AP).issuers[0].pem)
    files["smp-ca"].write_bytes(pki.trust(Role.SMP).issuers[0].pem)


def _write_leaf(network: Network, name: str, leaf: IssuedLeaf) -> None:
    write_private(network.key_file(name), leaf.key_pem)
    network.certificate_file(name).write_bytes(leaf.certificate_pem)


def _network_settings(network: Network) -> dict[str, str | int | bool | list[str]]:
    return {
        "network": "sandbox",
        "zone": network.zone,
        "nameserver": network.dns,
        "crl_hosts": [network.url("crl").removeprefix("http://")],
        "unknown_revocation": "refuse",
        **TRUSTED,
    }


def smp_settings(network: Network) -> Settings:
    """What the TOML file of the SMP says."""
    return {
        "network": _network_settings(network),
        "smp": {
            "listen": network.smp_url.removeprefix("http://"),
            "public_url": network.smp_url,
            "key": "key.pem",
            "certificate": "cert.pem",
            "database": "sqlite:///smp.db",
            "user": SMP_USER,
            "password_file": "password",
        },
        "log": {"level": "info"},
    }


def access_point_settings(network: Network, access_point: AccessPoint) -> Settings:
    """What the TOML file of an access point says."""
    as4, api = network.url(f"{access_point.name}-as4"), network.url(f"{access_point.name}-api")
    return {
        "network": _network_settings(network),
        "as4": {
            "listen": as4.removeprefix("http://"),
            "public_url": f"{as4}/as4",
            "host": f"{access_point.name}.sandbox.example",
            "key": "key.pem",
            "certificate": "cert.pem",
        },
        "smp": {
            "management_url": network.smp_url,
            "user": SMP_USER,
            "password_file": "../smp/password",
        },
        "api": {"listen": api.removeprefix("http://"), "public_url": api},
        "store": {"database": "sqlite:///gateway.db", "payloads": "payloads"},
        "log": {"level": "info"},
    }


def _write_settings(file: Path, settings: Settings) -> None:
    lines = ["# Written by `peppol-gateway sandbox`; yours to change after that."]
    for section, values in settings.items():
        lines += ["", f"[{section}]"]
        # What JSON writes of text, numbers, truth values and lists of text is TOML as well.
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
