# SPDX-License-Identifier: Apache-2.0
"""The reader at its edges: frames, limits, order of parts, plain XML, the test service."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random

import pytest

from gateway import as4, safexml
from gateway.as4 import const, limits, templates, writing
from tests.as4_exchange import MESSAGE_ID, PAYLOAD, Exchange, Forgery, Message, swap

CRLF = b"\r\n"


def parts_of(message: Message) -> list[bytes]:
    """Each part with its headers, without the boundaries."""
    _, body = message
    boundary = body.split(CRLF, 1)[0]
    return [part[2:-2] for part in body.split(boundary)[1:-1]]


def joined(message: Message, parts: list[bytes], **headers: str) -> Message:
    boundary = message[1].split(CRLF, 1)[0]
    body = b"".join(boundary + CRLF + part + CRLF for part in parts) + boundary + b"--" + CRLF
    content_type = headers.get("content_type", message[0][0][1])
    return [("Content-Type", content_type)], body


def test_soap_part_need_not_be_the_first(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    soap, payload = parts_of(message)
    other = b"Content-ID: <x@y>\r\n\r\nignored"
    for parts in ([payload, soap], [payload, other, soap, b"\r\n"]):
        received, payloads = exchange.receive(joined(message, parts))
        assert payloads == (PAYLOAD,)
        assert received.parts[0].content_id == f"{forgery.names.id('part')}@sender.example"


def test_too_much_before_the_soap_part(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    large = b"\r\n" + bytes(limits.MAX_EARLY_PART_BYTES + 1)
    error = exchange.refusal(joined(message, [large, *parts_of(message)]))
    assert (error.ebms_code, error.status) == ("EBMS:0007", 400)
    assert "first" in error.detail


def test_parts_that_are_not_named_are_skipped(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    soap, payload = parts_of(message)
    note = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-y\r\n\r\nhello"
    _, payloads = exchange.receive(joined(message, [soap, payload, note]))
    assert payloads == (PAYLOAD,)
    error = exchange.refusal(joined(message, [soap, note, payload]))
    assert (error.ebms_code, error.step, error.status) == ("EBMS:0007", "parts", 200)


def test_broken_frames(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    soap, payload = parts_of(message)
    cases = {
        "missing": joined(message, [soap]),
        "twice": joined(message, [soap, payload, payload]),
        "no SOAP": joined(message, [payload]),
        "nothing": joined(message, []),
        "no end": (message[0], message[1][:-10]),
        "empty": (message[0], b""),
        "label": joined(message, [soap.replace(b"soap+xml", b"xml"), payload]),
        "encoding": joined(message, [soap, payload.replace(b"binary", b"x-y")]),
    }
    steps = {
        name: (exchange.refusal(case).ebms_code, exchange.refusal(case).step)
        for name, case in cases.items()
    }
    assert steps.pop("missing") == ("EBMS:0007", "parts")
    assert set(steps.values()) == {("EBMS:0007", "mime")}
    assert exchange.refusal(cases["no end"]).message_id == MESSAGE_ID
    assert exchange.refusal(cases["no end"]).status == 200  # some senders read no other one
    assert exchange.refusal(cases["empty"]).status == 400


@pytest.mark.parametrize("name", ["base64", "quoted-printable", "7bit"])
def test_transfer_encodings(exchange: Exchange, forgery: Forgery, name: str) -> None:
    def wire(data: bytes) -> bytes:
        if name == "base64":
            return base64.encodebytes(data).replace(b"\n", CRLF)
        if name == "7bit":
            return data
        return b"".join(b"=%02X" % byte for byte in data)

    message = forgery.but(transfer_encoding=name, wire=wire).message()
    assert exchange.receive(message)[1] == (PAYLOAD,)
    soap, payload = parts_of(message)
    head, _, text = soap.partition(CRLF + CRLF)
    encoded = head.replace(b"binary", b"base64") + CRLF * 2 + base64.encodebytes(text)
    assert exchange.receive(joined(message, [encoded, payload]))[1] == (PAYLOAD,)


def test_body_ceiling(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    size = len(message[1])
    exchange.receive(message, as4.Limits(max_body_bytes=size))
    with pytest.raises(as4.HTTPRefusedError) as caught:
        exchange.receive(message, as4.Limits(max_body_bytes=size - 1))
    assert caught.value.status == 413
    with pytest.raises(as4.HTTPRefusedError):  # the epilogue counts
        exchange.receive((message[0], message[1] + b"x" * 10), as4.Limits(max_body_bytes=size + 9))


def test_epilogue_may_come_late(exchange: Exchange, forgery: Forgery) -> None:
    headers, body = forgery.message()
    reader = exchange.reader(headers)
    events = [*reader.feed(body), *reader.feed(b"epilogue"), *reader.feed(b""), *reader.close()]
    assert isinstance(events[-1], as4.Received)


def test_payload_ceiling(exchange: Exchange, forgery: Forgery) -> None:
    message = forgery.message()
    exchange.receive(message, as4.Limits(max_payload_bytes=len(PAYLOAD)))
    error = exchange.refusal(message, as4.Limits(max_payload_bytes=len(PAYLOAD) - 1))
    assert (error.ebms_code, error.step) == ("EBMS:0303", "decompress")


def test_large_soap_part(exchange: Exchange, forgery: Forgery) -> None:
    padding = "<!--" + "x" * limits.MAX_SOAP_BYTES + "-->"
    error = forgery.but(soap=swap("<S12:Header>", padding + "<S12:Header>")).refusal()
    assert (error.ebms_code, error.step, error.status) == ("EBMS:0009", "xml", 400)
    soap = forgery.but(soap=swap("<S12:Header>", padding + "<S12:Header>")).soap_part()
    error = exchange.refusal(([("Content-Type", "application/soap+xml")], soap))
    assert (error.ebms_code, error.step) == ("EBMS:0009", "xml")


def plain(text: str) -> str:
    """The header of a message whose part is not compressed."""
    return text.replace('<eb:Property name="CompressionType">application/gzip</eb:Property>', "")


def typed(media_type: str, text: str) -> str:
    return text.replace(f'MimeType="{const.GZIP_TYPE}"', f'MimeType="{media_type}"')


XML = b"<?xml version='1.0'?><?p i?><a  c='2' b=\"1\"><b/>&#x41;</a>"


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "image/svg+xml"])
def test_plain_xml_is_signed_in_canonical_form(
    exchange: Exchange, forgery: Forgery, media_type: str
) -> None:
    canonical = b'<?p i?>\n<a b="1" c="2"><b></b>A</a>'
    assert safexml.canonicalise(safexml.parse(XML)) in canonical
    forged = forgery.but(
        content=XML,
        messaging=plain,
        encryption=lambda text: typed(media_type, text),
        digest=hashlib.sha256(canonical).digest(),
    )
    received, payloads = exchange.receive(forged.message())
    assert payloads == (XML,)
    assert not received.parts[0].compressed
    assert received.parts[0].payload_size == received.parts[0].signed_size == len(XML)
    # Some sign the raw bytes all the same.
    assert exchange.receive(forged.but(digest=None).message())[1] == (XML,)
    error = forged.but(digest=bytes(32)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "digest")
    lines = forged.but(
        content=b"a\nb", encryption=lambda text: typed("text/plain", text), digest=bytes(32)
    )
    assert lines.refusal().step == "digest"
    error = forged.but(content=b"<a>", digest=bytes(32)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "digest")


def test_other_text_is_signed_with_network_line_ends(exchange: Exchange, forgery: Forgery) -> None:
    content = b"a\rb\nc\r\nd\r" * 30_000
    digest = hashlib.sha256(b"a\r\nb\r\nc\r\nd\r\n" * 30_000).digest()
    forged = forgery.but(
        content=content,
        messaging=plain,
        encryption=lambda text: typed("text/plain", text),
        digest=digest,
    )
    assert exchange.receive(forged.message())[1] == (content,)
    headers, body = forged.message()
    reader = exchange.reader(headers)
    events = [
        event
        for start in range(0, len(body), 997)
        for event in reader.feed(body[start : start + 997])
    ]
    events += reader.close()
    assert isinstance(events[-1], as4.Received)


def test_too_much_plain_xml(exchange: Exchange, forgery: Forgery) -> None:
    content = b"<a>" + bytes(limits.MAX_PLAIN_XML_BYTES) + b"</a>"
    forged = forgery.but(
        content=content, messaging=plain, encryption=lambda text: typed("application/xml", text)
    )
    assert exchange.receive(forged.message())[1] == (content,)  # the plain digest is right
    error = forged.but(digest=bytes(32)).refusal()
    assert (error.ebms_code, error.detail) == ("EBMS:0103", "send it compressed")


def test_part_type_counts_where_the_encryption_names_none(
    exchange: Exchange, forgery: Forgery
) -> None:
    forged = forgery.but(
        content=XML,
        messaging=plain,
        encryption=lambda text: text.replace(f' MimeType="{const.GZIP_TYPE}"', ""),
    )
    assert exchange.receive(forged.message())[1] == (XML,)


def test_ping_without_payload(exchange: Exchange) -> None:
    """The test service: plain SOAP, signed, answered by a receipt of two references."""
    names = writing.Names.of(MESSAGE_ID)
    slots = {slot: "x" for slot, _ in templates.USER_MESSAGE.slots()}
    slots |= {
        "messaging_id": names.id("msg"),
        "timestamp": "2026-11-22T12:00:00Z",
        "message_id": MESSAGE_ID,
        "sending_ap": "POP000111",
        "receiving_ap": "POP000112",
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
    security = templates.SIGNAL_SECURITY.fill(
        **writing.signature_slots(names, exchange.sender, signed_info)
    )
    soap = writing.build_envelope(security + messaging, body)
    headers = [("Content-Type", "application/soap+xml; charset=UTF-8")]
    received, payloads = exchange.receive((headers, soap))
    assert received.verified.ping
    assert payloads == received.parts == ()
    sent = as4.Sent(
        message_id=MESSAGE_ID,
        receiving_ap=received.verified.user_message.receiving_ap,
        references=received.verified.references,
    )
    assert isinstance(exchange.read_reply(exchange.answer(received), sent), as4.Receipt)


def test_payload_that_is_named_needs_multipart(exchange: Exchange, forgery: Forgery) -> None:
    headers = [("Content-Type", "application/soap+xml")]
    error = exchange.refusal((headers, forgery.soap_part()))
    assert (error.ebms_code, error.step, error.message_id) == ("EBMS:0007", "parts", MESSAGE_ID)


def test_bytes_behind_a_broken_message_do_not_matter(exchange: Exchange, forgery: Forgery) -> None:
    reader = exchange.reader(forgery.message()[0])
    with pytest.raises(as4.MimeInconsistencyError):
        list(reader.close())
    assert not list(reader.feed(b"x"))


def test_huge_chunk_gives_small_pieces(exchange: Exchange) -> None:
    noise = base64.b64encode(random.Random(7).randbytes(1_500_000))
    composed, body = exchange.compose(noise)
    pieces = [
        event
        for event in exchange.reader(composed.headers).feed(body)
        if isinstance(event, as4.PartBytes)
    ]
    assert max(len(piece.signed) for piece in pieces) <= limits.CHUNK
    assert max(len(piece.payload) for piece in pieces) <= limits.CHUNK
    assert gzip.decompress(b"".join(piece.signed for piece in pieces)) == noise
