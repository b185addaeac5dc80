# SPDX-License-Identifier: Apache-2.0
"""What we sign also verifies with signxml, which shares no code with this room."""

from __future__ import annotations

import gzip
import io

import pytest
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from gateway import as4, pki
from tests.as4_exchange import MESSAGE_ID, Exchange


def second_opinion(
    soap: bytes, signer: pki.Certificate, *, references: int, parts: dict[str, bytes]
) -> list[bytes]:
    """The bytes that signxml says are signed."""
    config = SignatureConfiguration(expect_references=references, location=".//")
    results = XMLVerifier().verify(
        etree.fromstring(soap),
        x509_cert=signer.x509,
        uri_resolver=parts.get,
        expect_config=config,
    )
    assert isinstance(results, list)
    return [result.signed_data for result in results]


@pytest.fixture(scope="module")
def request_and_answers(exchange: Exchange) -> tuple[as4.Composed, bytes, as4.Signal, as4.Signal]:
    signed, encrypted = io.BytesIO(), io.BytesIO()
    composed = as4.compose(
        exchange.order(b'<a b="c">\xc3\xa9</a>'),
        signer=exchange.sender,
        recipient=exchange.receiver.certificate,
        message_id=MESSAGE_ID,
        at=exchange.at,
        signed=signed,
        encrypted=encrypted,
    )
    body = composed.head + encrypted.getvalue() + composed.tail
    received, _ = exchange.receive((composed.headers, body))
    error = as4.NotServicedError(message_id=MESSAGE_ID)
    return composed, signed.getvalue(), exchange.answer(received), exchange.answer(error)


def test_request(
    exchange: Exchange, request_and_answers: tuple[as4.Composed, bytes, as4.Signal, as4.Signal]
) -> None:
    composed, signed, _, _ = request_and_answers
    uri = composed.sent.references[2].uri
    found = second_opinion(
        composed.soap, exchange.sender.certificate, references=3, parts={uri: signed}
    )
    assert found[0].startswith(b"<eb:Messaging ")
    assert found[1].startswith(b"<S12:Body ")
    assert gzip.decompress(found[2]) == b'<a b="c">\xc3\xa9</a>'


def test_signals(
    exchange: Exchange, request_and_answers: tuple[as4.Composed, bytes, as4.Signal, as4.Signal]
) -> None:
    for signal in request_and_answers[2:]:
        found = second_opinion(signal.body, exchange.receiver.certificate, references=2, parts={})
        assert found[0].startswith(b"<eb:Messaging ")


def test_it_does_refuse(
    exchange: Exchange, request_and_answers: tuple[as4.Composed, bytes, as4.Signal, as4.Signal]
) -> None:
    _, _, receipt, _ = request_and_answers
    tampered = receipt.body.replace(b"<eb:Timestamp>2", b"<eb:Timestamp>3")
    with pytest.raises(Exception, match=r"[Dd]igest"):
        second_opinion(tampered, exchange.receiver.certificate, references=2, parts={})
