# SPDX-License-Identifier: Apache-2.0
"""Service groups and service metadata out of XML; signatures are verified elsewhere.

Reading a stranger's record is tolerant where that does no harm: a process or an endpoint that
cannot be read is left out, a bare date is a date. What is written to us is read strictly. Source:
Peppol SMP 1.4.0, section 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote

from lxml import etree

from gateway import safexml
from gateway.identifiers import (
    PARTICIPANT_SCHEME,
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
    ProcessId,
)
from gateway.smp.errors import MetadataError
from gateway.smp.metadata import (
    Endpoint,
    Process,
    Redirect,
    ServiceGroup,
    ServiceInformation,
    ServiceMetadata,
)
from gateway.smp.writing import IDS, SMP, WSA

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_DATE_LENGTH = 10

_Read = TypeVar("_Read")


def parse_service_group(data: bytes) -> ServiceGroup:
    """Read a service group. Raises `MetadataError`.

    The document types come out of the listed addresses, which are never fetched themselves; those
    that cannot be read are left out.
    """
    root = _parsed(data)
    if root.tag != f"{{{SMP}}}ServiceGroup":
        raise MetadataError("the document is no service group", cause="not_metadata")
    collection = _optional(root, SMP, "ServiceMetadataReferenceCollection")
    references = () if collection is None else _children(collection, "ServiceMetadataReference")
    listed = (_listed_type(str(entry.get("href", ""))) for entry in references)
    counted = Counter(entry for entry in listed if entry is not None)
    return ServiceGroup(
        participant=_participant(root),
        document_types=tuple(counted),
        repeated=frozenset(kind for kind, times in counted.items() if times > 1),
    )


def parse_service_metadata(data: bytes, *, strict: bool = False) -> ServiceMetadata:
    """Read an unsigned record. Raises `MetadataError`."""
    root = _parsed(data)
    if root.tag != f"{{{SMP}}}ServiceMetadata":
        raise MetadataError("the document is no service metadata", cause="not_metadata")
    return read_service_metadata(root, strict=strict)


def read_service_metadata(element: etree._Element, *, strict: bool = False) -> ServiceMetadata:
    """Read the element `smp:ServiceMetadata`. Raises `MetadataError`."""
    information = _optional(element, SMP, "ServiceInformation")
    redirect = _optional(element, SMP, "Redirect")
    if redirect is not None and information is None:
        return Redirect(
            href=str(redirect.get("href", "")).strip(),
            certificate_uid=_text(_needed(redirect, SMP, "CertificateUID")),
        )
    if information is None or redirect is not None:
        raise MetadataError(
            "the record is not either a service or a redirect", cause="not_metadata"
        )
    processes = _children(_needed(information, SMP, "ProcessList"), "Process")
    return ServiceInformation(
        participant=_participant(information),
        document_type=_document_type(_needed(information, IDS, "DocumentIdentifier")),
        processes=_each(processes, _process, strict=strict),
    )


def _process(element: etree._Element, *, strict: bool) -> Process:
    identifier = _needed(element, IDS, "ProcessIdentifier")
    endpoints = _children(_needed(element, SMP, "ServiceEndpointList"), "Endpoint")
    try:
        process = ProcessId(_text(identifier), str(identifier.get("scheme", "")))
    except InvalidIdentifierError as error:
        raise MetadataError(error.detail, cause="not_metadata") from error
    return Process(id=process, endpoints=_each(endpoints, _endpoint, strict=strict))


def _endpoint(element: etree._Element, *, strict: bool) -> Endpoint:
    reference = _needed(element, WSA, "EndpointReference")
    signature = _text_of(element, "RequireBusinessLevelSignature")
    if strict and signature not in _BOOLEANS:
        raise MetadataError("RequireBusinessLevelSignature is true or false", cause="not_metadata")
    return Endpoint(
        transport_profile=str(element.get("transportProfile", "")),
        address=_text(_needed(reference, WSA, "Address")),
        certificate=_text(_needed(element, SMP, "Certificate")),
        activation=_moment(_text_of(element, "ServiceActivationDate")),
        expiration=_moment(_text_of(element, "ServiceExpirationDate")),
        requires_signature=_BOOLEANS.get(signature or "", False),
        minimum_authentication=_text_of(element, "MinimumAuthenticationLevel"),
        description=_text_of(element, "ServiceDescription") or "",
        technical_contact=_text_of(element, "TechnicalContactUrl") or "",
        technical_information=_text_of(element, "TechnicalInformationUrl"),
    )


def _participant(parent: etree._Element) -> ParticipantId:
    element = _needed(parent, IDS, "ParticipantIdentifier")
    if element.get("scheme", PARTICIPANT_SCHEME) != PARTICIPANT_SCHEME:
        raise MetadataError("the participant has another scheme", cause="not_metadata")
    try:
        return ParticipantId(_text(element))
    except InvalidIdentifierError as error:
        raise MetadataError(error.detail, cause="not_metadata") from error


def _document_type(element: etree._Element) -> DocumentTypeId:
    try:
        return DocumentTypeId(str(element.get("scheme", "")), _text(element))
    except InvalidIdentifierError as error:
        raise MetadataError(error.detail, cause="not_metadata") from error


def _listed_type(href: str) -> DocumentTypeId | None:
    """The document type at the end of a listed address, decoded once.

    Some SMPs encode the slashes around `services` too.
    """
    if "/services/" in href:
        listed = unquote(href.rpartition("/services/")[2])
    else:
        listed = unquote(href).partition("/services/")[2]
    scheme, separator, value = listed.partition("::")
    try:
        return DocumentTypeId(scheme, value) if separator else None
    except InvalidIdentifierError:
        return None


def _moment(value: str | None) -> datetime | None:
    """A date and time; without a zone it is UTC, and a bare date is its first moment."""
    if not value:
        return None
    is_date = len(value) >= _DATE_LENGTH and "T" not in value
    written = f"{value[:_DATE_LENGTH]}T00:00:00{value[_DATE_LENGTH:]}" if is_date else value
    try:
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MetadataError("a date of an endpoint cannot be read", cause="not_metadata") from error


def _parsed(data: bytes) -> etree._Element:
    try:
        return safexml.parse(data)
    except safexml.MalformedXMLError as error:
        raise MetadataError(error.detail, cause="not_xml") from error


def _each(
    elements: Iterable[etree._Element], read: Callable[..., _Read], *, strict: bool
) -> tuple[_Read, ...]:
    found = []
    for element in elements:
        try:
            found.append(read(element, strict=strict))
        except MetadataError:
            if strict:
                raise
    return tuple(found)


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{SMP}}}{name}")


def _optional(parent: etree._Element, namespace: str, name: str) -> etree._Element | None:
    found = parent.findall(f"{{{namespace}}}{name}")
    if len(found) > 1:
        raise MetadataError(f"{name} stands there twice", cause="not_metadata")
    return found[0] if found else None


def _needed(parent: etree._Element, namespace: str, name: str) -> etree._Element:
    found = _optional(parent, namespace, name)
    if found is None:
        raise MetadataError(f"{name} is missing", cause="not_metadata")
    return found


def _text_of(parent: etree._Element, name: str) -> str | None:
    element = _optional(parent, SMP, name)
    return None if element is None else _text(element)


def _text(element: etree._Element) -> str:
    """The text of an element that holds text alone.

    A comment in it is refused: it is not signed, and would cut the text where lxml reads it.
    """
    if len(element):
        raise MetadataError("an element holds more than text", cause="not_metadata")
    return (element.text or "").strip()
