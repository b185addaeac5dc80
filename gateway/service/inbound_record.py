# SPDX-License-Identifier: Apache-2.0
"""Makes the record of a received message: what the store keeps under the receipt's promise."""

from __future__ import annotations

from datetime import datetime

from gateway import as4, pki, sbdh
from gateway.service.evidence import certificate_evidence, header_lines, revocation_evidence
from gateway.service.ports import IdMaker
from gateway.service.records import (
    Content,
    Direction,
    InboundMessage,
    Participant,
    ReportingRow,
    Routing,
    Wire,
)


def inbound_record(
    received: as4.Received,
    envelope: sbdh.Envelope,
    *,
    headers: as4.Headers,
    content: Content,
    participant: Participant,
    receipt: as4.Signal,
    revocation: pki.Revocation,
    ids: IdMaker,
    at: datetime,
) -> InboundMessage:
    """The record of a message that passed every check, for the participant that it is for."""
    verified = received.verified
    header = verified.user_message
    return InboundMessage(
        document_id=ids.prefixed("doc"),
        exchange_id=ids.prefixed("msg"),
        organisation=participant.organisation,
        sending_ap=header.sending_ap,
        receiving_ap=header.receiving_ap,
        message_id=header.message_id,
        conversation_id=header.conversation_id,
        sent_at=header.sent_at,
        received_at=at,
        routing=_routing(envelope),
        instance_id=envelope.instance_id,
        mls_to=envelope.mls_to,
        mls_type=envelope.mls_type,
        content=content,
        content_media_type=envelope.media_type,
        wire=Wire(
            http_headers=header_lines(headers),
            soap=verified.soap,
            part_headers=received.parts[0].headers,
        ),
        digests=verified.digests,
        receipt=receipt.body,
        receipt_message_id=receipt.message_id,
        evidence=(
            certificate_evidence(verified.signer),
            *revocation_evidence(verified.signer, revocation),
        ),
        revocation=verified.revocation,
        reporting=_reporting(header, envelope, participant),
    )


def _routing(envelope: sbdh.Envelope) -> Routing:
    return Routing(
        sender=envelope.sender,
        receiver=envelope.receiver,
        document_type=envelope.document_type,
        process=envelope.process,
        country_c1=envelope.country_c1,
    )


def _reporting(
    header: as4.UserMessage, envelope: sbdh.Envelope, participant: Participant
) -> ReportingRow:
    return ReportingRow(
        direction=Direction.INBOUND,
        exchanged_at=header.sent_at,
        other_ap=header.sending_ap,
        document_type=envelope.document_type,
        process=envelope.process,
        country_c1=envelope.country_c1,
        country_c4=participant.country,
        end_user=participant.organisation,
    )
