# SPDX-License-Identifier: Apache-2.0
"""Two access points that talk to each other in memory, and messages that only a forger would make.

`Exchange` is both sides at one fixed moment. `Forgery` builds a request like `as4.compose`, but
every piece can be edited before it is digested, signed or sent, so that each refusal of the
receiver can be met with a message whose other properties are right.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway import as4, pki
from gateway.as4 import const, templates, writing
from gateway.as4.encryption import PartEncryptor, wrap_key
from gateway.as4.mime import build_frame
from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.sandbox.pki import IssuedLeaf, LocalPKI

MESSAGE_ID = "11111111-2222-4333-8444-555555555555@sender.example"
HOST = "sender.example"
DOCUMENT_TYPE = DocumentTypeId.parse(
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice"
    "##urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
)
PROCESS = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
PAYLOAD = b"<sbd>" + b"".join(b"<line>%d</line>" % number for number in range(400)) + b"</sbd>"

Edit = Callable[[str], str]
Message = tuple[as4.Headers, bytes]


def swap(old: str, new: str) -> Edit:
    """An edit that replaces a text which must be there."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return edit


def before(anchor: str, text: str) -> Edit:
    """An edit that puts text in front of another one."""
    return swap(anchor, text + anchor)


def without(pattern: str) -> Edit:
    """An edit that removes what a pattern matches, which must be something."""

    def edit(text: str) -> str:
        changed = re.sub(pattern, "", text)
        assert changed != text, pattern
        return changed

    return edit


