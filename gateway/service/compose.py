# SPDX-License-Identifier: Apache-2.0
"""Makes the AS4 message of a document: envelope around it, compressed, signed, encrypted, kept.

The bytes that leave are stored before they leave, so that every try sends the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime

from gateway import as4, sbdh
from gateway.service.access_point import AccessPoint
from gateway.service.contents import plain_chunks
from gateway.service.evidence import certificate_evidence, header_lines, revocation_evidence
from gateway.service.lookup import Found
from gateway.service.ports import Clock, IdMaker, PayloadStore, Spool
from gateway.service.records import Content, Document, OutboundMessage, Wire
from gateway.service.stopwatch import Stopwatch
from gateway.service.threads import INLINE_WIRE, in_thread


class Composer:
    """Turns documents into messages of one access point."""

    def __init__(
        self,
        *,
        payloads: PayloadStore,
        access_point: AccessPoint,
        clock: Clock,
        ids: IdMaker,
        threads: Executor,
    ) -> None:
        self._payloads = payloads
        self._us = access_point
        self._clock = clock
        self._ids = ids
        self._threads = threads

    async def compose(self, document: Document, found: Found, watch: Stopwatch) -> OutboundMessage:
        """One new message for this endpoint, with a message id that no other ever had."""
        signed, encrypted = self._payloads.spool(), self._payloads.spool()
        try:
            if document.content.size <= INLINE_WIRE:
                made = self._make(document, found, signed, encrypted, watch=watch)
            else:
                made = await in_thread(
                    self._threads,
                    lambda: self._make(document, found, signed, encrypted, watch=watch),
                )
            envelope, composed, at = made
            proof = await self._payloads.keep(signed, gzip=True)
            body = await self._payloads.keep(encrypted, gzip=False)
        finally:
            signed.discard()
            encrypted.discard()
        return self._message(document, found, envelope, composed, proof=proof, body=body, at=at)

    def _make(
        self,
        document: Document,
        found: Found,
        signed: Spool,
        encrypted: Spool,
        *,
        watch: Stopwatch,
    ) -> tuple[sbdh.Envelope, as4.Composed, datetime]:
        at = self._clock()
        envelope = self._envelope(document, at)
        order = as4.Order(
            sending_ap=self._us.signer.certificate.party_id,
            receiving_ap=found.certificate.party_id,
            original_sender=document.routing.sender,
            final_recipient=document.routing.receiver,
            document_type=document.routing.document_type,
            process=document.routing.process,
            conversation_id=f"{self._ids.uuid()}@{self._us.host}",
            host=self._us.host,
            payload=watch.timed(
                "envelope_ms",
                lambda: sbdh.wrap(envelope, plain_chunks(self._payloads, document.content)),
            ),
        )
        composed = as4.compose(
            order,
            signer=self._us.signer,
            recipient=found.certificate,
            message_id=f"{self._ids.uuid()}@{self._us.host}",
            at=at,
            signed=signed,
            encrypted=encrypted,
        )
        return envelope, composed, at

    def _envelope(self, document: Document, at: datetime) -> sbdh.Envelope:
        routing = document.routing
        return sbdh.Envelope(
            sender=routing.sender,
            receiver=routing.receiver,
            document_type=routing.document_type,
            process=routing.process,
            country_c1=routing.country_c1,
            instance_id=self._ids.uuid(),
            created_at=at,
            standard=routing.document_type.namespace,
            type_name=routing.document_type.local_name,
            type_version=routing.document_type.version,
            mls_to=None,
            mls_type=document.mls_type,
        )

    def _message(
        self,
        document: Document,
        found: Found,
        envelope: sbdh.Envelope,
        composed: as4.Composed,
        *,
        proof: Content,
        body: Content,
        at: datetime,
    ) -> OutboundMessage:
        return OutboundMessage(
            exchange_id=self._ids.prefixed("msg"),
            document_id=document.id,
            message_id=composed.sent.message_id,
            conversation_id=composed.conversation_id,
            instance_id=envelope.instance_id,
            sent_at=at,
            receiving_ap=composed.sent.receiving_ap,
            url=found.url,
            sent=composed.sent.to_bytes(),
            http_headers=composed.headers,
            wire=Wire(
                http_headers=header_lines(composed.headers),
                soap=composed.soap,
                part_headers=composed.part_headers,
            ),
            head=composed.head,
            tail=composed.tail,
            body=body,
            signed=proof,
            evidence=(
                certificate_evidence(found.certificate),
                *found.evidence,
                *revocation_evidence(found.certificate, self._us.revocation()),
                *revocation_evidence(found.signer, self._us.revocation()),
            ),
            lookup=found.report,
        )


def at_address(message: OutboundMessage, url: str) -> OutboundMessage:
    """The same message for the same certificate at an address that changed meanwhile."""
    return message if url == message.url else replace(message, url=url)


def body_chunks(payloads: PayloadStore, message: OutboundMessage) -> Iterator[bytes]:
    """The HTTP body of the message, as it goes out at every try."""
    yield message.head
    yield from payloads.chunks(message.body)
    yield message.tail
