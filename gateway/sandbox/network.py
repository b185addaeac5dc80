# SPDX-License-Identifier: Apache-2.0
"""The sandbox as a value: its folder, zone, ports, access points and where each thing lies.

Everything here is read from the folder; `layout.py` writes it. The folder is the sandbox: moved
elsewhere it still works, deleted it is gone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.errors import Fault, GatewayError
from gateway.identifiers import ParticipantId, PartyId
from gateway.sandbox.ports import HOST

LAYOUT = 1  # grows when an old folder cannot be used any more
NETWORK_FILE = "network.json"
LOCK_FILE = "lock"
ZONE = "participant.sml.sandbox."
SMP_USER = "gateway"
SMP_PARTY = PartyId("POP000900")
PORT_NAMES = ("dns", "crl", "smp", "start", "ap1-api", "ap1-as4", "ap2-api", "ap2-as4")


class SandboxFolderError(GatewayError):
    """The folder cannot be used for a sandbox."""

    code = "sandbox_folder"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A participant of the sandbox: an organisation that exists nowhere."""

    id: ParticipantId
    name: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """One of the two access points and the participants that it serves."""

    name: str
    party_id: PartyId
    organisation: str
    participants: tuple[Served, ...]


# Numbers that no register gave out, as far as one can know: Dutch ones have no check digits, the
# Belgian one has the right ones (97 less the remainder of the first eight digits by 97).
ACCESS_POINTS = (
    AccessPoint(
        name="ap1",
        party_id=PartyId("POP000001"),
        organisation="Sandbox Administratie",
        participants=(
            Served(id=ParticipantId("0106:91000011"), name="Bakkerij De Proef", country="NL"),
            Served(id=ParticipantId("0106:91000022"), name="Timmerwerk Voorbeeld", country="NL"),
        ),
    ),
    AccessPoint(
        name="ap2",
        party_id=PartyId("POP000002"),
        organisation="Sandbox Boekhouding",
        participants=(
            Served(id=ParticipantId("0106:92000033"), name="Groothandel Toets", country="NL"),
            Served(id=ParticipantId("0208:0990000014"), name="Brouwerij Voorbeeld", country="BE"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One sandbox on disk."""

    folder: Path
    zone: str
    ports: Mapping[str, int]
    access_points: tuple[AccessPoint, ...] = ACCESS_POINTS

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a folder that was laid out before. Raises `SandboxFolderError`."""
        file = folder / NETWORK_FILE
        try:
            stored = json.loads(file.read_bytes())
            layout, ports = stored["layout"], stored["ports"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SandboxFolderError(f"{folder} holds no sandbox") from error
        if layout != LAYOUT or set(ports) != set(PORT_NAMES):
            raise SandboxFolderError(
                f"{folder} was laid out by another version of this program",
                advice="Delete the folder, or choose another --dir.",
            )
        return cls(folder=folder, zone=stored["zone"], ports=ports)

    def url(self, port: str) -> str:
        """The address of a part, without a path."""
        return f"http://{HOST}:{self.ports[port]}"

    @property
    def dns(self) -> str:
        """Where the name server listens."""
        return f"{HOST}:{self.ports['dns']}"

    @property
    def smp_url(self) -> str:
        """Where the SMP is read and, by its users, written."""
        return self.url("smp")

    @property
    def smp_user(self) -> str:
        """The user of the SMP that the access points publish as."""
        return SMP_USER

    def smp_password(self) -> str:
        """That user's password."""
        return (self.folder / "smp" / "password").read_text().strip()

    def settings_file(self, name: str) -> Path:
        """The TOML file of `smp`, `ap1` or `ap2`."""
        return self.folder / name / "gateway.toml"

    def certificate_file(self, name: str) -> Path:
        """The Peppol-shaped certificate of `smp`, `ap1` or `ap2`."""
        return self.folder / name / "cert.pem"

    def key_file(self, name: str) -> Path:
        """Its private key."""
        return self.folder / name / "key.pem"

    def api_key_file(self, name: str) -> Path:
        """The API key of an access point's organisation."""
        return self.folder / name / "api.key"

    def api_key(self, name: str) -> str:
        """That key, as text."""
        return self.api_key_file(name).read_text().strip()

    def log_file(self, name: str) -> Path:
        """What a process wrote to its standard output and error."""
        return self.folder / "logs" / f"{name}.log"

    @property
    def trust_files(self) -> dict[str, Path]:
        """The certificates that everybody here trusts: the root and one issuing CA a role."""
        return {name: self.folder / "trust" / f"{name}.pem" for name in ("root", "ap-ca", "smp-ca")}

    def access_point_of(self, participant: ParticipantId) -> AccessPoint:
        """The access point that serves this participant."""
        for access_point in self.access_points:
            if any(served.id == participant for served in access_point.participants):
                return access_point
        raise SandboxFolderError(f"{participant} is not served in this sandbox")