def same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Exchange:
    """Sender and receiver of one PKI at one moment."""

    sender: pki.KeyPair
    receiver: pki.KeyPair
    trust: pki.TrustPolicy
    revocation: pki.Revocation
    at: datetime

    @classmethod
    def of(
        cls, local_pki: LocalPKI, sender: IssuedLeaf, receiver: IssuedLeaf, at: datetime
    ) -> Exchange:
        return cls(
            sender=sender.pair,
            receiver=receiver.pair,
            trust=local_pki.trust(pki.Role.AP),
            revocation=local_pki.revocation(at),
            at=at,
        )

    def order(self, payload: bytes = PAYLOAD) -> as4.Order:
        return as4.Order(
            sending_ap=self.sender.certificate.party_id,
            receiving_ap=self.receiver.certificate.party_id,
            original_sender=ParticipantId("0106:12345678"),
            final_recipient=ParticipantId("0106:87654321"),
            document_type=DOCUMENT_TYPE,
            process=PROCESS,
            conversation_id="conversation@sender.example",
            host=HOST,
            payload=[payload],
        )

    def compose(
        self, payload: bytes = PAYLOAD, message_id: str = MESSAGE_ID
    ) -> tuple[as4.Composed, bytes]:
        """A request as we send it, and its whole body."""
        encrypted = io.BytesIO()
        composed = as4.compose(
            self.order(payload),
            signer=self.sender,
            recipient=self.receiver.certificate,
            message_id=message_id,
            at=self.at,
            signed=io.BytesIO(),
            encrypted=encrypted,
        )
        return composed, composed.head + encrypted.getvalue() + composed.tail

    def reader(self, headers: as4.Headers, limits: as4.Limits = as4.DEFAULT_LIMITS) -> as4.Reader:
        return as4.Reader(
            headers,
            keys=[self.receiver],
            trust=self.trust,
            revocation=self.revocation,
            at=self.at,
            limits=limits,
        )

    def receive(
        self, message: Message, limits: as4.Limits = as4.DEFAULT_LIMITS
    ) -> tuple[as4.Received, tuple[bytes, ...]]:
        headers, body = message
        return as4.receive(
            headers,
            body,
            keys=[self.receiver],
            trust=self.trust,
            revocation=self.revocation,
            at=self.at,
            limits=limits,
        )

    def refusal(self, message: Message, limits: as4.Limits = as4.DEFAULT_LIMITS) -> as4.AS4Error:
        """The error that a message meets."""
        try:
            self.receive(message, limits)
        except as4.AS4Error as error:
            return error
        raise AssertionError("the message was accepted")

    def answer(self, outcome: as4.Received | as4.AS4Error) -> as4.Signal:
        return as4.answer(
            outcome, signer=self.receiver, message_id="signal@receiver.example", at=self.at
        )

    def read_reply(self, signal: as4.Signal, sent: as4.Sent) -> as4.Receipt | as4.ErrorSignal:
        return as4.read_reply(
            signal.status,
            signal.headers,
            signal.body,
            sent,
            trust=self.trust,
            revocation=self.revocation,
            at=self.at,
        )


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """One request of which every piece can be wrong. Edits run at the point that they name."""

    exchange: Exchange
    signer: pki.KeyPair | None = None  # signs, and is the token; From stays the exchange's sender
    recipient: pki.Certificate | None = None  # the certificate that the key is encrypted to
    payload: bytes = PAYLOAD
    content: bytes | None = None  # what is signed and encrypted instead of the gzip bytes
    digest: bytes | None = None
    key: bytes = b"0123456789abcdef"
    used_key: bytes | None = None  # the key that really encrypts
    message_id: str = MESSAGE_ID
    messaging: Edit = same  # before it is signed
    body: Edit = same
    signed_info: Edit = same
    encryption: Edit = same  # the Security header, before the signed parts are put in
    soap: Edit = same  # the whole SOAP part, after signing
    wire: Callable[[bytes], bytes] = field(default=lambda data: data)  # the encrypted part
    transfer_encoding: str = "binary"
    names: writing.Names = field(default=writing.Names.of(MESSAGE_ID))

    def but(self, **changes: object) -> Forgery:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def href(self) -> str:
        return f"cid:{self.names.id('part')}@{HOST}"

    def soap_part(self) -> bytes:
        """The SOAP part alone."""
        content = self._content()
        messaging, body = self.messaging(self._messaging()), self.body(self._body())
        digest = hashlib.sha256(content).digest() if self.digest is None else self.digest
        signed_info = self.signed_info(
            writing.fill_signed_info(
                templates.MESSAGE_SIGNED_INFO,
                messaging=writing.reference_to("#" + self.names.id("msg"), messaging),
                body=writing.reference_to("#" + self.names.id("body"), body),
                part=writing.digested_reference(self.href, digest),
            )
        )
        security = self.encryption(self._security(signed_info))
        return self.soap(writing.build_envelope(security + messaging, body).decode()).encode()

    def message(self) -> Message:
        """The request: HTTP headers and body."""
        frame = build_frame(
            soap=self.soap_part(),
            boundary=f"as4_{self.names.token}",
            host=HOST,
            root_id=self.names.id("root"),
            part_id=self.names.id("part"),
        )
        encryptor = PartEncryptor(self.used_key or self.key)
        encrypted = encryptor.start + encryptor.feed(self._content()) + encryptor.close()
        head = frame.head
        if self.transfer_encoding != "binary":
            declared = b"octet-stream\r\nContent-Transfer-Encoding: "
            new = declared + self.transfer_encoding.encode()
            assert declared + b"binary" in head
            head = head.replace(declared + b"binary", new)
        return frame.headers, head + self.wire(encrypted) + frame.tail

    def refusal(self) -> as4.AS4Error:
        return self.exchange.refusal(self.message())

    def _content(self) -> bytes:
        return gzip.compress(self.payload, mtime=0) if self.content is None else self.content

    def _messaging(self) -> str:
        order = self.exchange.order()
        return templates.USER_MESSAGE.fill(
            messaging_id=self.names.id("msg"),
            timestamp=writing.format_time(self.exchange.at),
            message_id=self.message_id,
            sending_ap=order.sending_ap.value,
            receiving_ap=order.receiving_ap.value,
            service=order.process.value,
            service_type=order.process.scheme,
            action=order.document_type.uri,
            conversation_id=order.conversation_id,
            sender=order.original_sender.value,
            recipient=order.final_recipient.value,
            href=self.href,
        )

    def _body(self) -> str:
        return templates.EMPTY_BODY.fill(body_id=self.names.id("body"))

    def _security(self, signed_info: str) -> str:
        recipient = self.recipient or self.exchange.receiver.certificate
        return templates.MESSAGE_SECURITY.fill(
            recipient=writing.base64_text(recipient.der),
            recipient_id=self.names.id("G"),
            recipient_uri="#" + self.names.id("G"),
            wrapped_key=writing.base64_text(wrap_key(self.key, recipient)),
            key_id=self.names.id("EK"),
            key_uri="#" + self.names.id("EK"),
            data_id=self.names.id("ED"),
            data_uri="#" + self.names.id("ED"),
            href=self.href,
            **writing.signature_slots(self.names, self.signer or self.exchange.sender, signed_info),
        )


def events_of(reader: as4.Reader, chunks: Iterator[bytes]) -> Iterator[object]:
    """All events of a reader that gets its body in these chunks."""
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.close()


def party(text: str) -> PartyId:
    return PartyId(text)


NOT_SERVICED = const.NOT_SERVICED
