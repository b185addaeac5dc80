# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules install`: take rule sets as their publishers hand them out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from gateway import ubl
from gateway.cli import stop
from gateway.cli.rule_options import packs_options
from gateway.errors import GatewayError
from gateway.pool import engines_muted
from gateway.pool.bundles import MAX_ARCHIVE, open_bundle
from gateway.pool.installing import Installed, Installer
from gateway.pool.pack_files import packs_locked

_SHOWN = 12  # names in one line
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def read_day(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    """A day as in 2027-02-15."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("write it as in 2027-02-15") from error


@click.command("install")
@click.argument("source", metavar="FILE|FOLDER|URL")
@click.option("--as", "names", multiple=True, metavar="ALIAS", help="What it is, or which of many.")
@click.option(
    "--valid-from", metavar="YYYY-MM-DD", callback=read_day, help="First day of a new release."
)
@click.option(
    "--documents", multiple=True, type=_FOLDER, help="Documents to compare the engines on, too."
)
@packs_options
def install(
    source: str,
    *,
    names: Sequence[str],
    valid_from: date | None,
    documents: Sequence[Path],
    packs: Path,
) -> None:
    """Install rule sets and schemas: .sch, .xslt, .xsd, a zip or jar of them, or a folder.

    Both engines try them on documents first; what they differ on is judged by Saxon alone. A new
    release stands beside the others and judges from its first day on. Exit status 0: all is
    installed. 1: something is not, and nothing of that was kept.
    """
    console, failed = Console(), False
    with packs_locked(packs), _fetched(source) as path, open_bundle(path) as bundle:
        installer = Installer(
            bundle=bundle,
            packs=packs,
            today=ubl.amsterdam_day(datetime.now(UTC)),
            source=source if path.name != source else bundle.name,
            documents=documents,
        )
        plan = installer.plan(names, valid_from)
        table = Table(box=None)
        table.add_column("pack", no_wrap=True)
        for name in ("", "engines", "compared"):
            table.add_column(name)
        notices: list[str] = []
        with engines_muted():
            for installed in installer.schemas():
                _add(table, notices, installed)
            for planned in _shown(plan.planned):
                failed |= not _one(installer, planned, table, notices)
    console.print(table)
    for line in notices:
        console.print(line, style="yellow", highlight=False)
    for line in _left(plan):
        console.print(line, style="dim", highlight=False)
    if failed:
        stop(1)


def _left(plan: ubl.Plan) -> Iterator[str]:
    """What stays in the bundle, a line for each reason."""
    for why in dict.fromkeys(why for _, why in plan.left):
        names = [what for what, reason in plan.left if reason == why]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"left out, {why}: {', '.join(names[:_SHOWN])}{more}"


def _one(installer: Installer, planned: ubl.Planned, table: Table, notices: list[str]) -> bool:
    try:
        _add(table, notices, installer.rules(planned))
    except GatewayError as error:
        table.add_row(planned.rule_set.alias, "refused", "", "", style="red")
        notices.append(
            " ".join(filter(None, (f"{planned.rule_set.alias}: {error.detail}.", error.advice)))
        )
        return False
    return True


def _add(table: Table, notices: list[str], installed: Installed) -> None:
    pack = installed.pack
    layers = ", ".join(f"{one.layer}: {one.engine}" for one in pack.checks)
    compared = sum(one.documents for one in pack.checks)
    counts = f"{compared} documents" if pack.checks else ""
    state = "installed" if installed.is_new else "was there"
    table.add_row(pack.alias, state, layers or f"{len(pack.checksums)} schema files", counts)
    notices += [f"{pack.alias}: {line}" for line in installed.notices]


def _shown(planned: Sequence[ubl.Planned]) -> Iterator[ubl.Planned]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from planned
        return
    with Progress(console=console, transient=True) as bar:
        yield from bar.track(planned, description="Installing")


@contextmanager
def _fetched(source: str) -> Iterator[Path]:
    """The source as a path; an address is fetched first."""
    if "://" not in source:
        path = Path(source)
        if not path.exists():
            raise click.UsageError(f"there is no {source}")
        yield path
        return
    from gateway.net.download import download  # noqa: PLC0415 - the client is slow to import

    name = PurePosixPath(urlsplit(source).path).name or "download"
    with tempfile.TemporaryDirectory(prefix="peppol-gateway-") as folder:
        path = Path(folder, name)
        with Progress(console=Console(stderr=True), transient=True) as bar, path.open("wb") as file:
            asyncio.run(download(source, file, ceiling=MAX_ARCHIVE, progress=_teller(bar, name)))
        yield path


def _teller(bar: Progress, name: str) -> Callable[[int, int | None], None]:
    task = bar.add_task(f"Fetching {name}", total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)
