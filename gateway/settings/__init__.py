# SPDX-License-Identifier: Apache-2.0
"""The settings of one process: one TOML file, the environment for overrides and secrets.

`load` reads and checks all of it and names every fault at once; nothing else reads settings from
anywhere. Paths are relative to the file's folder. `PEPPOL_GATEWAY_<SECTION>_<KEY>` overrides a key.
Secrets stand in the environment or in files that only their owner can read, never in the TOML.
"""

from gateway.settings.loading import SettingsError, load
from gateway.settings.sections import (
    API,
    AS4,
    SMP,
    TLS,
    Log,
    Network,
    Rules,
    Settings,
    Store,
    Validation,
    WorkerSection,
    addresses,
)

__all__ = [
    "API",
    "AS4",
    "SMP",
    "TLS",
    "Log",
    "Network",
    "Rules",
    "Settings",
    "SettingsError",
    "Store",
    "Validation",
    "WorkerSection",
    "addresses",
    "load",
]
