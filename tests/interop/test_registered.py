# SPDX-License-Identifier: Apache-2.0
"""A peer that asks our SMP what it serves: documents and processes that nobody registered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import unused_port

from gateway.identifiers import ParticipantId
from gateway.sandbox.samples import SampleKind
from gateway.service.lifecycle import Outbound
from tests.interop.as4_peers import PHASE4, for_each, lab_or_skip
from tests.interop.cases import CREDIT_NOTE, INVOICE, Case
from tests.interop.java_peers import JavaReceiver, java_receiver
from tests.interop.network import Network
from tests.interop.our_side import OurSide
from tests.interop.our_smp import Publisher, taking
from tests.interop.smp_peers import SMP

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

OTHER_TYPE = replace(
    CREDIT_NOTE,
    kind=SampleKind.BIS3_CREDIT_NOTE,
    document_type=replace(
        INVOICE.document_type, value=INVOICE.document_type.value.replace("Invoice", "CreditNote")
    ),
    receiver=INVOICE.receiver,
)
UNREGISTERED = replace(INVOICE, receiver=CREDIT_NOTE.receiver)


@pytest.fixture
async def asking(
    peer: str, network: Network, our_smp: SMP, publisher: Publisher
) -> AsyncIterator[JavaReceiver]:
    """The peer, for which our SMP has one receiver with one document type."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}/as4"
    registered = taking(ParticipantId(INVOICE.receiver), INVOICE.document_type)
    await publisher.to(our_smp.account, leaf=network.their_leaf, url=url).publish(registered)
    lab, options = lab_or_skip(peer), ("--smp", our_smp.url, "--url", url)
    with java_receiver(
        lab, network.their_leaf, network.pki, options=options, port=port
    ) as receiver:
        assert receiver.url == url
        yield receiver


async def sent_by_us(ours: OurSide, asking: JavaReceiver, case: Case) -> Outbound:
    sent = await ours.send(case, case.document(), url=asking.url)
    if sent.state is Outbound.REFUSED:
        assert sent.problem is not None
        assert sent.problem.code == "not_serviced"
    assert len(await asking.came(str(sent.message_id))) == (sent.state is Outbound.TRANSMITTED)
    return Outbound(sent.state)


@pytest.mark.cell("unknown document type", way="to them")
@for_each(PHASE4, slow=True)
async def test_it_serves_what_is_registered_and_nothing_else(
    ours: OurSide, asking: JavaReceiver
) -> None:
    assert await sent_by_us(ours, asking, INVOICE) is Outbound.TRANSMITTED
    assert await sent_by_us(ours, asking, OTHER_TYPE) is Outbound.REFUSED
    assert await sent_by_us(ours, asking, UNREGISTERED) is Outbound.REFUSED
