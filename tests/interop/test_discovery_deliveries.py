# SPDX-License-Identifier: Apache-2.0
"""Whole deliveries of ours by way of SMPs: looked up, sent, and a receipt that we verified."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lifecycle import Outbound
from gateway.service.records import Document
from tests.interop.as4_peers import lab_or_skip
from tests.interop.cases import INVOICE, business_document, canonical
from tests.interop.java_peers import JavaReceiver, java_receiver
from tests.interop.network import Network
from tests.interop.our_side import OurSide, open_our_side
from tests.interop.registering import KIND, Finder, Registrar
from tests.interop.smp_peers import PHOSS_SMP, SMP

# The first test builds and starts the programs.
pytestmark = [
    pytest.mark.interop,
    pytest.mark.everything,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("phoss-smp"),
]

WAY = "look-up"
RECEIVER = ParticipantId(INVOICE.receiver)


@pytest.fixture
async def other_side(tmp_path: Path, network: Network) -> AsyncIterator[OurSide]:
    """A second access point of ours, in the peer's place."""
    folder = tmp_path / "other side"
    folder.mkdir()
    turned = replace(network, ours=network.theirs, theirs=network.ours)
    async with open_our_side(folder, turned) as other:
        yield other


@pytest.fixture
def phase4_asking(our_smp: SMP, network: Network) -> Iterator[JavaReceiver]:
    """phase4, which takes a message only if our SMP says that the receiver is its own."""
    lab = lab_or_skip("phase4")
    options = ("--smp", our_smp.url)
    with java_receiver(lab, network.their_leaf, network.pki, options=options) as receiver:
        yield receiver


async def deliver(ours: OurSide, finder: Finder, document: bytes) -> Document:
    """Push a document; it is looked up and sent at once."""
    side = ours.side.with_directory(finder.lookup).with_transport(ours.wire)
    pushed = await side.push(document)
    assert await side.work() == 1
    return await side.document(pushed.id)


@pytest.mark.cell("participant found, document delivered", way=WAY, peer=PHOSS_SMP)
async def test_we_deliver_where_phoss_says(
    ours: OurSide, other_side: OurSide, finder: Finder, registrar: Registrar, phoss: SMP
) -> None:
    await registrar.put(phoss, RECEIVER, KIND, url=other_side.url)
    document = INVOICE.document()
    sent = await deliver(ours, finder, document)
    assert (sent.state, sent.problem) == (Outbound.TRANSMITTED, None)
    received = await other_side.checked()
    assert received.message_id == sent.message_id
    assert business_document(other_side.content(received)) == canonical(document)


@pytest.mark.cell("unknown participant, the delivery ends", way=WAY, peer=PHOSS_SMP)
async def test_we_deliver_nothing_where_phoss_knows_nobody(
    ours: OurSide, finder: Finder, phoss: SMP
) -> None:
    nobody = ParticipantId("0208:0990000211")
    finder.register(nobody, phoss)
    unknown = replace(INVOICE, receiver=nobody.value)
    ended = await deliver(ours, finder, unknown.document())
    assert ended.state is Outbound.UNROUTABLE
    assert ended.problem is not None
    assert ended.problem.code == "document_type_not_supported"
    assert ours.wire.answers == []


@pytest.mark.cell("receiver asks our SMP whether it serves", way=WAY, peer="phase4")
async def test_phase4_finds_itself_in_our_smp(
    ours: OurSide, finder: Finder, registrar: Registrar, our_smp: SMP, phase4_asking: JavaReceiver
) -> None:
    await registrar.put(our_smp, RECEIVER, KIND, url=phase4_asking.url)
    sent = await deliver(ours, finder, INVOICE.document())
    assert (sent.state, sent.problem) == (Outbound.TRANSMITTED, None)
    (came,) = await phase4_asking.came(sent.message_id or "")
    assert came.receiver == INVOICE.receiver
