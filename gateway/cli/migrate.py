# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway migrate`: bring the database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

import click

from gateway import app, settings
from gateway.cli.configuration import config_option


@click.command("migrate")
@config_option
def command(config: Path) -> None:
    """Bring the database up to date; a database with something in it is backed up first.

    Stop the gateway before. Nothing is done when the database is up to date.
    """
    for line in app.migrate(settings.load(config)):
        click.echo(line)
