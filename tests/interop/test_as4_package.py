# SPDX-License-Identifier: Apache-2.0
"""The Python package as4 0.2.0 takes what we send, and we take what it sends, over HTTP.

Its own rules, seen here: it leaves the detection of repeats to the application; it parses the
document that it sends and writes it anew, so XML is compared and not bytes; one text may have
10 MB, which is lxml's limit, so an attachment may have 7.5 MB.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.lifecycle import Inbound, Outbound
from tests.interop.our_side import (
    CASES,
    CREDIT_NOTE,
    INVOICE,
    NAMES,
    NOBODY,
    RECEIVERS,
    SENDER,
    Case,
    Network,
    OurSide,
    base64,
    business_document,
    canonical,
    identity,
    pem,
)
from tests.interop.peer_processes import Peer
from tests.road import BILLING

# The first test makes the peer's environment, which takes pip a while.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

MEGABYTE = 1_000_000
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def kind_of(case: Case) -> str:
    return case.kind.value


def url_of(peer: Peer) -> str:
    return f"http://127.0.0.1:{peer.ready['port']}/as4"


async def become(
    peer: Peer, leaf: IssuedLeaf, *, trusting: LocalPKI, serving: list[str]
) -> dict[str, Any]:
    authorities = {"roots": [pem(trusting.root)], "intermediates": [pem(trusting.ap_ca)]}
    return await peer.ask("become", **identity(leaf), **authorities, participants=serving)


@pytest.fixture
async def receiver(as4_receiver: Peer, network: Network) -> Peer:
    """The package as the receiver that we look up, serving the receivers of all cases."""
    await become(as4_receiver, network.their_leaf, trusting=network.pki, serving=RECEIVERS)
    return as4_receiver


async def came(peer: Peer, message_id: str | None) -> list[dict[str, Any]]:
    answer = await peer.ask("received", message_id=message_id)
    return list(answer["came"])


@pytest.mark.parametrize("attachment", [0, MEGABYTE])
@pytest.mark.parametrize("case", CASES, ids=kind_of)
async def test_it_takes_our_document_and_we_verify_its_receipt(
    ours: OurSide, receiver: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await ours.send(case, document, url=url_of(receiver))
    assert (sent.state, sent.attempts, sent.problem) == (Outbound.TRANSMITTED, 1, None)

    (message,) = await came(receiver, sent.message_id)
    exchange = await ours.exchange(sent)
    assert (message["state"], message["refused"]) == ("received", None)
    assert message["conversation_id"] == exchange.conversation_id
    assert message["signer"] == ours.network.our_leaf.certificate.sha256
    assert (message["sender"], message["recipient"]) == (SENDER, case.receiver)
    assert message["document_type"] == case.document_type.value
    assert message["process"] == BILLING.value
    payload = b64decode(message["payload"])
    assert document.removeprefix(DECLARATION).strip() in payload
    assert business_document(payload) == canonical(document)

    assert exchange.receipt == ours.wire.answers[0].body
    proof = {(one.kind, one.sha256) for one in exchange.evidence}
    assert ("certificate", ours.network.their_leaf.certificate.sha256) in proof


async def test_it_does_not_serve_the_receiver_and_we_read_so(
    ours: OurSide, as4_receiver: Peer
) -> None:
    network = ours.network
    await become(as4_receiver, network.their_leaf, trusting=network.pki, serving=[])
    sent = await ours.send(INVOICE, INVOICE.document(), url=url_of(as4_receiver))
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("not_serviced", "EBMS:0004")
    assert sent.problem.ebms_detail == "PEPPOL:NOT_SERVICED"
    (message,) = await came(as4_receiver, sent.message_id)
    assert message["state"] == "rejected"


async def test_an_attachment_beyond_its_limit_is_refused_for_good(
    ours: OurSide, receiver: Peer
) -> None:
    document = INVOICE.document(attachment=8 * MEGABYTE)
    sent = await ours.send(INVOICE, document, url=url_of(receiver))
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert sent.problem.ebms_code == "EBMS:0004"
    assert sent.problem.ebms_detail == "The first MIME attachment is not well-formed XML"


async def test_after_a_lost_receipt_it_gets_the_same_bytes_again(
    ours: OurSide, receiver: Peer
) -> None:
    ours.wire.lose = 1
    waiting = await ours.send(CREDIT_NOTE, CREDIT_NOTE.document(), url=url_of(receiver))
    assert waiting.state is Outbound.WAITING_RETRY
    ours.side.clock.forward(minutes=2)
    assert await ours.side.work() == 1
    sent = await ours.side.document(waiting.id)
    assert (sent.state, sent.attempts) == (Outbound.TRANSMITTED, 2)
    first, second = await came(receiver, sent.message_id)
    assert first["request"] == second["request"]


async def test_it_does_not_trust_our_authority(ours: OurSide, as4_receiver: Peer) -> None:
    network = ours.network
    other = network.pki.foreign(network.at)
    await become(as4_receiver, network.their_leaf, trusting=other, serving=RECEIVERS)
    sent = await ours.send(INVOICE, INVOICE.document(), url=url_of(as4_receiver))
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("ebms_error", "EBMS:0101")
    (message,) = await came(as4_receiver, sent.message_id)
    assert message["refused"][0] == "EBMS:0101"


async def test_we_do_not_trust_the_authority_of_its_receipt(
    ours: OurSide, as4_receiver: Peer
) -> None:
    network = ours.network
    await become(as4_receiver, network.outsider_leaf, trusting=network.pki, serving=RECEIVERS)
    ours.reach(INVOICE, network.outsider_leaf, url_of(as4_receiver))
    pushed = await ours.side.push(INVOICE.document())
    assert await ours.side.work() == 1
    waiting = await ours.side.document(pushed.id)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    assert (waiting.problem.code, waiting.problem.ebms_code) == ("receipt_invalid", "EBMS:0302")
    assert ours.wire.answers[0].status == 200


async def send(peer: Peer, ours: OurSide, case: Case, **changed: Any) -> dict[str, Any]:
    """Let the peer send the case's document to us, as far as nothing is changed."""
    network = ours.network
    order: dict[str, Any] = {
        **identity(network.their_leaf),
        "url": ours.url,
        "to_party": network.our_leaf.certificate.common_name,
        "to_certificate": pem(network.our_leaf),
        "sender": SENDER,
        "recipient": case.receiver,
        "document_type": case.document_type.value,
        "process": BILLING.value,
        "country": "NL",
        "document": base64(case.document()),
    }
    return await peer.ask("send", **{**order, **changed})


