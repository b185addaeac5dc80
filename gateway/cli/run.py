# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway run`: the sandbox with a tour; `make run` is this."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click
from rich.console import Console

from gateway.cli import stop
from gateway.sandbox.run import Options, run
from gateway.sandbox.story import Story

LOG_WIDTH = 110  # columns where the output goes to a file


@click.command("run")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/sandbox"),
    show_default=True,
    help="Folder that holds the network and keeps it.",
)
@click.option("--once", is_flag=True, help="End after the tour: 0 all arrived, 1 not.")
@click.option(
    "--began",
    type=float,
    metavar="SECONDS",
    help="When the clock began, in seconds since 1970; without it, now.",
)
@click.option(
    "--large",
    "large_megabytes",
    type=click.IntRange(1, 80),
    default=20,
    show_default=True,
    metavar="MB",
    help="Size of the large invoice.",
)
def command(*, folder: Path, once: bool, began: float | None, large_megabytes: int) -> None:
    """Start a whole Peppol network on this machine and send invoices through it.

    Each step is shown with its time. Then the network stays up, until Ctrl-C.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=LOG_WIDTH)
    story = Story(
        console=console,
        began=time.time() if began is None else began,
        large_bytes=large_megabytes * 1024 * 1024,
        once=once,
    )
    console.print(f"Starting the network in {folder} …")
    options = Options(folder=folder, say=lambda line: console.print(line, markup=False))
    stop(asyncio.run(run(options, story.tell)))
