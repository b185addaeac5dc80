# SPDX-License-Identifier: Apache-2.0
"""A whole exchange in memory, both sides ours: request, receipt, errors, duplicates."""

from __future__ import annotations

import gzip
import io

import pytest

from gateway import as4, pki
from gateway.errors import GatewayError
from tests.as4_exchange import MESSAGE_ID, PAYLOAD, Exchange, Forgery


def test_what_was_sent_is_received(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    received, payloads = exchange.receive((composed.headers, body))
    header = received.verified.user_message
    assert payloads == (PAYLOAD,)
    assert composed.length == len(body)
    assert header.message_id == MESSAGE_ID
    assert header.sent_at == exchange.at
    assert header.sending_ap == exchange.sender.certificate.party_id
    assert (header.original_sender, header.final_recipient) == ("0106:12345678", "0106:87654321")
    assert header.original_sender_type == header.final_recipient_type == "iso6523-actorid-upis"
    assert header.action == exchange.order().document_type.uri
    assert (header.service, header.service_type) == (
        exchange.order().process.value,
        exchange.order().process.scheme,
    )
    assert received.verified.revocation == "good"
    assert received.verified.soap == composed.soap
    assert received.verified.references == composed.sent.references
    (part,) = received.parts
    assert part.headers == composed.part_headers
    assert part.payload_size == len(PAYLOAD)
    assert (part.mime_type, part.compressed) == ("application/xml", True)


def test_signed_sink_holds_what_the_digest_covers(exchange: Exchange) -> None:
    signed, encrypted = io.BytesIO(), io.BytesIO()
    composed = as4.compose(
        exchange.order(),
        signer=exchange.sender,
        recipient=exchange.receiver.certificate,
        message_id=MESSAGE_ID,
        at=exchange.at,
        signed=signed,
        encrypted=encrypted,
    )
    assert gzip.decompress(signed.getvalue()) == PAYLOAD
    body = composed.head + encrypted.getvalue() + composed.tail
    received, _ = exchange.receive((composed.headers, body))
    assert received.parts[0].signed_size == len(signed.getvalue())
    assert len(encrypted.getvalue()) == len(signed.getvalue()) + 28


def test_receipt_proves_the_exchange(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    received, _ = exchange.receive((composed.headers, body))
    signal = exchange.answer(received)
    assert (signal.status, signal.headers) == (200, as4.SIGNAL_HEADERS)
    kept = as4.Sent.from_bytes(composed.sent.to_bytes())
    assert kept == composed.sent
    receipt = exchange.read_reply(signal, kept)
    assert isinstance(receipt, as4.Receipt)
    assert receipt.signer == exchange.receiver.certificate
    assert receipt.ref_to_message_id == MESSAGE_ID
    assert receipt.message_id == signal.message_id
    assert receipt.given_at == exchange.at


def test_receipt_of_another_message_proves_nothing(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    received, _ = exchange.receive((composed.headers, body))
    signal = exchange.answer(received)
    again, _ = exchange.compose(PAYLOAD + b" ")  # the same id, other bytes
    with pytest.raises(as4.ReceiptMismatchError) as caught:
        exchange.read_reply(signal, again.sent)
    assert (caught.value.code, caught.value.step) == ("receipt_digest_mismatch", "references")
    other, _ = exchange.compose(message_id="other@sender.example")
    with pytest.raises(as4.ReceiptInvalidError, match="another message"):
        exchange.read_reply(signal, other.sent)


def test_error_signal_arrives_with_its_code(exchange: Exchange, forgery: Forgery) -> None:
    error = forgery.but(content=b"no gzip").refusal()
    signal = exchange.answer(error)
    composed, _ = exchange.compose()
    said = exchange.read_reply(signal, composed.sent)
    assert isinstance(said, as4.ErrorSignal)
    assert said.authenticated
    assert (said.ebms_code, said.severity) == ("EBMS:0303", "failure")
    assert said.short_description == "DecompressionFailure"
    assert said.detail == said.description == error.detail
    assert said.ref_to_message_id == MESSAGE_ID
    assert not said.not_serviced
    assert not said.duplicate


def test_not_serviced_and_duplicate_are_recognised(exchange: Exchange) -> None:
    composed, _ = exchange.compose()
    signal = exchange.answer(as4.NotServicedError(message_id=MESSAGE_ID))
    said = exchange.read_reply(signal, composed.sent)
    assert isinstance(said, as4.ErrorSignal)
    assert said.not_serviced
    assert (said.ebms_code, said.detail) == ("EBMS:0004", "PEPPOL:NOT_SERVICED")
    signal = exchange.answer(as4.DuplicateContentError(message_id=MESSAGE_ID))
    said = exchange.read_reply(signal, composed.sent)
    assert isinstance(said, as4.ErrorSignal)
    assert said.duplicate
    assert not said.not_serviced


def test_retry_has_equal_digests_and_other_content_has_not(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    first, _ = exchange.receive((composed.headers, body))
    again, _ = exchange.receive((composed.headers, body))
    assert first.verified.digests == again.verified.digests
    composed, body = exchange.compose(PAYLOAD + b" ")
    other, _ = exchange.receive((composed.headers, body))
    assert other.verified.digests != first.verified.digests


def test_rollover_takes_the_named_key(exchange: Exchange, forgery: Forgery) -> None:
    headers, body = forgery.message()
    for keys in ([exchange.receiver, exchange.sender], [exchange.sender, exchange.receiver]):
        received, payloads = as4.receive(
            headers,
            body,
            keys=keys,
            trust=exchange.trust,
            revocation=exchange.revocation,
            at=exchange.at,
        )
        assert payloads == (PAYLOAD,)
        assert received.parts


def test_unforeseen_error_shows_nothing_and_asks_for_a_retry(exchange: Exchange) -> None:
    signal = as4.answer(
        GatewayError("/var/lib/secret is full"),
        signer=exchange.receiver,
        message_id="signal@receiver.example",
        at=exchange.at,
        ref_to_message_id=MESSAGE_ID,
    )
    composed, _ = exchange.compose()
    said = exchange.read_reply(signal, composed.sent)
    assert isinstance(said, as4.ErrorSignal)
    assert (said.ebms_code, said.authenticated) == ("EBMS:0202", True)
    assert b"secret" not in signal.body


def test_large_payload_goes_through_in_pieces(exchange: Exchange) -> None:
    payload = b"<a>" + bytes(range(33, 59)) * 40_000 + b"</a>"
    composed, body = exchange.compose(payload)
    reader = exchange.reader(composed.headers)
    pieces = [
        event
        for start in range(0, len(body), 10_000)
        for event in reader.feed(body[start : start + 10_000])
    ]
    pieces += reader.close()
    assert isinstance(pieces[0], as4.Verified)
    assert isinstance(pieces[-1], as4.Received)
    parts = [piece for piece in pieces if isinstance(piece, as4.PartBytes)]
    assert b"".join(part.payload for part in parts) == payload
    assert gzip.decompress(b"".join(part.signed for part in parts)) == payload
    assert max(len(part.payload) for part in parts) <= 256 * 1024


def test_payload_may_come_in_many_pieces(exchange: Exchange) -> None:
    line = b"".join(b"<line>%d</line>" % number for number in range(5_000))
    order = as4.Order(**{**_fields(exchange.order()), "payload": [line] * 20})  # type: ignore[arg-type]
    signed, encrypted = io.BytesIO(), io.BytesIO()
    composed = as4.compose(
        order,
        signer=exchange.sender,
        recipient=exchange.receiver.certificate,
        message_id=MESSAGE_ID,
        at=exchange.at,
        signed=signed,
        encrypted=encrypted,
    )
    body = composed.head + encrypted.getvalue() + composed.tail
    assert composed.length == len(body)
    assert exchange.receive((composed.headers, body))[1] == (line * 20,)
    empty = as4.Order(**{**_fields(exchange.order()), "payload": []})  # type: ignore[arg-type]
    composed = as4.compose(
        empty,
        signer=exchange.sender,
        recipient=exchange.receiver.certificate,
        message_id=MESSAGE_ID,
        at=exchange.at,
        signed=io.BytesIO(),
        encrypted=(encrypted := io.BytesIO()),
    )
    body = composed.head + encrypted.getvalue() + composed.tail
    assert exchange.receive((composed.headers, body))[1] == (b"",)


def test_verified_comes_before_any_payload_is_there(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    reader = exchange.reader(composed.headers)
    events = list(reader.feed(composed.head))
    assert [type(event) for event in events] == [as4.Verified]
    assert not list(reader.feed(b""))
    events = list(reader.feed(body[len(composed.head) :]))
    assert all(isinstance(event, as4.PartBytes) for event in events)
    assert [type(event) for event in reader.close()] == [as4.Received]


def test_events_that_were_not_taken_wait(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    reader = exchange.reader(composed.headers)
    assert isinstance(next(reader.feed(body)), as4.Verified)
    events = list(reader.close())
    assert isinstance(events[0], as4.PartBytes)
    assert isinstance(events[-1], as4.Received)


def test_reader_gives_nothing_after_an_error(exchange: Exchange, forgery: Forgery) -> None:
    headers, body = forgery.but(used_key=b"f" * 16).message()
    reader = exchange.reader(headers)
    with pytest.raises(as4.FailedDecryptionError):
        list(reader.feed(body))
    assert not list(reader.close())


def test_order_needs_a_host_name(exchange: Exchange) -> None:
    with pytest.raises(as4.UnusableOrderError):
        as4.Order(**{**_fields(exchange.order()), "host": 'x"\r\nBcc: y'})  # type: ignore[arg-type]


def test_damaged_record_of_a_sent_message_is_an_error() -> None:
    for data in (b"", b"{}", b'{"message_id":1}', b"[]"):
        with pytest.raises(as4.UnusableOrderError):
            as4.Sent.from_bytes(data)


def test_key_that_is_not_for_us_is_not_tried(exchange: Exchange, forgery: Forgery) -> None:
    error = forgery.but(recipient=exchange.sender.certificate).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")


def test_revoked_and_unknown_signers(exchange: Exchange, forgery: Forgery) -> None:
    headers, body = forgery.message()
    with pytest.raises(as4.FailedAuthenticationError) as caught:
        as4.receive(
            headers,
            body,
            keys=[exchange.receiver],
            trust=exchange.trust,
            revocation=pki.Revocation.none(),
            at=exchange.at,
        )
    assert caught.value.step == "signer"
    assert caught.value.advice  # for our operator; the peer gets one sentence


def _fields(order: as4.Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in as4.Order.__dataclass_fields__}
