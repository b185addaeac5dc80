# SPDX-License-Identifier: Apache-2.0
"""A receipt gets lost and the same bytes go again: one document, and both sides know of it."""

from __future__ import annotations

import pytest

from gateway.service.lifecycle import Inbound, Outbound
from gateway.service.verdict import RECEIPT_WITHOUT_PROOF
from tests.interop.as4_peers import (
    AS4,
    PEPPOL_PY,
    PHASE4,
    TAKING,
    for_each,
)
from tests.interop.cases import CREDIT_NOTE, INVOICE
from tests.interop.our_side import OurSide
from tests.interop.peer import ReceivingPeer, SendingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

LOST = "receipt lost, message repeated"


@pytest.mark.cell(LOST, way="to them")
@for_each(*TAKING)
async def test_our_repeat_is_taken(ours: OurSide, receiving: ReceivingPeer) -> None:
    ours.wire.lose = 1
    waiting = await ours.send(CREDIT_NOTE, CREDIT_NOTE.document(), url=receiving.url)
    assert waiting.state is Outbound.WAITING_RETRY
    sent = await ours.work_on(waiting, minutes=2)
    assert (sent.state, sent.attempts) == (Outbound.TRANSMITTED, 2)
    assert sent.message_id == waiting.message_id
    assert len(set(ours.wire.sent)) == 1  # the same bytes both times
    assert len(ours.wire.sent) == 2
    assert await receiving.came(str(sent.message_id))
    exchange = await ours.exchange(sent)
    if receiving.name == PHASE4:  # it says that it has it already, and gives no second receipt
        assert (sent.receipt_note, exchange.receipt) == (RECEIPT_WITHOUT_PROOF, None)
    else:
        assert (sent.receipt_note, exchange.receipt) == (None, ours.wire.answers[1].body)


@pytest.mark.cell(LOST, way="to us")
@for_each(AS4, PEPPOL_PY)
async def test_its_repeat_gets_the_receipt_again(ours: OurSide, sending: SendingPeer) -> None:
    order = ours.shipment(CREDIT_NOTE, times=2)
    first, second = await sending.send(order)
    assert (first.delivered, second.delivered) == (True, True)
    assert first.message_id == second.message_id
    first_answer, second_answer = ours.guests.answers
    assert first_answer == second_answer
    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, first.message_id)


@pytest.mark.cell(LOST, way="to us")
@for_each(PHASE4, slow=True)
async def test_it_repeats_by_itself_after_ten_seconds(ours: OurSide, sending: SendingPeer) -> None:
    ours.guests.lose = 1
    (outcome,) = await sending.send(ours.shipment(INVOICE))
    assert (outcome.delivered, outcome.code) == (True, None)
    assert len(ours.guests.came) == 2
    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, outcome.message_id)
    assert outcome.answer == (await ours.exchange(ready)).receipt
