# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules use` and `rules remove`: whose rules judge, and packs that may go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from gateway import settings, ubl
from gateway.cli.rule_options import packs_options
from gateway.errors import Fault, GatewayError
from gateway.pool import Setup, build_library
from gateway.pool.pack_files import choose_rules, packs_locked, remove_pack
from gateway.store import Store


class PackInUseError(GatewayError):
    """Something kept refers to a pack, or judges by it."""

    code = "rule_pack_in_use"
    fault = Fault.CALLER


@click.command("use")
@click.argument("name", metavar="ALIAS")
@click.argument("choice", type=click.Choice([ubl.BUNDLED, ubl.OFFICIAL, ubl.BOTH]))
@packs_options
def use(name: str, choice: str, *, packs: Path) -> None:
    """Choose whose rules judge documents of the kind of ALIAS, in this release and later ones.

    ALIAS is an alias, an identifier, or a kind such as peppol-billing. `both`: the official rules
    decide, the bundled ones judge too, and a difference raises an alarm. A gateway that runs reads
    the choice when it starts again.
    """
    library = build_library(Setup(packs=packs))
    kind = name if name in library.catalogue.kinds else library.catalogue.named(name).kind
    releases = {one.alias for one in library.catalogue.releases(kind)}
    wanted = library.loaded(choice) & releases
    if not wanted:
        raise click.ClickException(
            f"no {choice} rules of {kind} are here"
            + (": install them first, see `rules install`" if choice != ubl.BUNDLED else "")
        )
    with packs_locked(packs):
        choose_rules(packs, kind, choice)
    click.echo(f"{kind}: {choice} rules judge ({', '.join(sorted(wanted))})")


@click.command("remove")
@click.argument("alias", metavar="PACK")
@packs_options
def remove(alias: str, *, packs: Path, config: Path | None) -> None:
    """Remove an installed pack.

    Refused while a verdict in the gateway's database was made with it (name the gateway with
    --config), while it is the one that judges by choice, and while another pack needs its schemas.
    """
    loaded = settings.load(config) if config is not None else None
    with packs_locked(packs):
        library = build_library(Setup(packs=packs))
        if alias not in library.packs:
            raise click.ClickException(f"there is no pack {alias} in {packs}")
        _check_needed(library, alias)
        if loaded is not None:
            _check_referred(alias, asyncio.run(_verdicts(loaded, alias)))
        remove_pack(packs, alias)
    click.echo(f"{alias} is removed")


def _check_needed(library: ubl.RuleLibrary, alias: str) -> None:
    users = [one.alias for one in library.packs.values() if one.schema_pack == alias]
    if users:
        raise PackInUseError(
            f"{alias} has the schemas of {', '.join(users[:5])}", advice="Remove those first."
        )
    rule_set = library.catalogue.rule_sets.get(alias)
    if rule_set is None or library.choices.get(rule_set.kind) in (None, ubl.BUNDLED):
        return
    releases = library.catalogue.releases(rule_set.kind)
    if not any(one.alias in library.packs and one.alias != alias for one in releases):
        raise PackInUseError(
            f"{alias} is the last official release of {rule_set.kind}, which official rules judge",
            advice=f"Choose others before: `rules use {rule_set.kind} bundled`.",
        )


def _check_referred(alias: str, number: int) -> None:
    if number:
        raise PackInUseError(
            f"{number} kept verdicts were made with {alias}",
            advice="It stays as long as they do: a verdict must be open to a second look.",
        )


async def _verdicts(loaded: settings.Settings, alias: str) -> int:
    if loaded.as4 is None:
        return 0
    store = Store.open(
        loaded.url(loaded.store.database), payload_folder=loaded.path(loaded.store.payloads)
    )
    try:
        return await store.judged.count(alias, rules=ubl.OFFICIAL)
    finally:
        await store.close()
