# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway check-config`: read a settings file and say everything that is wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway import app, settings
from gateway.cli import stop
from gateway.cli.configuration import config_option


@click.command("check-config")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the faults.")
def command(config: Path, *, as_json: bool) -> None:
    """Check the settings, the files that they name and the environment; start nothing.

    Exit status 0: the settings can be used. 1: every fault is printed.
    """
    try:
        loaded = _checked(config)
    except settings.SettingsError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"valid": False, "faults": list(error.faults)}))
        stop(1)
    roles = sorted(loaded.roles)
    if as_json:
        found = {"valid": True, "faults": [], "network": loaded.network.network, "roles": roles}
        click.echo(json.dumps(found))
    else:
        click.echo(f"{config}: network {loaded.network.network}, roles {', '.join(roles)}: fine")


def _checked(config: Path) -> settings.Settings:
    """The settings, whose files were opened and judged too. Raises `SettingsError`."""
    loaded = settings.load(config)
    if faults := app.faults(loaded, at=datetime.now(UTC)):
        raise settings.SettingsError(config, list(faults))
    return loaded
