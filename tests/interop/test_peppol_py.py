# SPDX-License-Identifier: Apache-2.0
"""What the Python package peppol-py 1.2.5 sends is taken by us, over HTTP.

Its own rules, seen here: it only sends; it takes all facts from the document; repeating is up to
the application, so here one message is posted twice; one text may have 10 MB, which is lxml's
limit, so an attachment may have 7.5 MB. What of it is replaced says `peers/peppol_py_sender.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lifecycle import Inbound
from tests.interop.our_side import (
    CASES,
    CREDIT_NOTE,
    INVOICE,
    NAMES,
    SENDER,
    Case,
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


def kind_of(case: Case) -> str:
    return case.kind.value


async def send(peer: Peer, ours: OurSide, document: bytes, **changed: Any) -> dict[str, Any]:
    """Let the peer send a document to us, as far as nothing is changed."""
    order: dict[str, Any] = {
        **identity(ours.network.their_leaf),
        "url": ours.url,
        "to_certificate": pem(ours.network.our_leaf),
        "document": base64(document),
    }
    return await peer.ask("send", **{**order, **changed})


@pytest.mark.parametrize("attachment", [0, MEGABYTE])
@pytest.mark.parametrize("case", CASES, ids=kind_of)
async def test_we_take_its_document_and_it_takes_our_receipt(
    ours: OurSide, peppol_py: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await send(peppol_py, ours, document)
    assert sent["answers"] == [{"problem": None}]
    assert sent["statistics"]["receiver_common_name"] == "POP000111"
    assert sent["statistics"]["document_type"] == case.document_type.value

    ready = await ours.checked()
    assert ready.state is Inbound.READY
    assert ready.summary.number == case.number
    assert (ready.summary.seller_name, ready.summary.buyer_name) == NAMES
    assert ready.routing.sender.value == SENDER
    assert ready.routing.receiver.value == case.receiver
    assert ready.routing.document_type == case.document_type
    assert (ready.routing.process, ready.routing.country_c1) == (BILLING, "NL")
    assert ready.message_id is not None
    assert ready.message_id.endswith("@peppol-py.example")
    assert business_document(ours.content(ready)) == canonical(document)


async def test_we_do_not_serve_the_receiver_and_it_reads_so(ours: OurSide, peppol_py: Peer) -> None:
    await ours.side.store.participants.remove(ParticipantId(INVOICE.receiver))
    sent = await send(peppol_py, ours, INVOICE.document())
    (answer,) = sent["answers"]
    assert answer["problem"] == "Endpoint error: PEPPOL:NOT_SERVICED"
    assert answer["endpoint"]["status_code"] == 200
    assert 'errorCode="EBMS:0004"' in answer["endpoint"]["error_xml"]
    assert await ours.inbox() == ()


async def test_it_repeats_a_message_and_gets_a_receipt_again(
    ours: OurSide, peppol_py: Peer
) -> None:
    sent = await send(peppol_py, ours, CREDIT_NOTE.document(), times=2)
    assert sent["answers"] == [{"problem": None}, {"problem": None}]
    assert len(await ours.inbox()) == 1


async def test_we_do_not_trust_its_authority(ours: OurSide, peppol_py: Peer) -> None:
    changed = identity(ours.network.outsider_leaf)
    sent = await send(peppol_py, ours, INVOICE.document(), **changed)
    (answer,) = sent["answers"]
    assert 'errorCode="EBMS:0101"' in answer["endpoint"]["error_xml"]
    assert await ours.inbox() == ()
