# SPDX-License-Identifier: Apache-2.0
"""One valid thing of each kind that discovery needs; a test changes one part of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId, TransportProfile
from gateway.sandbox.pki import IssuedLeaf

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ZONE = "participant.sml.test."
RECEIVER = ParticipantId("0106:12345678")
BILLING = smp.BILLING
INVOICE = smp.DEFAULT_DOCUMENT_TYPES[0][0]
CREDIT_NOTE = smp.DEFAULT_DOCUMENT_TYPES[1][0]
OTHER_PROCESS = ProcessId("urn:peppol:bis:billing_with_response")
SMP_URL = "https://smp.example.org"
AP_URL = "https://ap.example.org/as4"


def pint(customization: str) -> DocumentTypeId:
    """A PINT invoice with this customization."""
    value = f"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##{customization}::2.1"
    return DocumentTypeId("peppol-doctype-wildcard", value)


def endpoint(leaf: IssuedLeaf, **changed: Any) -> smp.Endpoint:
    """An AS4 endpoint of the access point with this certificate."""
    fields: dict[str, Any] = {
        "transport_profile": TransportProfile.AS4_V2,
        "address": AP_URL,
        "certificate": smp.certificate_text(leaf.certificate),
        "description": "Access point & <friends> é",
        "technical_contact": "mailto:support@example.org",
    }
    return smp.Endpoint(**(fields | changed))


def information(
    *endpoints: smp.Endpoint,
    participant: ParticipantId = RECEIVER,
    document_type: DocumentTypeId = INVOICE,
    process: ProcessId = BILLING,
) -> smp.ServiceInformation:
    """A record with one process."""
    return smp.ServiceInformation(
        participant=participant,
        document_type=document_type,
        processes=(smp.Process(id=process, endpoints=endpoints),),
    )
