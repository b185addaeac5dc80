# SPDX-License-Identifier: Apache-2.0
"""A receiver in memory, and messages for it of which one thing is odd."""

from __future__ import annotations

import io
import random
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway import as4, pki, sbdh
from gateway.as4 import const, templates, writing
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.access_point import AccessPoint
from gateway.service.ports import ParticipantStore
from gateway.service.receive import Receiver, Reply
from gateway.service.records import Participant
from tests import builders
from tests.as4_exchange import HOST, MESSAGE_ID, Message
from tests.fakes import CountingIds, FixedClock, MemoryParticipants
from tests.pki_fixtures import AT
from tests.service_fakes import FailingInbound, FailingPayloads, MemoryInbound


def envelope(**changed: Any) -> sbdh.Envelope:
    """The envelope that fits the order below."""
    fields: dict[str, Any] = {
        "sender": builders.SENDER,
        "receiver": builders.RECEIVER,
        "document_type": builders.INVOICE,
        "process": builders.BILLING,
        "country_c1": "NL",
        "instance_id": "instance-1",
        "created_at": AT,
        "standard": builders.INVOICE.namespace,
        "type_name": builders.INVOICE.local_name,
        "type_version": builders.INVOICE.version,
        "mls_to": None,
        "mls_type": None,
    }
    return sbdh.Envelope(**(fields | changed))


@dataclass(frozen=True, kw_only=True)
class Post:
    """One message as our own sender makes it, with whatever a test changes."""

    sender: pki.KeyPair
    recipient: pki.Certificate
    at: datetime = AT
    message_id: str = MESSAGE_ID
    envelope: sbdh.Envelope = field(default_factory=envelope)
    document: bytes = field(default_factory=builders.invoice)
    payload: bytes | None = None  # instead of envelope and document
    order: dict[str, Any] = field(default_factory=dict)

    def but(self, **changed: Any) -> Post:
        return replace(self, **changed)

    def made(self) -> tuple[as4.Composed, bytes]:
        payload = self.payload
        if payload is None:
            payload = b"".join(sbdh.wrap(self.envelope, [self.document]))
        fields: dict[str, Any] = {
            "sending_ap": self.sender.certificate.party_id,
            "receiving_ap": self.recipient.party_id,
            "original_sender": builders.SENDER,
            "final_recipient": builders.RECEIVER,
            "document_type": builders.INVOICE,
            "process": builders.BILLING,
            "conversation_id": "conversation@sender.example",
            "host": HOST,
            "payload": [payload],
        }
        encrypted = io.BytesIO()
        composed = as4.compose(
            as4.Order(**(fields | self.order)),
            signer=self.sender,
            recipient=self.recipient,
            message_id=self.message_id,
            at=self.at,
            signed=io.BytesIO(),
            encrypted=encrypted,
        )
        return composed, composed.head + encrypted.getvalue() + composed.tail

    def message(self) -> Message:
        composed, body = self.made()
        return composed.headers, body


@dataclass
class Desk:
    """A receiver and what it uses."""

    receiver: Receiver
    inbound: MemoryInbound
    store: FailingInbound
    payloads: FailingPayloads
    participants: ParticipantStore
    clock: FixedClock
    post: Post
    trust: pki.TrustPolicy
    revocation: pki.Revocation

    async def take(self, message: Message, size: int = 64 * 1024) -> Reply:
        headers, body = message
        return await self.receiver.receive(headers, pieces(body, size))

    def read(self, reply: Reply, sent: as4.Sent) -> as4.Receipt | as4.ErrorSignal:
        """What the sender makes of a reply."""
        return as4.read_reply(
            reply.status,
            reply.headers,
            reply.body,
            sent,
            trust=self.trust,
            revocation=self.revocation,
            at=self.clock(),
        )

    async def exchange(self, post: Post) -> tuple[Reply, as4.Receipt | as4.ErrorSignal]:
        composed, body = post.made()
        reply = await self.take((composed.headers, body))
        return reply, self.read(reply, composed.sent)


def desk(
    local_pki: LocalPKI,
    sender: IssuedLeaf,
    receiver: IssuedLeaf,
    threads: Executor,
    participants: ParticipantStore | None = None,
    **changed: Any,
) -> Desk:
    """A receiver that serves one participant; `changed` is of its access point."""
    inbound, payloads, clock = MemoryInbound(), FailingPayloads(), FixedClock(AT)
    participants = participants or MemoryParticipants(served())
    store = FailingInbound(inbound)
    revocation = local_pki.revocation(AT)
    trust, pair = local_pki.trust(pki.Role.AP), receiver.pair
    us: dict[str, Any] = {
        "signer": pair,
        "keys": (pair,),
        "trust": trust,
        "revocation": lambda: revocation,
        "host": "receiver.example",
    }
    made = Receiver(
        store=store,
        payloads=payloads,
        participants=participants,
        access_point=AccessPoint(**(us | changed)),
        clock=clock,
        ids=CountingIds(),
        threads=threads,
    )
    return Desk(
        receiver=made,
        inbound=inbound,
        store=store,
        payloads=payloads,
        participants=participants,
        clock=clock,
        post=Post(sender=sender.pair, recipient=receiver.certificate),
        trust=trust,
        revocation=revocation,
    )


def served(**changed: Any) -> Participant:
    """The participant that is served at the desk."""
    fields: dict[str, Any] = {
        "id": builders.RECEIVER,
        "organisation": "org_1",
        "document_types": ((builders.INVOICE, builders.BILLING),),
        "country": "NL",
    }
    return Participant(**(fields | changed))


async def pieces(data: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@dataclass
class Counted:
    """A body that knows how many of its pieces were taken."""

    data: bytes
    size: int = 64 * 1024
    taken: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in pieces(self.data, self.size):
            self.taken += 1
            yield piece

    @property
    def count(self) -> int:
        return -(-len(self.data) // self.size)


def large(size: int) -> Iterator[bytes]:
    """A document that does not compress, of about this size."""
    start, end = builders.invoice(note="@@").split(b"@@")
    yield start
    yield random.Random(7).randbytes(size // 2).hex().encode()
    yield end


def ping(sender: pki.KeyPair, recipient: pki.Certificate) -> Message:
    """A message of the test service: plain SOAP, signed, without a payload."""
    names = writing.Names.of(MESSAGE_ID)
    slots = {slot: "x" for slot, _ in templates.USER_MESSAGE.slots()}
    slots |= {
        "messaging_id": names.id("msg"),
        "timestamp": writing.format_time(AT),
        "message_id": MESSAGE_ID,
        "sending_ap": sender.certificate.party_id.value,
        "receiving_ap": recipient.party_id.value,
        "service": const.PEPPOL_PMODE.test_service,
        "action": const.PEPPOL_PMODE.test_action,
    }
    messaging = templates.USER_MESSAGE.fill(**slots)
    start, end = messaging.index("<eb:PayloadInfo>"), messaging.index("</eb:UserMessage>")
    messaging = messaging[:start] + messaging[end:]
    body = templates.EMPTY_BODY.fill(body_id=names.id("body"))
    signed_info = writing.fill_signed_info(
        templates.SIGNAL_SIGNED_INFO,
        messaging=writing.reference_to("#" + names.id("msg"), messaging),
        body=writing.reference_to("#" + names.id("body"), body),
    )
    security = templates.SIGNAL_SECURITY.fill(**writing.signature_slots(names, sender, signed_info))
    soap = writing.build_envelope(security + messaging, body)
    return (("Content-Type", "application/soap+xml; charset=UTF-8"),), soap
