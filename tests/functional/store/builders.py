# SPDX-License-Identifier: Apache-2.0
"""One valid record of each kind that is stored; each test changes one part."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.service.lifecycle import Event
from gateway.service.records import (
    AttemptResult,
    Content,
    Direction,
    Evidence,
    IdempotentAnswer,
    InboundMessage,
    NewSubmission,
    OutboundMessage,
    ReportingRow,
    Routing,
    Summary,
    Wire,
)

AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
OWNER = "org_1"
INVOICE = DocumentTypeId.parse(
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice"
    "##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
)
BILLING = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
OTHER_AP = PartyId("PNL000052")
OUR_AP = PartyId("PNL000099")
ROUTING = Routing(
    sender=ParticipantId("0106:12345678"),
    receiver=ParticipantId("0190:ABC"),
    document_type=INVOICE,
    process=BILLING,
    country_c1="NL",
)
SUMMARY = Summary(
    kind="invoice",
    number="2026-0042",
    issue_date=date(2026, 11, 22),
    seller_name="Jansen",
    payable_amount="121.00",
    currency="EUR",
)
CERTIFICATE = Evidence(kind="certificate", sha256=hashlib.sha256(b"cert").hexdigest(), data=b"cert")


def content(data: bytes = b"<Invoice/>", *, gzip: bool = False) -> Content:
    """Bytes that lie in their row."""
    return Content(size=len(data), sha256=hashlib.sha256(data).hexdigest(), gzip=gzip, inline=data)


def reporting(direction: Direction) -> ReportingRow:
    """A row for the monthly reports."""
    return ReportingRow(
        direction=direction,
        exchanged_at=AT,
        other_ap=OTHER_AP,
        document_type=INVOICE,
        process=BILLING,
        country_c1="NL",
        country_c4="NL" if direction is Direction.INBOUND else None,
        end_user=OWNER,
    )


def inbound(number: int = 1, **changes: Any) -> InboundMessage:
    """A received message; each number is another one."""
    message = InboundMessage(
        document_id=f"doc_in{number:06}",
        exchange_id=f"exc_in{number:06}",
        organisation=OWNER,
        sending_ap=OTHER_AP,
        receiving_ap=OUR_AP,
        message_id=f"{number}@ap.example",
        conversation_id="conversation",
        sent_at=AT - timedelta(seconds=2),
        received_at=AT + timedelta(milliseconds=number),
        routing=ROUTING,
        instance_id=f"instance-{number}",
        mls_to="0242:000052",
        mls_type="FAILURE_ONLY",
        content=content(b"signed gzip bytes", gzip=True),
        content_media_type="application/xml",
        wire=Wire(http_headers=b"headers", soap=b"soap", part_headers=b"part"),
        digests="digests",
        receipt=b"receipt",
        receipt_message_id=f"r{number}@us.example",
        evidence=(CERTIFICATE,),
        revocation="good",
        reporting=reporting(Direction.INBOUND),
    )
    return replace(message, **changes)


def submission(number: int = 1, **changes: Any) -> NewSubmission:
    """A pushed document; each number is another one."""
    new = NewSubmission(
        document_id=f"doc_out{number:06}",
        organisation=OWNER,
        routing=ROUTING,
        summary=SUMMARY,
        reference=f"reference {number}",
        custom={"colour": "blue"},
        content=content(),
        media_type="application/xml",
        validation="valid",
        validation_detail={"warnings": 1},
        business_key=f"business {number}",
        mls_type=None,
        deliver_until=AT + timedelta(hours=24),
        accepted_at=AT,
    )
    return replace(new, **changes)


def answer(key: str = "key", **changes: Any) -> IdempotentAnswer:
    """An answer that a repeat gets again."""
    first = IdempotentAnswer(
        organisation=OWNER,
        key=key,
        fingerprint="f",
        status=202,
        headers={"Location": "/v1/documents/doc_out000001"},
        body=b"{}",
        at=AT,
    )
    return replace(first, **changes)


def message(number: int = 1, **changes: Any) -> OutboundMessage:
    """The AS4 message of `submission(number)`."""
    made = OutboundMessage(
        exchange_id=f"exc_out{number:06}",
        document_id=f"doc_out{number:06}",
        message_id=f"o{number}@us.example",
        conversation_id="conversation",
        instance_id=f"instance-out-{number}",
        sent_at=AT,
        receiving_ap=OTHER_AP,
        url="https://ap.example/as4",
        sent=b"sent",
        http_headers=(("Content-Type", "multipart/related"), ("SOAPAction", '""')),
        wire=Wire(http_headers=b"", soap=b"soap", part_headers=b"part"),
        head=b"head",
        body=content(b"encrypted"),
        tail=b"tail",
        signed=content(b"compressed", gzip=True),
        evidence=(CERTIFICATE,),
        lookup={"smp": "https://smp.example"},
    )
    return replace(made, **changes)


def result(event: Event, number: int = 1, **changes: Any) -> AttemptResult:
    """How a try of `message(number)` ended."""
    ended = AttemptResult(
        document_id=f"doc_out{number:06}",
        exchange_id=f"exc_out{number:06}",
        number=1,
        started_at=AT,
        ended_at=AT + timedelta(seconds=3),
        event=event,
        next_attempt_at=None,
        http_status=200,
        reply_headers=b"reply headers",
        reply_body=b"reply",
    )
    return replace(ended, **changes)
