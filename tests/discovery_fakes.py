# SPDX-License-Identifier: Apache-2.0
"""In-memory DNS, SMP and stores for the tests of discovery and publishing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway import pki, smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.ports import HTTPAnswer, NAPTRAnswer, NAPTRRecord
from gateway.service.records import Organisation, Participant
from tests.discovery_builders import AT, SMP_URL


class SettableClock:
    """A clock that moves when it is told to."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


def naptr_answer(url: str = SMP_URL, *, ttl: int = 60) -> NAPTRAnswer:
    """The one record that an SML writes."""
    record = NAPTRRecord(
        order=100,
        preference=10,
        flags="U",
        service="Meta:SMP",
        regexp=f"!.*!{url}!",
        replacement=".",
    )
    return NAPTRAnswer(rcode="NOERROR", records=(record,), ttl=ttl)


class FakeResolver:
    """DNS that says one thing; an exception is raised."""

    def __init__(self, answer: NAPTRAnswer | Exception | None = None) -> None:
        self.answer = answer or naptr_answer()
        self.names: list[str] = []
        self.gate: asyncio.Event | None = None

    async def naptr(self, name: str) -> NAPTRAnswer:
        self.names.append(name)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeWeb:
    """HTTP answers by address; everything else is 404, an exception is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | int | Exception] = {}
        self.urls: list[str] = []

    async def get(self, url: str) -> HTTPAnswer:
        self.urls.append(url)
        answer = self.answers.get(url, 404)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return HTTPAnswer(status=answer, headers=(), body=b"")
        return HTTPAnswer(status=200, headers=(("Content-Type", "text/xml"),), body=answer)

    def publish(
        self,
        record: smp.ServiceMetadata,
        signer: pki.Signer,
        *,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        base_url: str = SMP_URL,
    ) -> None:
        """Put a signed record where it belongs."""
        url = base_url + smp.metadata_path(participant, document_type)
        self.answers[url] = smp.sign(record, signer)

    def publish_group(
        self, participant: ParticipantId, *document_types: DocumentTypeId, base_url: str = SMP_URL
    ) -> None:
        """Put a service group where it belongs."""
        group = smp.ServiceGroup(participant=participant, document_types=document_types)
        url = base_url + smp.group_path(participant)
        self.answers[url] = smp.build_service_group(group, base_url=base_url)


class MemoryRecords:
    """The port `MetadataRecords` in memory."""

    def __init__(self) -> None:
        self.owners: dict[ParticipantId, str] = {}
        self.kept: dict[ParticipantId, dict[DocumentTypeId, bytes]] = {}
        self.changes = 0
        self.reads = 0

    def version(self) -> object | None:
        return self.changes

    async def document_types(self, participant: ParticipantId) -> list[DocumentTypeId] | None:
        found = self.kept.get(participant)
        return None if found is None else sorted(found, key=lambda kind: kind.uri)

    async def put_group(self, participant: ParticipantId, *, owner: str, at: datetime) -> bool:
        self.changes += 1
        new = participant not in self.kept
        self.kept.setdefault(participant, {})
        self.owners.setdefault(participant, owner)
        return new

    async def delete_group(self, participant: ParticipantId) -> bool:
        self.changes += 1
        self.owners.pop(participant, None)
        return self.kept.pop(participant, None) is not None

    async def groups(self, owner: str) -> list[ParticipantId]:
        return [entry for entry, has in self.owners.items() if has == owner]

    async def record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bytes | None:
        self.reads += 1
        return self.kept.get(participant, {}).get(document_type)

    async def records(self, participant: ParticipantId) -> list[bytes]:
        return list(self.kept.get(participant, {}).values())

    async def put_record(
        self,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        *,
        record: bytes,
        at: datetime,
    ) -> bool:
        self.changes += 1
        if participant not in self.kept:
            return False
        self.kept[participant][document_type] = record
        return True

    async def delete_record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bool:
        self.changes += 1
        return self.kept.get(participant, {}).pop(document_type, None) is not None

    async def delete_records(self, participant: ParticipantId) -> bool:
        self.changes += 1
        if participant not in self.kept:
            return False
        self.kept[participant].clear()
        return True


class MemoryParticipants:
    """The port `ParticipantStore` in memory."""

    def __init__(self) -> None:
        self.kept: dict[ParticipantId, Participant] = {}

    def served(self, participant: ParticipantId) -> Participant | None:
        return self.kept.get(participant)

    async def add(self, participant: Participant) -> None:
        self.kept[participant.id] = participant

    async def remove(self, participant: ParticipantId) -> bool:
        return self.kept.pop(participant, None) is not None

    async def all(self) -> list[Participant]:
        return sorted(self.kept.values(), key=lambda entry: entry.id.folded)


class MemoryOrganisations:
    """The part of the port `AccountStore` that knows organisations."""

    def __init__(self, *organisations: Organisation) -> None:
        self.kept = {entry.id: entry for entry in organisations}

    async def organisation(self, organisation_id: str) -> Organisation | None:
        return self.kept.get(organisation_id)

    async def add_organisation(self, organisation: Organisation) -> None:
        self.kept[organisation.id] = organisation

    async def organisations(self) -> list[Organisation]:
        return sorted(self.kept.values(), key=lambda entry: entry.name)


class RecordingManagement:
    """The port `ManagementTransport`: notes calls, answers what a function says."""

    def __init__(self, answer: Callable[[str, str, bytes | None], HTTPAnswer]) -> None:
        self.calls: list[tuple[str, str]] = []
        self._answer = answer

    async def call(self, method: str, path: str, body: bytes | None = None) -> HTTPAnswer:
        self.calls.append((method, path))
        return self._answer(method, path, body)
