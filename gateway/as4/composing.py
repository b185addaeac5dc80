# SPDX-License-Identifier: Apache-2.0
"""The outbound story: an order and a payload become a signed and encrypted AS4 request.

The payload goes through once: gzip, SHA-256, AES-GCM. The digest stands in the header that is sent
first, so the encrypted bytes go to a sink and the request is `head`, these bytes, `tail`. No tree
is built.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway import pki
from gateway.as4 import templates, writing
from gateway.as4.compress import compressor
from gateway.as4.encryption import PartEncryptor, new_key, wrap_key
from gateway.as4.limits import CHUNK
from gateway.as4.mime import build_frame
from gateway.as4.orders import Order, Sent, Sink
from gateway.as4.writing import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A request: `headers`, and a body of `head`, the encrypted bytes of the sink, `tail`.

    `length` is that of the whole body. `soap` and `part_headers` are kept as evidence.
    """

    headers: tuple[tuple[str, str], ...]
    head: bytes
    tail: bytes
    length: int
    sent: Sent
    soap: bytes
    part_headers: bytes
    conversation_id: str


def compose(
    order: Order,
    *,
    signer: pki.Signer,
    recipient: pki.Certificate,
    message_id: str,
    at: datetime,
    signed: Sink,
    encrypted: Sink,
) -> Composed:
    """Build the request. `signed` gets the compressed bytes that the signature covers, `encrypted`
    those that go on the wire. The caller judged the recipient's certificate before.
    """
    key = new_key()
    digest, size = _write_payload(order.payload, key, signed=signed, encrypted=encrypted)
    names = Names.of(message_id)
    href = f"cid:{names.id('part')}@{order.host}"
    messaging = _messaging(order, names, message_id=message_id, at=at, href=href)
    body = templates.EMPTY_BODY.fill(body_id=names.id("body"))
    references = {
        "messaging": writing.reference_to("#" + names.id("msg"), messaging),
        "body": writing.reference_to("#" + names.id("body"), body),
        "part": writing.digested_reference(href, digest),
    }
    signed_info = writing.fill_signed_info(templates.MESSAGE_SIGNED_INFO, **references)
    security = templates.MESSAGE_SECURITY.fill(
        **_encryption_slots(names, key, recipient, href=href),
        **writing.signature_slots(names, signer, signed_info),
    )
    soap = writing.build_envelope(security + messaging, body)
    frame = build_frame(
        soap=soap,
        boundary=f"as4_{names.token}",
        host=order.host,
        root_id=names.id("root"),
        part_id=names.id("part"),
    )
    return Composed(
        headers=frame.headers,
        head=frame.head,
        tail=frame.tail,
        length=len(frame.head) + size + len(frame.tail),
        sent=Sent(
            message_id=message_id,
            receiving_ap=order.receiving_ap,
            references=tuple(references.values()),
        ),
        soap=soap,
        part_headers=frame.part_headers,
        conversation_id=order.conversation_id,
    )


def _messaging(order: Order, names: Names, *, message_id: str, at: datetime, href: str) -> str:
    return templates.USER_MESSAGE.fill(
        messaging_id=names.id("msg"),
        timestamp=writing.format_time(at),
        message_id=message_id,
        sending_ap=order.sending_ap.value,
        receiving_ap=order.receiving_ap.value,
        service=order.process.value,
        service_type=order.process.scheme,
        action=order.document_type.uri,
        conversation_id=order.conversation_id,
        sender=order.original_sender.value,
        recipient=order.final_recipient.value,
        href=href,
    )


def _encryption_slots(
    names: Names, key: bytes, recipient: pki.Certificate, *, href: str
) -> dict[str, str]:
    return {
        "recipient": writing.base64_text(recipient.der),
        "recipient_id": names.id("G"),
        "recipient_uri": "#" + names.id("G"),
        "wrapped_key": writing.base64_text(wrap_key(key, recipient)),
        "key_id": names.id("EK"),
        "key_uri": "#" + names.id("EK"),
        "data_id": names.id("ED"),
        "data_uri": "#" + names.id("ED"),
        "href": href,
    }


def _write_payload(
    payload: Iterable[bytes], key: bytes, *, signed: Sink, encrypted: Sink
) -> tuple[bytes, int]:
    """Compress, digest and encrypt in one pass; the digest and the encrypted size."""
    digest = hashlib.sha256()
    encryptor = PartEncryptor(key)
    encrypted.write(encryptor.start)
    size = len(encryptor.start)
    for piece in _compressed(payload):
        digest.update(piece)
        signed.write(piece)
        encrypted.write(encryptor.feed(piece))
        size += len(piece)
    end = encryptor.close()
    encrypted.write(end)
    return digest.digest(), size + len(end)


def _compressed(payload: Iterable[bytes]) -> Iterator[bytes]:
    pieces = _gathered(payload)
    first = next(pieces, b"")
    packer = compressor(len(first))
    if packed := packer.compress(first):
        yield packed
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _gathered(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at least `CHUNK`, the last one aside."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
