# SPDX-License-Identifier: Apache-2.0
"""The command `peppol-gateway`: one file per subcommand, imported when it is called.

`--help` imports none of them, so that it answers at once; the one-line texts stand here.
"""

from __future__ import annotations

import errno
import importlib
from typing import Any, NoReturn

import click

import gateway
from gateway.errors import GatewayError

COMMANDS = {
    "serve": "Run the gateway, or some of its roles, until told to stop.",
    "sandbox": "Run a whole Peppol network on this machine.",
    "run": "Run the sandbox and watch invoices travel through it.",
    "send": "Send documents through a gateway's REST interface.",
    "inbox": "List, fetch and acknowledge what was received.",
    "lookup": "Ask DNS and SMP what a participant can receive.",
    "inspect": "Take captured AS4 messages apart and judge them.",
    "validate": "Judge documents by schema and rules, offline.",
    "rules": "Install rule sets, choose among them, try them on documents.",
    "participants": "Add, remove and list the participants served here.",
    "migrate": "Bring the database up to date, after a backup.",
    "check-config": "Check a settings file without starting anything.",
    "keys": "Make keys and certificate requests, show certificates.",
    "api-keys": "Make, list and revoke API keys.",
}


# What goes wrong with files that the caller named; any other is a bug and keeps its traceback.
_OF_USERS_FILES = frozenset(
    {
        errno.ENOENT,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.ENAMETOOLONG,
    }
)


class ForeseenError(click.ClickException):
    """An error of ours as the command line shows it: a sentence and what to do next."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__("\n".join(filter(None, (error.detail, error.advice))))


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        word = cmd_name.replace("-", "_")
        found = importlib.import_module(f"gateway.cli.{word}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt name gets a plain answer without imports."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and say foreseen errors in one sentence."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            raise ForeseenError(error) from error
        except OSError as error:
            if error.errno not in _OF_USERS_FILES:
                raise
            file = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{file}{error.strerror}") from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(gateway.__version__, prog_name="peppol-gateway")
def main() -> None:
    """A Peppol access point: documents in and out by REST, between access points by AS4."""


def stop(status: int) -> NoReturn:
    """End the command with this exit status."""
    raise click.exceptions.Exit(status)
