# SPDX-License-Identifier: Apache-2.0
"""The SMP role: answers senders with signed records, and takes records from access points.

Addresses arrive as two texts, decoded once. Reading an identifier that cannot exist is "not here";
writing one is a fault of the caller. Source: Peppol SMP 1.4.0; the writing half follows phoss SMP,
which is what every management client speaks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gateway import pki, smp
from gateway.identifiers import (
    DOCUMENT_TYPE_EXACT,
    DOCUMENT_TYPE_WILDCARD,
    PARTICIPANT_SCHEME,
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
)
from gateway.service.errors import NotFoundError
from gateway.service.metadata_records import MetadataRecords
from gateway.service.ports import Clock

MAX_REMEMBERED = 10_000  # signed records, about 6 kB each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """A signed answer, what it was made of, and the state of the store it was looked up in."""

    record: bytes
    answer: bytes
    version: object | None


class Publishing:
    """Service groups and service metadata of the participants that are published here."""

    def __init__(
        self,
        *,
        records: MetadataRecords,
        signer: pki.Signer,
        ap_trust: pki.TrustPolicy,
        revocation: Callable[[], pki.Revocation],
        clock: Clock,
        public_url: str,
        allow_http: bool = False,
    ) -> None:
        self._records = records
        self._signer = signer
        self._ap_trust = ap_trust
        self._revocation = revocation
        self._clock = clock
        self._public_url = public_url.removesuffix("/")
        self._allow_http = allow_http
        self._signed: OrderedDict[tuple[str, str], _Signed] = OrderedDict()

    async def service_group(self, group: str) -> bytes:
        """The list of what a participant takes. Raises `NotFoundError`."""
        found = await self._group(_asked(group))
        return smp.build_service_group(found, base_url=self._public_url)

    async def service_metadata(self, group: str, kind: str) -> bytes:
        """One signed record. Signed when it is asked for, remembered as long as it stays the same.

        Raises `NotFoundError`.
        """
        version = self._records.version()
        remembered = self._signed.get((group, kind))
        if remembered is not None and version is not None and remembered.version == version:
            return remembered.answer
        participant = _asked(group)
        document_type = _asked_type(kind)
        record = await self._records.record(participant, document_type)
        if record is None:
            raise NotFoundError("there is no such record")
        if remembered is not None and remembered.record == record:
            answer = remembered.answer
        else:
            answer = smp.sign(smp.parse_service_metadata(record), self._signer)
        self._remember((group, kind), _Signed(record=record, answer=answer, version=version))
        return answer

    async def complete_group(self, group: str) -> bytes:
        """A group with all its records, unsigned. Raises `NotFoundError`."""
        participant = _asked(group)
        found = await self._group(participant)
        records = await self._records.records(participant)
        return smp.build_complete_group(
            found,
            [smp.parse_service_metadata(record) for record in records],
            base_url=self._public_url,
        )

    async def groups(self, owner: str) -> bytes:
        """The list of one owner's groups."""
        return smp.build_group_list(await self._records.groups(owner), base_url=self._public_url)

    async def put_group(self, group: str, body: bytes, *, owner: str) -> bool:
        """Make a group; the references in the body do not count. True when it is new."""
        participant = _written(group)
        try:
            written = smp.parse_service_group(body)
        except smp.MetadataError as error:
            raise smp.RegistrationRefusedError(error.detail) from error
        if written.participant != participant:
            raise smp.RegistrationRefusedError("address and body name different participants")
        return await self._records.put_group(participant, owner=owner, at=self._clock())

    async def delete_group(self, group: str) -> None:
        """Delete a group and all its records. Raises `NotFoundError`."""
        if not await self._records.delete_group(_written(group)):
            raise NotFoundError("there is no such participant")

    async def put_metadata(self, group: str, kind: str, body: bytes) -> None:
        """Put a record in place of all that was there for this document type.

        Raises `smp.RegistrationRefusedError`, and `NotFoundError` when there is no such group.
        """
        participant, document_type = _written(group), _written_type(kind)
        try:
            written = smp.parse_service_metadata(body, strict=True)
        except smp.MetadataError as error:
            raise smp.RegistrationRefusedError(error.detail) from error
        if isinstance(written, smp.ServiceInformation) and (
            written.participant != participant or written.document_type != document_type
        ):
            raise smp.RegistrationRefusedError(
                "address and body name different participants or document types"
            )
        smp.refuse_wildcard(document_type)
        at = self._clock()
        metadata = smp.registrable(
            written,
            ap_trust=self._ap_trust,
            revocation=self._revocation(),
            at=at,
            allow_http=self._allow_http,
        )
        record = smp.build_service_metadata(metadata)
        if not await self._records.put_record(participant, document_type, record=record, at=at):
            raise NotFoundError("there is no such participant; make the group first")

    async def delete_metadata(self, group: str, kind: str) -> None:
        """Delete one record. Raises `NotFoundError`."""
        if not await self._records.delete_record(_written(group), _written_type(kind)):
            raise NotFoundError("there is no such record")

    async def delete_all_metadata(self, group: str) -> None:
        """Delete all records of a group. Raises `NotFoundError`."""
        if not await self._records.delete_records(_written(group)):
            raise NotFoundError("there is no such participant")

    async def _group(self, participant: ParticipantId) -> smp.ServiceGroup:
        document_types = await self._records.document_types(participant)
        if document_types is None:
            raise NotFoundError("there is no such participant")
        return smp.ServiceGroup(
            participant=ParticipantId(participant.folded), document_types=tuple(document_types)
        )

    def _remember(self, key: tuple[str, str], signed: _Signed) -> None:
        self._signed[key] = signed
        self._signed.move_to_end(key)
        while len(self._signed) > MAX_REMEMBERED:
            self._signed.popitem(last=False)


def _asked(group: str) -> ParticipantId:
    try:
        return _written(group)
    except InvalidIdentifierError as error:
        raise NotFoundError("there is no such participant") from error


def _asked_type(kind: str) -> DocumentTypeId:
    try:
        return _written_type(kind)
    except InvalidIdentifierError as error:
        raise NotFoundError("there is no such record") from error


def _written(group: str) -> ParticipantId:
    scheme, _, value = group.partition("::")
    if scheme != PARTICIPANT_SCHEME:
        raise InvalidIdentifierError(f"the participant scheme is {PARTICIPANT_SCHEME}")
    return ParticipantId(value)


def _written_type(kind: str) -> DocumentTypeId:
    scheme, _, value = kind.partition("::")
    if scheme not in (DOCUMENT_TYPE_EXACT, DOCUMENT_TYPE_WILDCARD):
        raise InvalidIdentifierError("the address names no document type scheme")
    return DocumentTypeId(scheme, value)
