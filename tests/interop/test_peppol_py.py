# SPDX-License-Identifier: Apache-2.0
"""What the Python package peppol-py 1.2.5 sends is taken by us, over HTTP.

Its own rules, seen here: it only sends; it takes all facts from the document; its repeats are for
the application, so one message is posted twice; what xmlsec gives it is parsed with lxml's limit of
10 MB for a text, so a document may have some 7 MB after compression. `peers/peppol_py_sender.py`
says what of it is replaced here.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lifecycle import Inbound
from tests.interop.gateway_side import (
    CASES,
    CREDIT_NOTE,
    INVOICE,
    NAMES,
    SENDER,
    Case,
    Gateway,
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


async def send(peer: Peer, gateway: Gateway, document: bytes, **changed: Any) -> dict[str, Any]:
    """Let the peer send a document to us, as far as nothing is changed."""
    order: dict[str, Any] = {
        **identity(gateway.network.theirs),
        "url": gateway.url,
        "to_certificate": pem(gateway.network.ours),
        "document": base64(document),
    }
    return await peer.ask("send", **{**order, **changed})


@pytest.mark.parametrize("attachment", [0, MEGABYTE])
@pytest.mark.parametrize("case", CASES, ids=kind_of)
async def test_we_take_its_document_and_it_takes_our_receipt(
    gateway: Gateway, peppol_py: Peer, case: Case, attachment: int
) -> None:
    document = case.document(attachment=attachment)
    sent = await send(peppol_py, gateway, document)
    assert sent["answers"] == [{"problem": None}]
    assert sent["statistics"]["receiver_common_name"] == "POP000111"
    assert sent["statistics"]["document_type"] == case.document_type.value

    ready = await gateway.checked()
    assert ready.state is Inbound.READY
    assert ready.summary.number == case.number
    assert (ready.summary.seller_name, ready.summary.buyer_name) == NAMES
    assert ready.routing.sender.value == SENDER
    assert ready.routing.receiver.value == case.receiver
    assert ready.routing.document_type == case.document_type
    assert (ready.routing.process, ready.routing.country_c1) == (BILLING, "NL")
    assert ready.message_id is not None
    assert ready.message_id.endswith("@peppol-py.example")
    assert business_document(gateway.content(ready)) == canonical(document)


async def test_we_do_not_serve_the_receiver_and_it_reads_so(
    gateway: Gateway, peppol_py: Peer
) -> None:
    await gateway.side.store.participants.remove(ParticipantId(INVOICE.receiver))
    sent = await send(peppol_py, gateway, INVOICE.document())
    (answer,) = sent["answers"]
    assert answer["problem"] == "Endpoint error: PEPPOL:NOT_SERVICED"
    assert answer["endpoint"]["status_code"] == 200
    assert 'errorCode="EBMS:0004"' in answer["endpoint"]["error_xml"]
    assert await gateway.inbox() == ()


async def test_it_repeats_a_message_and_gets_a_receipt_again(
    gateway: Gateway, peppol_py: Peer
) -> None:
    sent = await send(peppol_py, gateway, CREDIT_NOTE.document(), times=2)
    assert sent["answers"] == [{"problem": None}, {"problem": None}]
    assert len(await gateway.inbox()) == 1


async def test_we_do_not_trust_its_authority(gateway: Gateway, peppol_py: Peer) -> None:
    changed = identity(gateway.network.outsider)
    sent = await send(peppol_py, gateway, INVOICE.document(), **changed)
    (answer,) = sent["answers"]
    assert 'errorCode="EBMS:0101"' in answer["endpoint"]["error_xml"]
    assert await gateway.inbox() == ()
