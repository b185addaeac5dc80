# SPDX-License-Identifier: Apache-2.0
"""Service groups and service metadata as values. Source: Peppol SMP 1.4.0, section 4."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway import pki
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how one process of a receiver is reached.

    `certificate` is the text as found: only that of a chosen endpoint has to be readable.
    Absent dates mean "always" and "for ever".
    """

    transport_profile: str
    address: str
    certificate: str
    activation: datetime | None = None
    expiration: datetime | None = None
    requires_signature: bool = False
    minimum_authentication: str | None = None
    description: str = ""
    technical_contact: str = ""
    technical_information: str | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether it may be used now; both ends belong to the period, at whole seconds."""
        now = at.replace(microsecond=0)
        started = self.activation is None or self.activation.replace(microsecond=0) <= now
        return started and (
            self.expiration is None or now <= self.expiration.replace(microsecond=0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One business process and the endpoints that serve it."""

    id: ProcessId
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceInformation:
    """What a participant takes of one document type."""

    participant: ParticipantId
    document_type: DocumentTypeId
    processes: tuple[Process, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The record lies at another SMP, whose certificate has the named subject."""

    href: str
    certificate_uid: str


ServiceMetadata = ServiceInformation | Redirect


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedServiceMetadata:
    """A record whose signature was verified, and who signed it."""

    metadata: ServiceMetadata
    signer: pki.Certificate
    revocation: str  # "good", or "unknown: why"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGroup:
    """A participant and the document types that its SMP lists; never signed.

    `repeated` are those that a list names more than once.
    """

    participant: ParticipantId
    document_types: tuple[DocumentTypeId, ...]
    repeated: frozenset[DocumentTypeId] = frozenset()
