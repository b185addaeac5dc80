# SPDX-License-Identifier: Apache-2.0
"""The tables of the settings file, and the whole of it as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from gateway.networks import NetworkPreset


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not a field here is refused."""


class Network(_Section, frozen=True):
    """Which network this is part of; sandbox settings may fill in what the others fix."""

    network: Literal["sandbox", "test", "production"]
    zone: str | None = None
    nameserver: str | None = None
    roots: tuple[str, ...] = ()
    ap_issuers: tuple[str, ...] = ()
    smp_issuers: tuple[str, ...] = ()
    crl_hosts: tuple[str, ...] = ()
    unknown_revocation: Literal["refuse", "accept"] = "refuse"


class AS4(_Section, frozen=True):
    """The access point: where it listens, who it is."""

    public_url: str
    host: str
    key: str
    certificate: str
    listen: str | tuple[str, ...] = ()
    next_key: str | None = None
    next_certificate: str | None = None
    max_body_bytes: int = 100 * 1024 * 1024
    max_payload_bytes: int = 250 * 1024 * 1024
    max_in_flight: int = 64
    technical_contact: str = "mailto:postmaster@localhost"


class SMP(_Section, frozen=True):
    """The metadata publisher: its own role (listen, key, database), or the one we publish to."""

    listen: str | tuple[str, ...] = ()
    public_url: str | None = None
    key: str | None = None
    certificate: str | None = None
    database: str = "sqlite:///smp.db"
    user: str = "gateway"
    password: str | None = None
    password_file: str | None = None
    management_url: str | None = None


class API(_Section, frozen=True):
    """The REST interface."""

    listen: str | tuple[str, ...] = ()
    public_url: str | None = None
    max_document_bytes: int = 100 * 1024 * 1024
    max_in_flight: int = 256
    problem_base: str = "urn:peppol-gateway:problem:"  # until pages are published


class Rules(_Section, frozen=True):
    """Where the installed rule sets are, and whose were chosen: see `peppol-gateway rules`."""

    packs: str = "rules"


class Store(_Section, frozen=True):
    """Where messages are kept, and the revocation lists of earlier runs."""

    database: str = "sqlite:///gateway.db"
    payloads: str = "payloads"
    revocation: str = "revocation"


class WorkerSection(_Section, frozen=True):
    """How much is done at once."""

    concurrency: int = 16


class Validation(_Section, frozen=True):
    """How documents are judged; whose rules, `peppol-gateway rules use` says."""

    engine: Literal["fast", "saxon"] = "fast"
    workers: int | None = None  # processes; without it one less than there are cores
    time_limit_seconds: float = 60.0  # for one document
    memory_mb: int = 1000  # resident; a worker above it is replaced after its document
    shadow_percent: float = 1.0  # of accepted documents that the reference judges, too
    sync_validation_ms: int = 2000  # how long a request waits for the verdict
    deliver_invalid: Literal["flag", "reject"] = "flag"
    unknown_documents: Literal["refuse", "accept"] = "refuse"  # sent; received ones are accepted


class TLS(_Section, frozen=True):
    """Certificate of our own HTTPS listeners, or word that a proxy in front does TLS."""

    certificate: str | None = None
    key: str | None = None
    trusted_proxy: bool = False


class Log(_Section, frozen=True):
    """What is logged, as JSON lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class File(_Section, frozen=True):
    """The whole file."""

    network: Network
    as4: AS4 | None = None
    smp: SMP | None = None
    api: API | None = None
    store: Store = Store()
    rules: Rules = Rules()
    worker: WorkerSection = WorkerSection()
    validation: Validation = Validation()
    tls: TLS = TLS()
    log: Log = Log()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a process needs to know, checked as far as reading files can tell."""

    folder: Path
    preset: NetworkPreset
    network: Network
    as4: AS4 | None
    smp: SMP | None
    api: API | None
    store: Store
    rules: Rules
    worker: WorkerSection
    tls: TLS
    log: Log
    validation: Validation = field(default_factory=Validation)
    smp_password: str | None = None

    def path(self, name: str) -> Path:
        """A path of the file, relative to its folder."""
        return self.folder / name

    def url(self, database: str) -> str:
        """A database address; a relative SQLite file lies in the settings' folder."""
        prefix = "sqlite:///"
        if database.startswith(prefix) and not database.startswith(prefix + "/"):
            return f"{prefix}{self.folder / database.removeprefix(prefix)}"
        return database

    @property
    def zone(self) -> str:
        """The DNS zone of the network."""
        return self.network.zone or self.preset.zone

    @property
    def crl_hosts(self) -> tuple[str, ...]:
        """Hosts that revocation lists may be fetched from."""
        return self.network.crl_hosts or self.preset.crl_hosts

    @property
    def roles(self) -> frozenset[str]:
        """The roles that these settings have a place for."""
        found = {name for name in ("as4", "api", "smp") if listens(getattr(self, name))}
        return frozenset(found | ({"worker"} if self.as4 else set()))


def addresses(listen: str | tuple[str, ...]) -> tuple[str, ...]:
    """`listen` as a tuple of `host:port`."""
    return (listen,) if isinstance(listen, str) else listen


def listens(section: AS4 | SMP | API | None) -> bool:
    """Whether this role has an address of its own."""
    return section is not None and bool(addresses(section.listen))
