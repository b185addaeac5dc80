# SPDX-License-Identifier: Apache-2.0
"""Who is served here: add, list and remove participants, and tell the SMP.

A participant is stored before it is published, and withdrawn before it is forgotten: whoever finds
us in the SMP is served. Each verb may be repeated after a failure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway import smp
from gateway.errors import Fault, GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.ports import AccountStore, IdMaker, MetadataPublisher, ParticipantStore
from gateway.service.records import Organisation, Participant

DEFAULT_DOCUMENT_TYPES = smp.DEFAULT_DOCUMENT_TYPES
DEFAULT_PROCESS = smp.BILLING
display_name = smp.display_name

_COUNTRY = re.compile(r"[A-Z]{2}")


class ParticipantRefusedError(GatewayError):
    """A participant cannot be added as asked."""

    code = "malformed_request"
    fault = Fault.CALLER


class NotPublishedError(GatewayError):
    """A participant is stored, but the SMP did not take it."""

    code = "smp_unavailable"
    fault = Fault.NETWORK
    retry = True


class Participants:
    """The participants of this access point."""

    def __init__(
        self,
        *,
        store: ParticipantStore,
        accounts: AccountStore,
        publisher: MetadataPublisher,
        ids: IdMaker,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._publisher = publisher
        self._ids = ids

    async def add(
        self,
        participant: ParticipantId,
        *,
        organisation: str,
        country: str,
        document_types: Sequence[tuple[DocumentTypeId, ProcessId]] = DEFAULT_DOCUMENT_TYPES,
    ) -> Participant:
        """Serve and publish a participant; an organisation is named by its id or its name.

        A name that no organisation has makes a new one. Raises `ParticipantRefusedError`, and
        `NotPublishedError`: the participant is stored then, and adding it again publishes it.
        """
        if not _COUNTRY.fullmatch(country):
            raise ParticipantRefusedError(
                f"{country[:20]!r} is not a country code", advice="Use two capitals, such as NL."
            )
        if not document_types:
            raise ParticipantRefusedError("a participant takes at least one document type")
        for document_type, _ in document_types:
            smp.refuse_wildcard(document_type)
        owner = await self._owner(organisation, country)
        known = self._store.served(participant)
        if known is not None and known.organisation != owner.id:
            raise ParticipantRefusedError(
                f"{participant} belongs to another organisation",
                advice="Remove it first if it has really moved.",
            )
        served = Participant(
            id=participant,
            organisation=owner.id,
            document_types=tuple(dict.fromkeys(document_types)),
            country=country,
        )
        await self._store.add(served)
        try:
            await self._publisher.publish(served)
        except GatewayError as error:
            raise NotPublishedError(
                f"{participant} is served here, but is not published: {error.detail}",
                advice=error.advice or "Add it again when the SMP can be reached.",
            ) from error
        return served

    async def remove(self, participant: ParticipantId) -> bool:
        """Withdraw a participant and serve it no more; False when it was not served."""
        await self._publisher.withdraw(participant)
        return await self._store.remove(participant)

    async def all(self) -> list[Participant]:
        """All participants, by value."""
        return await self._store.all()

    async def publish_all(self) -> int:
        """Publish every participant again, after a new certificate or address; returns how many."""
        participants = await self._store.all()
        for participant in participants:
            await self._publisher.publish(participant)
        return len(participants)

    async def organisations(self) -> dict[str, Organisation]:
        """All organisations by their id, to show names."""
        return {entry.id: entry for entry in await self._accounts.organisations()}

    async def _owner(self, organisation: str, country: str) -> Organisation:
        by_id = await self._accounts.organisation(organisation)
        if by_id is not None:
            return by_id
        name = organisation.strip()
        named = [entry for entry in await self._accounts.organisations() if entry.name == name]
        if len(named) > 1:
            raise ParticipantRefusedError(
                f"several organisations are called {name[:60]!r}",
                advice="Name the organisation by its id: " + ", ".join(e.id for e in named),
            )
        if named:
            return named[0]
        if not name or name.startswith("org_"):
            raise ParticipantRefusedError(f"there is no organisation {name[:60]!r}")
        made = Organisation(id=self._ids.prefixed("org"), name=name, country=country)
        await self._accounts.add_organisation(made)
        return made
