# SPDX-License-Identifier: Apache-2.0
"""The command as a whole: quick help, plain errors."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from gateway.cli import COMMANDS, main
from gateway.errors import GatewayError


def test_help_imports_no_subcommand() -> None:
    code = (
        "import sys; from gateway.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'aiohttp', 'lxml', 'sqlalchemy', 'cryptography', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


def test_an_unknown_command_is_named() -> None:
    done = CliRunner().invoke(main, ["fly"])
    assert done.exit_code == 2
    assert "There is no command 'fly'." in done.output


def test_version() -> None:
    assert "peppol-gateway, version" in CliRunner().invoke(main, ["--version"]).output


def test_a_foreseen_error_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise GatewayError("The disk is full.", advice="Make room.")

    module = importlib.import_module("gateway.cli.check_config")
    monkeypatch.setattr(module, "command", command)
    done = CliRunner().invoke(main, ["check-config"])
    assert done.exit_code == 1
    assert "Error: The disk is full.\nMake room." in done.output
    assert "Traceback" not in done.output
