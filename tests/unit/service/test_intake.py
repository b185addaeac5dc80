# SPDX-License-Identifier: Apache-2.0
"""Both rooms on one message: what is seen when, and which of two faults is told."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest

from gateway import as4, sbdh
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.intake import Intake
from gateway.service.serving import ServedHere
from tests import builders
from tests.as4_exchange import DOCUMENT_TYPE, PROCESS, Exchange, Forgery, Message
from tests.fakes import MemoryParticipants
from tests.pki_fixtures import AT
from tests.service_messages import Post, envelope, served

SENDER, RECEIVER = ParticipantId("0106:12345678"), ParticipantId("0106:87654321")

OTHER_TYPE = DocumentTypeId.parse(DOCUMENT_TYPE.value.replace("billing:3.0", "billing:4.0"))


class Everybody:
    """The port `Served`; notes what was asked."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, ...]] = []

    def serves(
        self,
        receiver: ParticipantId,
        document_type: DocumentTypeId | None = None,
        process: ProcessId | None = None,
    ) -> bool:
        self.asked.append((receiver, document_type, process))
        return self.answers.pop(0) if self.answers else True


@pytest.fixture
def exchange(local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> Exchange:
    return Exchange.of(local_pki, sender_leaf, receiver_leaf, AT)


@pytest.fixture
def post(sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> Post:
    return Post(sender=sender_leaf.pair, recipient=receiver_leaf.certificate)


class Taken:
    """An intake and everything that it gets."""

    def __init__(self, exchange: Exchange, message: Message, served: Any = None) -> None:
        headers, self.body = message
        self.sink = io.BytesIO()
        self.served = served or Everybody()
        self.unpacked: list[int] = []
        self.intake = Intake(
            headers,
            keys=[exchange.receiver],
            trust=exchange.trust,
            revocation=exchange.revocation,
            served=self.served,
            at=exchange.at,
            sink=self.sink,
        )

    def run(self) -> Any:
        self.unpacked += self.intake.feed(self.body)
        self.unpacked += self.intake.close()
        return self.intake.message()

    def refused(self) -> as4.AS4Error:
        with pytest.raises(as4.AS4Error) as caught:
            self.run()
        return caught.value


def wrapped(**changed: Any) -> bytes:
    fields = {
        "sender": SENDER,
        "receiver": RECEIVER,
        "document_type": DOCUMENT_TYPE,
        "process": PROCESS,
    }
    return b"".join(sbdh.wrap(envelope(**(fields | changed)), [builders.invoice()]))


def test_a_message_and_what_its_signature_covers(exchange: Exchange, post: Post) -> None:
    payload = b"".join(sbdh.wrap(post.envelope, [post.document]))
    taken = Taken(exchange, post.message())
    message = taken.run()
    assert message.envelope == post.envelope
    assert gzip.decompress(taken.sink.getvalue()) == payload
    assert sum(taken.unpacked) == len(payload)
    assert taken.intake.message_id == post.message_id
    assert taken.served.asked == [
        (builders.RECEIVER, None, None),
        (builders.RECEIVER, builders.INVOICE, builders.BILLING),
    ]


def test_nothing_is_known_before_the_header_is_verified(exchange: Exchange, post: Post) -> None:
    headers, body = post.message()
    taken = Taken(exchange, (headers, body[:100]))
    assert list(taken.intake.feed(body[:100])) == []
    assert taken.intake.message_id is None
    assert taken.intake.verified is None


def test_a_message_that_was_not_closed_is_none(exchange: Exchange, post: Post) -> None:
    taken = Taken(exchange, post.message())
    list(taken.intake.feed(taken.body))
    with pytest.raises(as4.DeliveryFailureError):
        taken.intake.message()


def test_a_receiver_not_served_is_told_before_its_payload(exchange: Exchange, post: Post) -> None:
    taken = Taken(exchange, post.message(), Everybody(False))
    error = taken.refused()
    assert isinstance(error, as4.NotServicedError)
    assert error.message_id == post.message_id
    assert taken.sink.getvalue() == b""


def test_a_document_type_not_served_is_told_at_the_end(exchange: Exchange, post: Post) -> None:
    error = Taken(exchange, post.message(), Everybody(True, False)).refused()
    assert isinstance(error, as4.NotServicedError)
    assert (error.step, error.message_id) == ("serviced", post.message_id)


def test_a_wrong_digest_is_told_and_not_what_the_envelope_lacks(exchange: Exchange) -> None:
    """An envelope that nobody signed for is not worth an opinion."""
    error = Taken(exchange, Forgery(exchange=exchange, digest=bytes(32)).message()).refused()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "digest")


def test_what_the_envelope_lacks_is_told_once_it_was_signed_for(exchange: Exchange) -> None:
    error = Taken(exchange, Forgery(exchange=exchange).message()).refused()
    assert (error.ebms_code, error.step) == ("EBMS:0004", "envelope")


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({}, True),
        ({"sender": RECEIVER}, False),
        ({"receiver": SENDER}, False),
        ({"process": ProcessId("urn:other")}, False),
        ({"document_type": OTHER_TYPE}, False),
    ],
)
def test_envelope_and_header_must_agree(
    exchange: Exchange, changed: dict[str, Any], right: bool
) -> None:
    taken = Taken(exchange, Forgery(exchange=exchange, payload=wrapped(**changed)).message())
    if right:
        assert taken.run().envelope.receiver == RECEIVER
    else:
        assert taken.refused().step == "envelope"


def test_a_broken_envelope_is_read_no_further(exchange: Exchange) -> None:
    payload = b"<sbd><<" + b"x" * 2_000_000
    taken = Taken(exchange, Forgery(exchange=exchange, payload=payload).message())
    assert taken.refused().step == "envelope"
    assert sum(taken.unpacked) == len(payload)  # but unpacked to the end, for its digest


def test_whom_and_what_we_serve() -> None:
    here = ServedHere(MemoryParticipants(served()))
    assert here.serves(builders.RECEIVER)
    assert not here.serves(builders.SENDER)
    assert here.serves(builders.RECEIVER, builders.INVOICE)
    assert here.serves(builders.RECEIVER, builders.INVOICE, builders.BILLING)
    assert not here.serves(builders.RECEIVER, builders.INVOICE, ProcessId("urn:other"))
    other = DocumentTypeId.parse(builders.INVOICE.value.replace("3.0", "3.1"))
    assert not here.serves(builders.RECEIVER, other)
