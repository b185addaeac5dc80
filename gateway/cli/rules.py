# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules`: the rule sets that documents are judged by."""

from __future__ import annotations

import click

from gateway.cli.rules_test import test


@click.group("rules")
def command() -> None:
    """Look after rule sets, and try them on folders of documents."""


command.add_command(test)
