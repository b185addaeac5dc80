# SPDX-License-Identifier: Apache-2.0
"""The state file: what a test needs to drive a running sandbox, as one JSON object.

It holds API keys, so only its owner may read it, and it is replaced whole at each change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.sandbox.network import AccessPoint, Network
from gateway.sandbox.private_files import write_private


def describe(network: Network, *, pid: Callable[[str], int]) -> dict[str, Any]:
    """The sandbox as the state file shows it."""
    return {
        "dns": network.dns,
        "zone": network.zone,
        "smp": network.smp_url,
        "crl": network.url("crl"),
        "access_points": [
            _describe_access_point(network, one, pid=pid(one.name)) for one in network.access_points
        ],
        "trust": [str(file) for file in network.trust_files.values()],
        "start_page": network.url("start"),
        "folder": str(network.folder),
        "processes": {name: pid(name) for name in ("dns", "crl", "smp")},
    }


def _describe_access_point(network: Network, one: AccessPoint, *, pid: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "party_id": str(one.party_id),
        "api_url": network.url(f"{one.name}-api"),
        "api_key": network.api_key(one.name),
        "as4_url": f"{network.url(f'{one.name}-as4')}/as4",
        "participants": [str(served.id) for served in one.participants],
        "certificate": str(network.certificate_file(one.name)),
        "pid": pid,
    }


def write_state(file: Path, state: dict[str, Any]) -> None:
    """Replace the state file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, f"{json.dumps(state, indent=2)}\n".encode())
