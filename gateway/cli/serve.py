# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway serve`: run the gateway, or some of its roles, until told to stop."""

from __future__ import annotations

from pathlib import Path

import click

from gateway import app, settings
from gateway.cli.configuration import config_option

ROLES = ("as4", "api", "smp", "worker")


def read_roles(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> frozenset[str]:
    """Split `as4,api`; nothing given is nothing chosen."""
    wanted = frozenset(word.strip() for word in (text or "").split(",") if word.strip())
    if unknown := wanted - set(ROLES):
        raise click.BadParameter(
            f"{', '.join(sorted(unknown))}: choose from {', '.join(ROLES)}, with commas between."
        )
    return wanted


@click.command("serve")
@config_option
@click.option(
    "--roles",
    callback=read_roles,
    metavar="ROLE,…",
    help=f"Some of {', '.join(ROLES)}; without it, all that the settings have a place for.",
)
def command(config: Path, roles: frozenset[str]) -> None:
    """Serve until SIGTERM or SIGINT; what runs then comes to its end first."""
    loaded = settings.load(config)
    if missing := roles - loaded.roles:
        raise click.UsageError(
            f"the settings have no place for the role {' and '.join(sorted(missing))}: see `listen`"
        )
    if not loaded.roles:
        raise click.UsageError("the settings have no place for any role: name where to listen")
    if faults := app.faults(loaded, at=None):
        raise settings.SettingsError(config, list(faults))
    app.run(loaded, roles=roles or loaded.roles)
