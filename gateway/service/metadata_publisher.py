# SPDX-License-Identifier: Apache-2.0
"""Tells an SMP what our participants take, over the management interface that phoss SMP made known.

One endpoint serves all registrations: the address and certificate of this access point. Everything
is a full replace, so that repeating it is harmless. Source: Peppol SMP 1.4.0, section 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway import pki, smp
from gateway.errors import GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId, TransportProfile
from gateway.service.ports import HTTPAnswer, ManagementTransport
from gateway.service.records import Participant

_DONE = frozenset({200, 201, 204})
_GONE = _DONE | {404}
_SERVER_ERRORS = 500


class PublishRefusedError(GatewayError):
    """The SMP does not take what we write; its first words are in the detail."""

    code = "dependency_unavailable"


class PublishFailedError(PublishRefusedError):
    """The SMP cannot take it now."""

    retry = True


class RESTPublisher:
    """The port `MetadataPublisher`. Publish again everything when the certificate changes."""

    def __init__(
        self,
        *,
        transport: ManagementTransport,
        endpoint_url: str,
        certificate: pki.Certificate,
        technical_contact: str,
        description: str = "Peppol access point",
    ) -> None:
        self._transport = transport
        self._endpoint = smp.Endpoint(
            transport_profile=TransportProfile.AS4_V2,
            address=endpoint_url,
            certificate=smp.certificate_text(certificate),
            description=description,
            technical_contact=technical_contact,
        )

    async def publish(self, participant: Participant) -> None:
        """Make the participant known with exactly these document types. Idempotent.

        Raises `PublishRefusedError`, or `UnreachableError`.
        """
        await self._put(smp.group_path(participant.id), _empty_group(participant.id))
        offered = {
            document_type: self._record(participant.id, document_type, processes)
            for document_type, processes in _by_document_type(participant.document_types).items()
        }
        for document_type, record in offered.items():
            await self._put(smp.metadata_path(participant.id, document_type), record)
        await self._drop_others(participant.id, offered)

    async def withdraw(self, participant: ParticipantId) -> None:
        """Take the participant out. Idempotent. Raises like `publish`."""
        answer = await self._transport.call("DELETE", smp.group_path(participant))
        _expect(answer, _GONE)

    async def _put(self, path: str, body: bytes) -> None:
        _expect(await self._transport.call("PUT", path, body), _DONE)

    def _record(
        self,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        processes: Iterable[ProcessId],
    ) -> bytes:
        return smp.build_service_metadata(
            smp.ServiceInformation(
                participant=participant,
                document_type=document_type,
                processes=tuple(
                    smp.Process(id=process, endpoints=(self._endpoint,)) for process in processes
                ),
            )
        )

    async def _drop_others(
        self, participant: ParticipantId, offered: Mapping[DocumentTypeId, bytes]
    ) -> None:
        """Delete what an earlier registration offered and this one does not.

        Where a redirect stood, phoss SMP keeps it beside the record that was put, lists the
        document type twice and goes on answering with the redirect. Both are deleted there, in
        two calls, and the record is put anew; until then nobody finds that one document type.
        """
        answer = await self._transport.call("GET", smp.group_path(participant))
        _expect(answer, _DONE)
        try:
            listed = smp.parse_service_group(answer.body)
        except smp.MetadataError as error:
            raise PublishFailedError("the SMP's list of document types is broken") from error
        for document_type in listed.document_types:
            twice = document_type in listed.repeated
            if document_type in offered and not twice:
                continue
            path = smp.metadata_path(participant, document_type)
            for _ in range(2 if twice else 1):
                _expect(await self._transport.call("DELETE", path), _GONE)
            if document_type in offered:
                await self._put(path, offered[document_type])


def _by_document_type(
    offered: Iterable[tuple[DocumentTypeId, ProcessId]],
) -> dict[DocumentTypeId, list[ProcessId]]:
    grouped: dict[DocumentTypeId, list[ProcessId]] = {}
    for document_type, process in offered:
        processes = grouped.setdefault(document_type, [])
        if process not in processes:
            processes.append(process)
    return grouped


def _empty_group(participant: ParticipantId) -> bytes:
    group = smp.ServiceGroup(participant=participant, document_types=())
    return smp.build_service_group(group, base_url="")


def _expect(answer: HTTPAnswer, good: frozenset[int]) -> None:
    if answer.status in good:
        return
    words = " ".join(answer.body[:200].decode("utf-8", "replace").split())
    said = "".join(sign for sign in words if sign.isprintable())
    detail = f"the SMP answered with status {answer.status}: {said}"
    if answer.status >= _SERVER_ERRORS:
        raise PublishFailedError(detail)
    advice = "Check user and password of the SMP." if answer.status in (401, 403) else ""
    raise PublishRefusedError(detail, advice=advice)
