# SPDX-License-Identifier: Apache-2.0
"""What is particular to the Python package as4 0.2.0.

One text may have 10 MB, which is lxml's limit, so an attachment may have 7.5 MB; a signal must
carry the very certificate that it sent to.
"""

from __future__ import annotations

import pytest

from gateway.service.lifecycle import Outbound
from tests.interop.as4_peers import AS4, for_each
from tests.interop.cases import INVOICE, MEGABYTE
from tests.interop.network import RENEWED
from tests.interop.our_side import OurSide
from tests.interop.peer import ReceivingPeer, SendingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


@pytest.mark.cell("an attachment beyond the limit of the other side", way="to them")
@for_each(AS4)
async def test_an_attachment_beyond_its_limit_is_refused_for_good(
    ours: OurSide, receiving: ReceivingPeer
) -> None:
    document = INVOICE.document(attachment=8 * MEGABYTE)
    sent = await ours.send(INVOICE, document, url=receiving.url)
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert sent.problem.ebms_code == "EBMS:0004"
    assert sent.problem.ebms_detail == "The first MIME attachment is not well-formed XML"


@pytest.mark.cell("encrypted for another certificate", way="to us")
@for_each(AS4)
async def test_it_wants_the_certificate_that_it_sent_to(
    ours: OurSide, sending: SendingPeer
) -> None:
    to = ours.network.ours[RENEWED].certificate
    (outcome,) = await sending.send(ours.shipment(INVOICE, to=to))
    assert (outcome.delivered, outcome.verified, outcome.status) == (False, False, 200)
    assert (outcome.detail or "").startswith("Receipt is signed by")
    assert b'errorCode="EBMS:0102"' in (outcome.answer or b"")
    assert await ours.inbox() == ()
