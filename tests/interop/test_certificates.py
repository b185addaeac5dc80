# SPDX-License-Identifier: Apache-2.0
"""Certificates that are expired, revoked, of another role or of a stranger's authority; new keys.

Ours as the peer judges them, the peer's as we judge them: of its messages, and of its receipts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lifecycle import Inbound, Outbound
from tests.interop.as4_peers import (
    AS4,
    OXALIS,
    PEPPOL_PY,
    PHASE4,
    SENDING,
    TAKING,
    Peers,
    for_each,
    marks_of,
)
from tests.interop.cases import INVOICE
from tests.interop.network import (
    BAD,
    EXPIRED,
    FOREIGN,
    RENEWED,
    REVOKED,
    THEIR_SEAT,
    WRONG_ROLE,
    Network,
)
from tests.interop.our_side import OurSide, open_our_side
from tests.interop.peer import ReceivingPeer, SendingPeer
from tests.road import found_at

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

ROLLED_OVER = "certificate rolled over"


@pytest.fixture
async def renewed(tmp_path: Path, network: Network) -> AsyncIterator[OurSide]:
    """Our side with a renewed certificate and both keys."""
    async with open_our_side(tmp_path, network, renewed=True) as ours:
        yield ours


def refusing(peer: str, flaw: str, code: str, state: Outbound = Outbound.REFUSED) -> Any:
    return pytest.param(peer, flaw, code, state, marks=marks_of(peer), id=f"{peer}-{flaw}")


@pytest.mark.cell("our certificate is refused", way="to them")
@pytest.mark.parametrize(
    ("peer", "flaw", "code", "state"),
    [
        refusing(PHASE4, EXPIRED, "EBMS:0102"),
        refusing(PHASE4, REVOKED, "EBMS:0101"),
        refusing(PHASE4, WRONG_ROLE, "EBMS:0102"),
        refusing(PHASE4, FOREIGN, "EBMS:0102"),
        # What Oxalis refuses early it does not sign, and an unsigned error ends nothing.
        refusing(OXALIS, EXPIRED, "EBMS:0009", Outbound.WAITING_RETRY),
        refusing(OXALIS, REVOKED, "EBMS:0004"),
        refusing(OXALIS, WRONG_ROLE, "EBMS:0009", Outbound.WAITING_RETRY),
        refusing(OXALIS, FOREIGN, "EBMS:0009", Outbound.WAITING_RETRY),
        refusing(AS4, EXPIRED, "EBMS:0101"),
        refusing(AS4, WRONG_ROLE, "EBMS:0101"),
        refusing(AS4, FOREIGN, "EBMS:0101"),
    ],
)
async def test_it_refuses_our_bad_certificate(
    ours: OurSide,
    receiving: ReceivingPeer,
    flaw: str,
    code: str,
    state: Outbound,
    record_property: Any,
) -> None:
    us = ours.signing_as(ours.network.ours[flaw])
    sent = await us.send(INVOICE, INVOICE.document(), url=receiving.url)
    assert sent.state is state
    assert sent.problem is not None
    assert sent.problem.ebms_code == code
    assert sent.problem.ebms_detail
    assert await receiving.came(str(sent.message_id)) == []
    record_property("answer", code)


def refused(peer: str, flaw: str) -> Any:
    slow = flaw == FOREIGN  # the sender is a process each time
    return pytest.param(peer, flaw, marks=marks_of(peer, slow=slow), id=f"{peer}-{flaw}")


@pytest.mark.cell(
    "their certificate is refused: expired, revoked, wrong role, other authority", way="to us"
)
@pytest.mark.parametrize(
    ("peer", "flaw"),
    [
        *(refused(peer, flaw) for peer in (PHASE4, AS4, PEPPOL_PY) for flaw in BAD),
        refused(OXALIS, REVOKED),  # with the others it does not even start
    ],
)
async def test_we_refuse_its_bad_certificate(
    ours: OurSide, sending: SendingPeer, flaw: str, record_property: Any
) -> None:
    (outcome,) = await sending.send(ours.shipment(INVOICE, by=ours.network.theirs[flaw]))
    assert (outcome.delivered, outcome.code, outcome.status) == (False, "EBMS:0101", 200)
    assert outcome.verified is (None if sending.name == PEPPOL_PY else True)
    assert await ours.inbox() == ()
    record_property("answer", outcome.code)


def receipt(peer: str, flaw: str) -> Any:
    slow = flaw != EXPIRED  # each is a receiver of its own
    return pytest.param(peer, flaw, marks=marks_of(peer, slow=slow), id=f"{peer}-{flaw}")


@pytest.mark.cell("receipt signed with a bad certificate", way="to them")
@pytest.mark.parametrize(
    ("peer", "flaw"),
    [
        *(receipt(peer, flaw) for peer in (PHASE4, AS4) for flaw in BAD),
    ],
)
async def test_its_receipt_is_none_with_a_bad_certificate(
    ours: OurSide, peers: Peers, peer: str, flaw: str
) -> None:
    leaf = ours.network.theirs[flaw]
    receiver = await peers.receiver(peer, leaf)
    sent = await ours.send(INVOICE, INVOICE.document(), url=receiver.url, leaf=leaf)
    assert len(await receiver.came(str(sent.message_id))) == 1
    assert sent.state is Outbound.WAITING_RETRY
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("receipt_invalid", "EBMS:0302")
    exchange = await ours.exchange(sent)
    assert exchange.receipt is None
    assert ours.wire.answers[0].status == 200


@pytest.mark.cell(ROLLED_OVER, way="to them")
@for_each(*TAKING)
async def test_it_has_a_new_key_and_we_look_again(
    ours: OurSide, peers: Peers, peer: str, record_property: Any
) -> None:
    """What we know of it is stale; its refusal makes us ask, and a new message arrives."""
    network = ours.network
    new = network.theirs[RENEWED]
    receiver = await peers.receiver(peer, new)
    ours.side.directory.moved[ParticipantId(INVOICE.receiver)] = found_at(
        receiver.url, new.certificate, INVOICE.document_type, network.at
    )
    waiting = await ours.send(INVOICE, INVOICE.document(), url=receiver.url)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    record_property("answer", waiting.problem.ebms_code)
    assert await receiver.came(str(waiting.message_id)) == []
    sent = await ours.work_on(waiting, seconds=2)
    assert (sent.state, sent.problem, sent.receipt_note) == (Outbound.TRANSMITTED, None, None)
    assert sent.message_id != waiting.message_id
    assert len(await receiver.came(str(sent.message_id))) == 1


@pytest.mark.cell(ROLLED_OVER, way="to us")
@for_each(*SENDING)
async def test_it_signs_with_a_new_key(ours: OurSide, sending: SendingPeer) -> None:
    new = ours.network.theirs[RENEWED]
    (outcome,) = await sending.send(ours.shipment(INVOICE, by=new))
    assert (outcome.delivered, outcome.code) == (True, None)
    ready = await ours.checked()
    assert (ready.state, str(ready.other_ap)) == (Inbound.READY, THEIR_SEAT)
    proof = {(one.kind, one.sha256) for one in (await ours.exchange(ready)).evidence}
    assert ("certificate", new.certificate.sha256) in proof


@pytest.mark.cell(ROLLED_OVER, way="to us")
@for_each(PHASE4, OXALIS, PEPPOL_PY)  # as4 wants the very certificate that it knows to answer
async def test_it_knows_our_old_certificate_alone(renewed: OurSide, sending: SendingPeer) -> None:
    """It encrypts for the old key and takes the receipt of the new one: the seat is the same."""
    (outcome,) = await sending.send(renewed.shipment(INVOICE))
    assert (outcome.delivered, outcome.code) == (True, None)
    assert (await renewed.checked()).message_id == outcome.message_id
