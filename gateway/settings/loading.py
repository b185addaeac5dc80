# SPDX-License-Identifier: Apache-2.0
"""Reads the settings file and the environment into one checked value."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.errors import Fault, GatewayError
from gateway.networks import NETWORKS
from gateway.settings.checks import PREFIX, check, smp_password
from gateway.settings.sections import File, Settings


class SettingsError(GatewayError):
    """The settings cannot be used; `faults` has one sentence for each thing that is wrong."""

    code = "invalid_settings"
    fault = Fault.CALLER

    def __init__(self, file: Path, faults: list[str]) -> None:
        super().__init__("\n".join(f"{file}: {fault}" for fault in faults))
        self.faults = tuple(faults)


def load(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings. Raises `SettingsError` with every fault found."""
    environment = os.environ if environment is None else environment
    file = file.resolve()
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(file, [f"cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(file, [f"is not TOML: {error}"]) from error
    try:
        parsed = msgspec.convert(_overridden(raw, environment), File, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(file, [str(error)]) from error
    faults: list[str] = []
    settings = Settings(
        folder=file.parent,
        preset=NETWORKS[parsed.network.network],
        network=parsed.network,
        as4=parsed.as4,
        smp=parsed.smp,
        api=parsed.api,
        store=parsed.store,
        rules=parsed.rules,
        worker=parsed.worker,
        validation=parsed.validation,
        tls=parsed.tls,
        log=parsed.log,
        smp_password=smp_password(parsed.smp, file.parent, environment, faults),
    )
    check(settings, raw, faults)
    if faults:
        raise SettingsError(file, faults)
    return settings


# Keys that may hold several values; in the environment they stand with commas between.
_LISTS = frozenset({"listen", "roots", "ap_issuers", "smp_issuers", "crl_hosts"})


def _overridden(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The file's tables with the environment on top; `network = "…"` alone is a table too."""
    tables = {
        name: dict(table) if isinstance(table, dict) else table for name, table in raw.items()
    }
    if isinstance(tables.get("network"), str):
        tables["network"] = {"network": tables["network"]}
    sections = sorted((f.name for f in msgspec.structs.fields(File)), key=len, reverse=True)
    for name, value in environment.items():
        words = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and words != "smp_password":
            section = next((s for s in sections if words.startswith(f"{s}_")), None)
            if section is not None:
                table = tables.setdefault(section, {})
                if isinstance(table, dict):  # else the file is wrong, and is told so
                    key = words.removeprefix(f"{section}_")
                    table[key] = value.split(",") if key in _LISTS else value
    if "PEPPOL_GATEWAY_NETWORK" in environment:
        tables.setdefault("network", {})["network"] = environment["PEPPOL_GATEWAY_NETWORK"]
    return tables
