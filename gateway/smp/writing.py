# SPDX-License-Identifier: Apache-2.0
"""Service groups and service metadata as XML, in canonical form. Source: Peppol SMP 1.4.0, 4.

The list of groups and the complete group are not in the specification: peppol-commons added them,
and every management client knows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from gateway.identifiers import ParticipantId
from gateway.safexml import attribute, text
from gateway.smp.metadata import Endpoint, Process, Redirect, ServiceGroup, ServiceMetadata
from gateway.smp.names import group_path, metadata_path

SMP = "http://busdox.org/serviceMetadata/publishing/1.0/"
IDS = "http://busdox.org/transport/identifiers/1.0/"
WSA = "http://www.w3.org/2005/08/addressing"

NAMESPACES = f'xmlns:ids="{IDS}" xmlns:smp="{SMP}" xmlns:wsa="{WSA}"'

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def build_service_metadata(metadata: ServiceMetadata) -> bytes:
    """An unsigned record as a document of its own, as it is stored and sent to an SMP."""
    return _document(service_metadata_text(metadata, NAMESPACES))


def service_metadata_text(metadata: ServiceMetadata, namespaces: str = "") -> str:
    """The element `smp:ServiceMetadata`; namespaces only where no ancestor declares them."""
    opening = f"smp:ServiceMetadata {namespaces}".rstrip()
    return f"<{opening}>{_content_text(metadata)}</smp:ServiceMetadata>"


def build_service_group(group: ServiceGroup, *, base_url: str) -> bytes:
    """A service group whose references point below `base_url`."""
    return _document(_group_text(group, base_url, NAMESPACES))


def build_group_list(participants: Iterable[ParticipantId], *, base_url: str) -> bytes:
    """The list of service groups of one user, as the management interface gives it."""
    entries = "".join(
        f'<smp:ServiceGroupReference href="{attribute(base_url + group_path(entry))}">'
        "</smp:ServiceGroupReference>"
        for entry in participants
    )
    return _document(
        f"<smp:ServiceGroupReferenceList {NAMESPACES}>{entries}</smp:ServiceGroupReferenceList>"
    )


def build_complete_group(
    group: ServiceGroup, records: Iterable[ServiceMetadata], *, base_url: str
) -> bytes:
    """A service group with all its records, unsigned."""
    entries = "".join(service_metadata_text(record) for record in records)
    return _document(
        f"<smp:CompleteServiceGroup {NAMESPACES}>{_group_text(group, base_url)}{entries}"
        "</smp:CompleteServiceGroup>"
    )


def _document(element: str) -> bytes:
    return (_DECLARATION + element).encode()


def _group_text(group: ServiceGroup, base_url: str, namespaces: str = "") -> str:
    references = "".join(
        '<smp:ServiceMetadataReference href="'
        f'{attribute(base_url + metadata_path(group.participant, entry))}">'
        "</smp:ServiceMetadataReference>"
        for entry in group.document_types
    )
    return (
        f"<{f'smp:ServiceGroup {namespaces}'.rstrip()}>{_participant_text(group.participant)}"
        f"<smp:ServiceMetadataReferenceCollection>{references}"
        "</smp:ServiceMetadataReferenceCollection></smp:ServiceGroup>"
    )


def _content_text(metadata: ServiceMetadata) -> str:
    if isinstance(metadata, Redirect):
        return (
            f'<smp:Redirect href="{attribute(metadata.href)}">'
            f"<smp:CertificateUID>{text(metadata.certificate_uid)}</smp:CertificateUID>"
            "</smp:Redirect>"
        )
    document_type = metadata.document_type
    processes = "".join(_process_text(process) for process in metadata.processes)
    return (
        f"<smp:ServiceInformation>{_participant_text(metadata.participant)}"
        f'<ids:DocumentIdentifier scheme="{attribute(document_type.scheme)}">'
        f"{text(document_type.value)}</ids:DocumentIdentifier>"
        f"<smp:ProcessList>{processes}</smp:ProcessList></smp:ServiceInformation>"
    )


def _participant_text(participant: ParticipantId) -> str:
    """Always in lower case: values ignore case, and careless clients compare them as they are."""
    return (
        f'<ids:ParticipantIdentifier scheme="{participant.scheme}">{text(participant.folded)}'
        "</ids:ParticipantIdentifier>"
    )


def _process_text(process: Process) -> str:
    endpoints = "".join(_endpoint_text(endpoint) for endpoint in process.endpoints)
    return (
        f'<smp:Process><ids:ProcessIdentifier scheme="{attribute(process.id.scheme)}">'
        f"{text(process.id.value)}</ids:ProcessIdentifier>"
        f"<smp:ServiceEndpointList>{endpoints}</smp:ServiceEndpointList></smp:Process>"
    )


def _endpoint_text(endpoint: Endpoint) -> str:
    fields = (
        ("RequireBusinessLevelSignature", "true" if endpoint.requires_signature else "false"),
        ("MinimumAuthenticationLevel", endpoint.minimum_authentication),
        ("ServiceActivationDate", _moment_text(endpoint.activation)),
        ("ServiceExpirationDate", _moment_text(endpoint.expiration)),
        ("Certificate", endpoint.certificate),
        ("ServiceDescription", endpoint.description),
        ("TechnicalContactUrl", endpoint.technical_contact),
        ("TechnicalInformationUrl", endpoint.technical_information),
    )
    content = "".join(
        f"<smp:{name}>{text(value)}</smp:{name}>" for name, value in fields if value is not None
    )
    return (
        f'<smp:Endpoint transportProfile="{attribute(endpoint.transport_profile)}">'
        f"<wsa:EndpointReference><wsa:Address>{text(endpoint.address)}</wsa:Address>"
        f"</wsa:EndpointReference>{content}</smp:Endpoint>"
    )


def _moment_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