@pytest.mark.parametrize("attachment", [0, MEGABYTE])
@pytest.mark.parametrize("case", CASES, ids=kind_of)
async def test_we_take_its_document_and_it_verifies_our_receipt(
    ours: OurSide, as4_sender: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await send(as4_sender, ours, case, document=base64(document))
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "acknowledged")
    assert (answer["refused"], answer["problem"]) == (None, None)

    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, sent["message_id"])
    assert ready.summary.number == case.number
    assert (ready.summary.seller_name, ready.summary.buyer_name) == NAMES
    assert ready.routing.sender.value == SENDER
    assert ready.routing.receiver.value == case.receiver
    assert ready.routing.document_type == case.document_type
    assert (ready.routing.process, ready.routing.country_c1) == (BILLING, "NL")
    assert business_document(ours.content(ready)) == canonical(document)
    exchange = await ours.exchange(ready)
    assert exchange.receipt == b64decode(answer["body"])


async def test_we_do_not_serve_the_receiver_and_it_reads_so(
    ours: OurSide, as4_sender: Peer
) -> None:
    sent = await send(as4_sender, ours, INVOICE, recipient=NOBODY)
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "rejected")
    assert answer["refused"] == ["EBMS:0004", "PEPPOL:NOT_SERVICED"]
    assert answer["problem"] is None  # it verified our signature of the error
    assert await ours.inbox() == ()


async def test_it_repeats_a_message_and_gets_the_same_receipt(
    ours: OurSide, as4_sender: Peer
) -> None:
    sent = await send(as4_sender, ours, CREDIT_NOTE, times=2)
    first, second = sent["answers"]
    assert (first["state"], second["state"]) == ("acknowledged", "acknowledged")
    assert first["body"] == second["body"]
    assert len(await ours.inbox()) == 1


async def test_we_do_not_trust_its_authority(ours: OurSide, as4_sender: Peer) -> None:
    sent = await send(as4_sender, ours, INVOICE, **identity(ours.network.outsider_leaf))
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "rejected")
    assert answer["refused"][0] == "EBMS:0101"
    assert answer["problem"] is None
    assert await ours.inbox() == ()


async def test_it_expects_the_receipt_of_somebody_else(ours: OurSide, as4_sender: Peer) -> None:
    expected = pem(ours.network.their_leaf)
    sent = await send(as4_sender, ours, INVOICE, expected=expected)
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "sent")
    assert answer["problem"].startswith("Receipt is signed by")
