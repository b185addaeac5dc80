# SPDX-License-Identifier: Apache-2.0
"""Messages to measure with: invoices of a wanted size, in their envelope, as AS4 requests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from gateway import as4, pki, sbdh
from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.sandbox.samples import SampleKind, sample

SI_UBL = DocumentTypeId.parse(
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##"
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0::2.1"
)
BILLING = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
INVOICE_BYTES = 10_000
HOST = "ap.benchmark.example"
_END = b"</Invoice>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """Who sends to whom: the access points with what they sign with, and the participants."""

    signer: pki.KeyPair
    recipient: pki.Certificate
    sender: ParticipantId
    receiver: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A composed message with its whole body, and what its receipt is judged against."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    sent: as4.Sent


def invoice(road: Road, number: str, *, size: int = INVOICE_BYTES) -> bytes:
    """An SI-UBL invoice of about this size: a comment before its end tag fills it up."""
    pieces = sample(
        SampleKind.SI_UBL_INVOICE,
        number=number,
        issue_date=datetime.now(UTC).date(),
        sender=road.sender,
        receiver=road.receiver,
    )
    document = b"".join(pieces)
    head, end, tail = document.rpartition(_END)
    return head + _filler(size - len(document)) + end + tail


def envelope(road: Road, at: datetime) -> sbdh.Envelope:
    """The business message envelope of such an invoice."""
    return sbdh.Envelope(
        sender=road.sender,
        receiver=road.receiver,
        document_type=SI_UBL,
        process=BILLING,
        country_c1="NL",
        instance_id=str(uuid.uuid4()),
        created_at=at,
        standard=SI_UBL.namespace,
        type_name=SI_UBL.local_name,
        type_version=SI_UBL.version,
        mls_to=None,
        mls_type=None,
    )


def order(road: Road, payload: Iterator[bytes] | tuple[bytes, ...]) -> as4.Order:
    """What the engine is asked to send."""
    return as4.Order(
        sending_ap=road.signer.certificate.party_id,
        receiving_ap=PartyId(road.recipient.common_name),
        original_sender=road.sender,
        final_recipient=road.receiver,
        document_type=SI_UBL,
        process=BILLING,
        conversation_id=f"{uuid.uuid4()}@{HOST}",
        host=HOST,
        payload=payload,
    )


def compose(road: Road, payload: Iterator[bytes] | tuple[bytes, ...], at: datetime) -> Request:
    """One request, distinct from every other."""
    signed, encrypted = BytesIO(), BytesIO()
    composed = as4.compose(
        order(road, payload),
        signer=road.signer,
        recipient=road.recipient,
        message_id=f"{uuid.uuid4()}@{HOST}",
        at=at,
        signed=signed,
        encrypted=encrypted,
    )
    body = composed.head + encrypted.getvalue() + composed.tail
    return Request(headers=composed.headers, body=body, sent=composed.sent)


def request(road: Road, number: str, *, size: int = INVOICE_BYTES) -> Request:
    """One invoice in its envelope, composed now."""
    at = datetime.now(UTC)
    return compose(road, sbdh.wrap(envelope(road, at), (invoice(road, number, size=size),)), at)


def _filler(size: int) -> bytes:
    """A comment that compresses as invoice lines do."""
    words = [f"regel {number}: {number * 7919 % 100003} stuks" for number in range(max(size, 0))]
    return f"<!-- {'; '.join(words)}"[: max(size - 4, 0)].encode() + b" -->" if size > 0 else b""
