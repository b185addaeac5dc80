# SPDX-License-Identifier: Apache-2.0
"""The Python package as4 0.2.0 takes what we send, and we take what it sends, over HTTP.

Its own rules, seen here: it has no duplicate detection, which it leaves to the application; it
parses the document and writes it anew, so XML is compared and not bytes; a text node may have
10 MB at most, the limit that lxml has by itself.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.lifecycle import Inbound, Outbound
from tests.interop.gateway_side import (
    CASES,
    CREDIT_NOTE,
    INVOICE,
    NAMES,
    NOBODY,
    RECEIVERS,
    SENDER,
    Case,
    Gateway,
    Network,
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
    await become(as4_receiver, network.theirs, trusting=network.pki, serving=RECEIVERS)
    return as4_receiver


async def came(peer: Peer, message_id: str | None) -> list[dict[str, Any]]:
    answer = await peer.ask("received", message_id=message_id)
    return list(answer["came"])


@pytest.mark.parametrize("attachment", [0, MEGABYTE])
@pytest.mark.parametrize("case", CASES, ids=kind_of)
async def test_it_takes_our_document_and_we_verify_its_receipt(
    gateway: Gateway, receiver: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await gateway.send(case, document, url=url_of(receiver))
    assert (sent.state, sent.attempts, sent.problem) == (Outbound.TRANSMITTED, 1, None)

    (message,) = await came(receiver, sent.message_id)
    exchange = await gateway.exchange(sent)
    assert (message["state"], message["refused"]) == ("received", None)
    assert message["conversation_id"] == exchange.conversation_id
    assert message["signer"] == gateway.network.ours.certificate.sha256
    assert (message["sender"], message["recipient"]) == (SENDER, case.receiver)
    assert message["document_type"] == case.document_type.value
    assert message["process"] == BILLING.value
    payload = b64decode(message["payload"])
    assert document.removeprefix(DECLARATION).strip() in payload
    assert business_document(payload) == canonical(document)

    assert exchange.receipt == gateway.wire.answers[0].body
    assert exchange.receipt_message_id is not None
    proof = {(one.kind, one.sha256) for one in exchange.evidence}
    assert ("certificate", gateway.network.theirs.certificate.sha256) in proof


async def test_it_does_not_serve_the_receiver_and_we_read_so(
    gateway: Gateway, as4_receiver: Peer
) -> None:
    network = gateway.network
    await become(as4_receiver, network.theirs, trusting=network.pki, serving=[])
    sent = await gateway.send(INVOICE, INVOICE.document(), url=url_of(as4_receiver))
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("not_serviced", "EBMS:0004")
    assert sent.problem.ebms_detail == "PEPPOL:NOT_SERVICED"
    (message,) = await came(as4_receiver, sent.message_id)
    assert message["state"] == "rejected"


async def test_after_a_lost_receipt_it_gets_the_same_bytes_again(
    gateway: Gateway, receiver: Peer
) -> None:
    gateway.wire.lose = 1
    waiting = await gateway.send(CREDIT_NOTE, CREDIT_NOTE.document(), url=url_of(receiver))
    assert waiting.state is Outbound.WAITING_RETRY
    gateway.side.clock.forward(minutes=2)
    assert await gateway.side.work() == 1
    sent = await gateway.side.document(waiting.id)
    assert (sent.state, sent.attempts) == (Outbound.TRANSMITTED, 2)
    first, second = await came(receiver, sent.message_id)
    assert first["request"] == second["request"]


async def test_it_does_not_trust_our_authority(gateway: Gateway, as4_receiver: Peer) -> None:
    network = gateway.network
    other = network.pki.foreign(network.at)
    await become(as4_receiver, network.theirs, trusting=other, serving=RECEIVERS)
    sent = await gateway.send(INVOICE, INVOICE.document(), url=url_of(as4_receiver))
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("ebms_error", "EBMS:0101")
    (message,) = await came(as4_receiver, sent.message_id)
    assert message["refused"][0] == "EBMS:0101"


async def test_we_do_not_trust_the_authority_of_its_receipt(
    gateway: Gateway, as4_receiver: Peer
) -> None:
    network = gateway.network
    await become(as4_receiver, network.outsider, trusting=network.pki, serving=RECEIVERS)
    gateway.reach(INVOICE, network.outsider, url_of(as4_receiver))
    pushed = await gateway.side.push(INVOICE.document())
    assert await gateway.side.work() == 1
    waiting = await gateway.side.document(pushed.id)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    assert (waiting.problem.code, waiting.problem.ebms_code) == ("receipt_invalid", "EBMS:0302")
    assert gateway.wire.answers[0].status == 200


async def send(peer: Peer, gateway: Gateway, case: Case, **changed: Any) -> dict[str, Any]:
    """Let the peer send the case's document to us, as far as nothing is changed."""
    network = gateway.network
    order: dict[str, Any] = {
        **identity(network.theirs),
        "url": gateway.url,
        "to_party": network.ours.certificate.common_name,
        "to_certificate": pem(network.ours),
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
    gateway: Gateway, as4_sender: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await send(as4_sender, gateway, case, document=base64(document))
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "acknowledged")
    assert (answer["refused"], answer["problem"]) == (None, None)

    ready = await gateway.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, sent["message_id"])
    assert ready.summary.number == case.number
    assert (ready.summary.seller_name, ready.summary.buyer_name) == NAMES
    assert ready.routing.sender.value == SENDER
    assert ready.routing.receiver.value == case.receiver
    assert ready.routing.document_type == case.document_type
    assert (ready.routing.process, ready.routing.country_c1) == (BILLING, "NL")
    assert business_document(gateway.content(ready)) == canonical(document)
    exchange = await gateway.exchange(ready)
    assert exchange.receipt == b64decode(answer["body"])


async def test_we_do_not_serve_the_receiver_and_it_reads_so(
    gateway: Gateway, as4_sender: Peer
) -> None:
    sent = await send(as4_sender, gateway, INVOICE, recipient=NOBODY)
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "rejected")
    assert answer["refused"] == ["EBMS:0004", "PEPPOL:NOT_SERVICED"]
    assert answer["problem"] is None  # it verified our signature of the error
    assert await gateway.inbox() == ()


async def test_it_repeats_a_message_and_gets_the_same_receipt(
    gateway: Gateway, as4_sender: Peer
) -> None:
    sent = await send(as4_sender, gateway, CREDIT_NOTE, times=2)
    first, second = sent["answers"]
    assert (first["state"], second["state"]) == ("acknowledged", "acknowledged")
    assert first["body"] == second["body"]
    assert len(await gateway.inbox()) == 1


async def test_we_do_not_trust_its_authority(gateway: Gateway, as4_sender: Peer) -> None:
    sent = await send(as4_sender, gateway, INVOICE, **identity(gateway.network.outsider))
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "rejected")
    assert answer["refused"][0] == "EBMS:0101"
    assert answer["problem"] is None
    assert await gateway.inbox() == ()


async def test_it_expects_the_receipt_of_somebody_else(gateway: Gateway, as4_sender: Peer) -> None:
    expected = pem(gateway.network.theirs)
    sent = await send(as4_sender, gateway, INVOICE, expected=expected)
    (answer,) = sent["answers"]
    assert (answer["status"], answer["state"]) == (200, "sent")
    assert answer["problem"].startswith("Receipt is signed by")
