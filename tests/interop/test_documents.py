# SPDX-License-Identifier: Apache-2.0
"""Documents to every peer and from every peer: the same facts and the same XML at both ends.

All their texts leave ASCII, so do envelope and conversation where a peer lets us name them.
"""

from __future__ import annotations

import hashlib

import pytest

from gateway.service.lifecycle import Inbound, Outbound
from gateway.service.records import Document
from tests.interop.as4_peers import AS4, JAVA, OXALIS, PHASE4, SENDING, TAKING, for_each
from tests.interop.cases import (
    CREDIT_NOTE,
    INVOICE,
    MEGABYTE,
    NAMES,
    SENDER,
    Case,
    business_document,
    canonical,
)
from tests.interop.network import OUR_SEAT
from tests.interop.our_side import OurSide
from tests.interop.peer import Outcome, ReceivingPeer, SendingPeer
from tests.road import BILLING

# The first test with a peer may have to build it, or to make its environment.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


async def they_take(
    ours: OurSide, receiving: ReceivingPeer, case: Case, *, attachment: int = 0
) -> None:
    document = case.document(attachment=attachment)
    sent = await ours.send(case, document, url=receiving.url)
    assert (sent.state, sent.attempts, sent.problem) == (Outbound.TRANSMITTED, 1, None)

    (message,) = await receiving.came(str(sent.message_id))
    exchange = await ours.exchange(sent)
    assert message.conversation_id == exchange.conversation_id
    assert message.signer == OUR_SEAT
    assert (message.sender, message.receiver) == (SENDER, case.receiver)
    assert message.document_type == f"{case.document_type.scheme}::{case.document_type.value}"
    assert message.process == BILLING.value
    assert message.document == hashlib.sha256(canonical(document)).hexdigest()

    assert exchange.receipt == ours.wire.answers[0].body
    proof = {(one.kind, one.sha256) for one in exchange.evidence}
    assert ("certificate", receiving.leaf.certificate.sha256) in proof


async def we_take(
    ours: OurSide, sending: SendingPeer, case: Case, *, attachment: int = 0
) -> tuple[Outcome, Document]:
    document = case.document(attachment=attachment)
    (outcome,) = await sending.send(ours.shipment(case, document))
    assert (outcome.delivered, outcome.code, outcome.detail) == (True, None, None)

    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, outcome.message_id)
    assert ready.summary.number == case.number
    assert (ready.summary.seller_name, ready.summary.buyer_name) == NAMES
    assert ready.routing.sender.value == SENDER
    assert ready.routing.receiver.value == case.receiver
    assert ready.routing.document_type == case.document_type
    assert (ready.routing.process, ready.routing.country_c1) == (BILLING, "NL")
    assert business_document(ours.content(ready)) == canonical(document)
    exchange = await ours.exchange(ready)
    assert outcome.answer in (None, exchange.receipt)
    return outcome, ready


@pytest.mark.cell("BIS invoice", way="to them")
@for_each(*TAKING)
async def test_it_takes_our_invoice(ours: OurSide, receiving: ReceivingPeer) -> None:
    await they_take(ours, receiving, INVOICE)


@pytest.mark.cell("SI-UBL credit note", way="to them")
@for_each(*TAKING)
async def test_it_takes_our_credit_note(ours: OurSide, receiving: ReceivingPeer) -> None:
    await they_take(ours, receiving, CREDIT_NOTE)


@pytest.mark.cell("BIS invoice", way="to us")
@for_each(*SENDING)
async def test_we_take_its_invoice(ours: OurSide, sending: SendingPeer) -> None:
    await we_take(ours, sending, INVOICE)


@pytest.mark.cell("SI-UBL credit note", way="to us")
@for_each(*SENDING)
async def test_we_take_its_credit_note(ours: OurSide, sending: SendingPeer) -> None:
    await we_take(ours, sending, CREDIT_NOTE)


@pytest.mark.cell("names of envelope and conversation beyond ASCII", way="to us")
@for_each(PHASE4, OXALIS, AS4)
async def test_we_take_ids_beyond_ascii(ours: OurSide, sending: SendingPeer) -> None:
    ids = {"instance_id": "Żółć-東京-𐍈", "conversation_id": "Gespräch-日本@Ærø"}
    (outcome,) = await sending.send(ours.shipment(INVOICE, **ids))
    assert (outcome.delivered, outcome.code, outcome.detail) == (True, None, None)
    ready = await ours.checked()
    assert ready.instance_id == ids["instance_id"]
    if sending.name != AS4:  # it names its conversations itself
        assert ready.conversation_id == ids["conversation_id"]


@pytest.mark.cell("1 MB with attachment", way="to them")
@for_each(*TAKING)
async def test_it_takes_a_megabyte(ours: OurSide, receiving: ReceivingPeer) -> None:
    await they_take(ours, receiving, CREDIT_NOTE, attachment=MEGABYTE)


@pytest.mark.cell("1 MB with attachment", way="to us")
@for_each(*SENDING)
async def test_we_take_a_megabyte(ours: OurSide, sending: SendingPeer) -> None:
    await we_take(ours, sending, CREDIT_NOTE, attachment=MEGABYTE)


@pytest.mark.cell("20 MB with attachment", way="to them")
@for_each(*JAVA, slow=True)
async def test_it_takes_twenty_megabytes(ours: OurSide, receiving: ReceivingPeer) -> None:
    await they_take(ours, receiving, INVOICE, attachment=20 * MEGABYTE)


@pytest.mark.cell("20 MB with attachment", way="to us")
@for_each(*JAVA, slow=True)
async def test_we_take_twenty_megabytes(ours: OurSide, sending: SendingPeer) -> None:
    await we_take(ours, sending, INVOICE, attachment=20 * MEGABYTE)
