# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway api-keys`: make, list and revoke keys of the REST interface."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway import settings
from gateway.cli.configuration import config_option
from gateway.errors import Fault, GatewayError
from gateway.ids import TimeOrderedIds
from gateway.service.access import SCOPES, Access, NewKey
from gateway.service.records import APIKey, Organisation
from gateway.store.store import Store

DEFAULT_DAYS = 365


class UnknownOrganisationError(GatewayError):
    """The organisation does not exist and was not described."""

    code = "not_found"
    fault = Fault.CALLER


class UnknownKeyError(GatewayError):
    """There is no such key."""

    code = "not_found"
    fault = Fault.CALLER


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _store(config: Path) -> AsyncIterator[tuple[settings.Settings, Store]]:
    loaded = settings.load(config)
    store = Store.open(
        loaded.url(loaded.store.database), payload_folder=loaded.path(loaded.store.payloads)
    )
    try:
        yield loaded, store
    finally:
        await store.close()


@click.group("api-keys")
def command() -> None:
    """Make, list and revoke API keys."""


@command.command("add")
@config_option
@click.option("--organisation", required=True, metavar="ID", help="Whose key: org_… .")
@click.option("--organisation-name", help="Name of an organisation that does not exist yet.")
@click.option("--country", default="NL", show_default=True, help="Its country, two letters.")
@click.option("--name", default="command line", show_default=True, help="What the key is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(sorted(SCOPES)),
    help="What the key may do; may be repeated. Without it, everything.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=DEFAULT_DAYS,
    show_default=True,
    help="How long it is valid.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    config: Path,
    *,
    organisation: str,
    organisation_name: str | None,
    country: str,
    name: str,
    scopes: tuple[str, ...],
    days: int,
    as_json: bool,
) -> None:
    """Make a key and print it, this once."""
    described = (
        Organisation(id=organisation, name=organisation_name, country=country)
        if organisation_name
        else None
    )
    made = asyncio.run(
        _add(
            config,
            organisation,
            described,
            name=name,
            scopes=frozenset(scopes) or SCOPES,
            life=timedelta(days=days),
        )
    )
    if as_json:
        click.echo(json.dumps({**_facts(made.key), "key": made.text}))
    else:
        click.echo(made.text)


async def _add(
    config: Path,
    organisation: str,
    described: Organisation | None,
    *,
    name: str,
    scopes: frozenset[str],
    life: timedelta,
) -> NewKey:
    async with _store(config) as (loaded, store):
        if await store.accounts.organisation(organisation) is None:
            if described is None:
                raise UnknownOrganisationError(
                    f"there is no organisation {organisation}",
                    advice="Give --organisation-name to make it.",
                )
            await store.accounts.add_organisation(described)
        access = Access(
            accounts=store.accounts,
            clock=_now,
            ids=TimeOrderedIds(),
            environment=loaded.preset.environment,
        )
        return await access.make(organisation=organisation, name=name, scopes=scopes, life=life)


@command.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each key.")
def list_keys(config: Path, *, as_json: bool) -> None:
    """List the keys, never their secrets."""
    for key in asyncio.run(_keys(config)):
        facts = _facts(key)
        if as_json:
            click.echo(json.dumps(facts))
        else:
            state = "revoked" if key.revoked_at else "valid"
            click.echo(
                f"{key.id} {key.organisation} {state} until {facts['expires_at']} {key.name}"
            )


async def _keys(config: Path) -> list[APIKey]:
    async with _store(config) as (_, store):
        return await store.accounts.keys()


@command.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
@config_option
def revoke(key_id: str, config: Path) -> None:
    """Revoke the key that is listed as KEY_ID; within seconds it works nowhere."""
    asyncio.run(_revoke(config, key_id))
    click.echo(f"{key_id} is revoked.")


async def _revoke(config: Path, key_id: str) -> None:
    async with _store(config) as (_, store):
        if not await store.accounts.revoke_key(key_id, at=_now()):
            raise UnknownKeyError(f"there is no key {key_id}")


def _facts(key: APIKey) -> dict[str, object]:
    return {
        "id": key.id,
        "organisation": key.organisation,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created_at": _text(key.created_at),
        "expires_at": _text(key.expires_at),
        "revoked_at": _text(key.revoked_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
