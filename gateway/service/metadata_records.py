# SPDX-License-Identifier: Apache-2.0
"""The port of the SMP role: where groups and unsigned records are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gateway.identifiers import DocumentTypeId, ParticipantId


class MetadataRecords(Protocol):
    """Where the SMP keeps groups and unsigned records."""

    def version(self) -> object | None:
        """A value that changes whenever anything does; None when that is not known cheaply."""
        ...

    async def document_types(self, participant: ParticipantId) -> list[DocumentTypeId] | None:
        """The registered document types; None when there is no such group."""
        ...

    async def put_group(self, participant: ParticipantId, *, owner: str, at: datetime) -> bool:
        """Make a group; False when it was there."""
        ...

    async def delete_group(self, participant: ParticipantId) -> bool:
        """Delete a group with its records; False when it was not there."""
        ...

    async def groups(self, owner: str) -> list[ParticipantId]:
        """The groups of one owner, by value."""
        ...

    async def record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bytes | None:
        """One record."""
        ...

    async def records(self, participant: ParticipantId) -> list[bytes]:
        """All records of a group, by document type."""
        ...

    async def put_record(
        self,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        *,
        record: bytes,
        at: datetime,
    ) -> bool:
        """Put a record in place of what was there; False when there is no such group."""
        ...

    async def delete_record(
        self, participant: ParticipantId, document_type: DocumentTypeId
    ) -> bool:
        """Delete one record; False when it was not there."""
        ...

    async def delete_records(self, participant: ParticipantId) -> bool:
        """Delete all records of a group; False when there is no such group."""
        ...
