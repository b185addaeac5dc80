# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway participants`: who is served here, and told to the SMP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gateway import pki, settings
from gateway.cli.configuration import config_option
from gateway.errors import Fault, GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.ids import TimeOrderedIds
from gateway.net.session import OWN_SERVERS, open_session
from gateway.net.smp_client import SMPWriter
from gateway.service.metadata_publisher import RESTPublisher
from gateway.service.participants import (
    DEFAULT_DOCUMENT_TYPES,
    DEFAULT_PROCESS,
    Participants,
    display_name,
)
from gateway.service.records import Organisation, Participant
from gateway.settings import Settings
from gateway.store import Store


class CannotPublishError(GatewayError):
    """The settings do not say how to reach an SMP."""

    code = "invalid_settings"
    fault = Fault.CALLER


@click.group("participants")
def command() -> None:
    """Add, remove and list the participants served here.

    What is added is published to the SMP that the settings name, and received from then on.
    """


@command.command("add")
@click.argument("participant")
@config_option
@click.option("--organisation", required=True, metavar="NAME|ID", help="Whose participant it is.")
@click.option("--country", required=True, metavar="NL", help="Country of the participant.")
@click.option(
    "--document-type",
    "document_types",
    multiple=True,
    metavar="ID",
    help="A document type that it takes; may be repeated. Without it, invoices and credit notes"
    " of Peppol BIS Billing 3 and SI-UBL 2.0.",
)
@click.option("--process", metavar="ID", help="Process of those types; default is billing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    participant: str,
    *,
    config: Path,
    organisation: str,
    country: str,
    document_types: tuple[str, ...],
    process: str | None,
    as_json: bool,
) -> None:
    """Serve PARTICIPANT, such as 0106:12345678, and publish it. Adding again replaces."""
    wanted = ParticipantId.parse(participant)
    chosen = ProcessId.parse(process) if process else DEFAULT_PROCESS
    kinds = tuple((DocumentTypeId.parse(text), chosen) for text in document_types)
    added = asyncio.run(_add(config, wanted, organisation, country, kinds=kinds))
    if as_json:
        click.echo(json.dumps(_facts(added, None)))
        return
    count = len(added.document_types)
    click.echo(f"{added.id} is served and published with {count} document types.")


async def _add(
    config: Path,
    participant: ParticipantId,
    organisation: str,
    country: str,
    *,
    kinds: tuple[tuple[DocumentTypeId, ProcessId], ...],
) -> Participant:
    async with _participants(settings.load(config)) as participants:
        return await participants.add(
            participant,
            organisation=organisation,
            country=country,
            document_types=kinds or DEFAULT_DOCUMENT_TYPES,
        )


@command.command("remove")
@click.argument("participant")
@config_option
def remove(participant: str, *, config: Path) -> None:
    """Withdraw PARTICIPANT from the SMP and serve it no more."""
    wanted = ParticipantId.parse(participant)
    was_served = asyncio.run(_remove(config, wanted))
    click.echo(f"{wanted} is served no more." if was_served else f"{wanted} was not served here.")


async def _remove(config: Path, participant: ParticipantId) -> bool:
    async with _participants(settings.load(config)) as participants:
        return await participants.remove(participant)


@command.command("publish")
@config_option
def publish(config: Path) -> None:
    """Publish every participant again, after a new certificate or address."""
    count = asyncio.run(_publish(config))
    click.echo(f"{count} participants are published.")


async def _publish(config: Path) -> int:
    async with _participants(settings.load(config)) as participants:
        return await participants.publish_all()


@command.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_participants(config: Path, *, as_json: bool) -> None:
    """List who is served here."""
    served, owners = asyncio.run(_all(config))
    if as_json:
        for entry in served:
            click.echo(json.dumps(_facts(entry, owners.get(entry.organisation))))
        return
    table = Table("participant", "organisation", "country", "document types", box=None)
    for entry in served:
        owner = owners.get(entry.organisation)
        kinds = dict.fromkeys(display_name(kind) or kind.value for kind, _ in entry.document_types)
        name = f"{owner.name} ({owner.id})" if owner else entry.organisation
        table.add_row(str(entry.id), name, entry.country, "\n".join(kinds))
    Console().print(table)


async def _all(config: Path) -> tuple[list[Participant], dict[str, Organisation]]:
    async with _store(settings.load(config)) as store:
        owners = {entry.id: entry for entry in await store.accounts.organisations()}
        return await store.participants.all(), owners


def _facts(participant: Participant, owner: Organisation | None) -> dict[str, object]:
    return {
        "participant": str(participant.id),
        "organisation": participant.organisation,
        "organisation_name": owner.name if owner else None,
        "country": participant.country,
        "document_types": [
            {"document_type": kind.uri, "process": process.uri}
            for kind, process in participant.document_types
        ],
    }


@asynccontextmanager
async def _store(loaded: Settings) -> AsyncIterator[Store]:
    store = Store.open(
        loaded.url(loaded.store.database), payload_folder=loaded.path(loaded.store.payloads)
    )
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _participants(loaded: Settings) -> AsyncIterator[Participants]:
    """The use case over the settings' store and SMP."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(OWN_SERVERS))
        store = await stack.enter_async_context(_store(loaded))
        as4, smp = loaded.as4, loaded.smp
        if as4 is None or smp is None or smp.management_url is None:
            raise CannotPublishError(
                "the settings have no access point or no SMP to publish to",
                advice="Fill in [as4], and management_url in [smp].",
            )
        transport = SMPWriter(
            session=session,
            policy=OWN_SERVERS,
            base_url=smp.management_url,
            user=smp.user,
            password=loaded.smp_password or "",
        )
        yield Participants(
            store=store.participants,
            accounts=store.accounts,
            publisher=RESTPublisher(
                transport=transport,
                endpoint_url=as4.public_url,
                certificate=pki.load_certificates(loaded.path(as4.certificate).read_bytes())[0],
                technical_contact=as4.technical_contact,
            ),
            ids=TimeOrderedIds(),
        )
