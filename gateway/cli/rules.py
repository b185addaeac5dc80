# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules`: the rule sets that documents are judged by."""

from __future__ import annotations

import click

from gateway.cli.rules_change import remove, use
from gateway.cli.rules_dry_run import dry_run
from gateway.cli.rules_install import install
from gateway.cli.rules_list import list_rules
from gateway.cli.rules_test import test


@click.group("rules")
def command() -> None:
    """Install rule sets, choose among them, and try them on documents."""


for each in (install, list_rules, use, remove, dry_run, test):
    command.add_command(each)
