# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway sandbox`: a Peppol network on this machine, until told to stop."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import click

from gateway.cli import stop
from gateway.sandbox.run import Options, run


def _say(line: str) -> None:
    """Print; who does not listen any more is no reason to stop."""
    with suppress(OSError):
        click.echo(line)


@click.command("sandbox")
@click.option(
    "--state",
    "state_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a JSON file here, once all is up, with every address and key.",
)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the network and keeps it; without it, a temporary one.",
)
@click.option(
    "--port-base",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Use ports N, N+1 and so on, the first time; without it, any that are free.",
)
def command(*, state_file: Path | None, folder: Path | None, port_base: int | None) -> None:
    """Run DNS, revocation lists, an SMP and two access points on loopback ports.

    With --dir, certificates, ports, keys and messages are found again as they were at the next
    start; without it all is gone at the end. A process that dies is started again.
    """
    with ExitStack() as until_the_end:
        if folder is None:
            made = tempfile.TemporaryDirectory(prefix="peppol-sandbox-", ignore_cleanup_errors=True)
            folder = Path(until_the_end.enter_context(made))
        if state_file is not None:
            state_file.unlink(missing_ok=True)  # its being there means that all is up
        options = Options(folder=folder, say=_say, state_file=state_file, port_base=port_base)
        status = asyncio.run(run(options))
    stop(status)
