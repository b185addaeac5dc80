# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway lookup`: ask DNS and SMP by itself, no gateway needed, and show what they say."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import msgspec
from click.core import ParameterSource
from rich.console import Console

from gateway import settings
from gateway.app.parts import open_parts
from gateway.cli import stop
from gateway.cli.configuration import CONFIG_VARIABLE
from gateway.cli.lookup_tree import lookup_tree
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.networks import NETWORKS
from gateway.service.lookup import LookupFailedError
from gateway.service.participants import DEFAULT_PROCESS
from gateway.settings import TLS, Log, Network, Rules, Settings, Store, WorkerSection

P = ParamSpec("P")
R = TypeVar("R")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def network_options(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that describe a network without a settings file."""
    options = (
        click.option("--config", type=_FILE, envvar=CONFIG_VARIABLE, help="Settings file (TOML)."),
        click.option("--network", type=click.Choice(sorted(NETWORKS)), default="sandbox"),
        click.option("--zone", help="DNS zone; only the sandbox has to name it."),
        click.option("--nameserver", metavar="HOST:PORT", help="Ask this one, not the system's."),
        click.option("--roots", type=_FILE, multiple=True, help="PEM file of the network's root."),
        click.option("--ap-issuers", type=_FILE, multiple=True, help="CA of the access points."),
        click.option("--smp-issuers", type=_FILE, multiple=True, help="CA of the SMPs."),
        click.option("--crl-host", multiple=True, help="Host that revocation lists come from."),
        click.option(
            "--unknown-revocation",
            type=click.Choice(["refuse", "accept"]),
            default="refuse",
            help="What to do where revocation is not known.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("lookup")
@click.argument("participant")
@click.option("--document-type", metavar="ID", help="Only this one; else all that is taken.")
@click.option("--process", metavar="ID", help="Process of the document; default is billing.")
@network_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    participant: str,
    *,
    config: Path | None,
    document_type: str | None,
    process: str | None,
    as_json: bool,
    **network: Any,
) -> None:
    """Ask what PARTICIPANT, such as 0106:12345678, can receive, and where.

    Exit status 0: it can be reached. 1: it cannot, or not now; the outcome says why.
    """
    wanted = ParticipantId.parse(participant)
    kind = DocumentTypeId.parse(document_type) if document_type else None
    chosen = ProcessId.parse(process) if process else DEFAULT_PROCESS
    with _settings(config, network) as loaded:
        report = asyncio.run(_ask(loaded, wanted, kind, chosen))
    if as_json:
        click.echo(json.dumps(report))
    else:
        Console().print(lookup_tree(report))
    if report["outcome"] != "reachable":
        stop(1)


async def _ask(
    loaded: Settings,
    participant: ParticipantId,
    document_type: DocumentTypeId | None,
    process: ProcessId,
) -> dict[str, Any]:
    async with open_parts(loaded) as parts:
        parts.revocations.restore()
        if document_type is None:
            return await parts.lookup.survey(participant)
        try:
            return (await parts.lookup.resolve(participant, document_type, process)).report
        except LookupFailedError as error:
            return error.report


@contextmanager
def _settings(config: Path | None, network: dict[str, Any]) -> Iterator[Settings]:
    """The settings file, or as much of one as a lookup needs."""
    if config is not None:
        yield _with_words(settings.load(config), network)
        return
    if not network["roots"] or not network["ap_issuers"] or not network["smp_issuers"]:
        raise click.UsageError(
            "Give --config, or --roots, --ap-issuers and --smp-issuers of the network."
        )
    preset = NETWORKS[network["network"]]
    if not (network["zone"] or preset.zone):
        raise click.UsageError("Give --zone: the sandbox has no zone of its own.")
    with tempfile.TemporaryDirectory(prefix="peppol-gateway-") as folder:
        yield Settings(
            folder=Path(folder),
            preset=preset,
            network=Network(
                network=network["network"],
                zone=network["zone"],
                nameserver=network["nameserver"],
                roots=_absolute(network["roots"]),
                ap_issuers=_absolute(network["ap_issuers"]),
                smp_issuers=_absolute(network["smp_issuers"]),
                crl_hosts=network["crl_host"],
                unknown_revocation=network["unknown_revocation"],
            ),
            as4=None,
            smp=None,
            api=None,
            store=Store(),
            rules=Rules(),
            worker=WorkerSection(),
            tls=TLS(),
            log=Log(),
        )


def _with_words(loaded: Settings, network: dict[str, Any]) -> Settings:
    """The settings with the name server given beside them; the rest must not contradict."""
    context = click.get_current_context()
    for name in ("network", "zone", "roots", "ap_issuers", "smp_issuers", "crl_host"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} is told by --config already.")
    if network["nameserver"] is None:
        return loaded
    return replace(
        loaded, network=msgspec.structs.replace(loaded.network, nameserver=network["nameserver"])
    )


def _absolute(files: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(str(file.resolve()) for file in files)
