# SPDX-License-Identifier: Apache-2.0
"""Payloads that are no XML, in the wrappers of the envelope. We only receive them."""

from __future__ import annotations

import pytest

from gateway import sbdh
from gateway.sandbox.sample_pdf import pdf
from gateway.service.lifecycle import Inbound
from tests.interop.as4_peers import PHASE4, for_each
from tests.interop.cases import INVOICE, MEGABYTE
from tests.interop.our_side import OurSide
from tests.interop.peer import SendingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


async def taken(ours: OurSide, sending: SendingPeer, payload: bytes, *options: str) -> bytes:
    """What the peer wrapped comes through the door; the payload as its receiver gets it."""
    (outcome,) = await sending.send(ours.shipment(INVOICE, payload, options=options))
    assert (outcome.delivered, outcome.code, outcome.detail) == (True, None, None)
    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, outcome.message_id)
    assert ready.routing.document_type == INVOICE.document_type
    extractor = sbdh.DocumentExtractor()
    return extractor.feed(ours.content(ready)) + extractor.close()


@pytest.mark.cell("binary payload", way="to us")
@for_each(PHASE4)
async def test_we_take_its_pdf(ours: OurSide, sending: SendingPeer) -> None:
    payload = b"".join(pdf("Leverbon", size=MEGABYTE))
    assert await taken(ours, sending, payload, "--binary", "application/pdf") == payload


@pytest.mark.cell("text payload", way="to us")
@for_each(PHASE4, slow=True)
async def test_we_take_its_text(ours: OurSide, sending: SendingPeer) -> None:
    payload = "UNA:+.? '\nUNB+UNOC:3+<&>+Ærø 東京 𐍈'\n".encode()
    assert await taken(ours, sending, payload, "--text", "text/plain") == payload
