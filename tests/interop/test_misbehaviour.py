# SPDX-License-Identifier: Apache-2.0
"""phase4 answers badly, on request: what becomes of our document, and what of its next try.

The states are those of the sender's table: deferred is `waiting_retry`, a final no is `refused`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.service.lifecycle import Outbound
from gateway.service.records import Document
from gateway.service.verdict import RECEIPT_WITHOUT_PROOF
from tests.interop.as4_peers import PHASE4, for_each
from tests.interop.cases import INVOICE, Case
from tests.interop.mischief import MISCHIEF
from tests.interop.network import Network
from tests.interop.our_side import OurSide, open_our_side
from tests.interop.peer import ReceivingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

PATIENCE = 2.0  # seconds; the peer's delay is longer


def case_of(mode: str) -> Case:
    """An invoice to the receiver for whom the peer behaves so."""
    return replace(INVOICE, receiver=MISCHIEF[mode])


@pytest.fixture
async def hasty(tmp_path: Path, network: Network) -> AsyncIterator[OurSide]:
    """Our side, which waits for answers only a moment."""
    async with open_our_side(tmp_path, network, patience=PATIENCE) as ours:
        yield ours


SLOW = "delay:20000"
# The answer, and the problem that we note.
ERRORS = [
    ("error:EBMS:0202:later", "ebms_error", "EBMS:0202"),
    ("error:EBMS:0301", "ebms_error", "EBMS:0301"),
]
LOST = [
    ("status:200", "receipt_missing", "EBMS:0301"),
    ("status:204", "http_error", "EBMS:0301"),
    ("status:404", "http_error", "EBMS:0005"),
    ("status:429", "http_error", "EBMS:0301"),
    ("status:500", "http_error", "EBMS:0301"),
    ("status:503", "http_error", "EBMS:0301"),
    ("html:200", "receipt_missing", "EBMS:0301"),
    ("html:502", "http_error", "EBMS:0301"),
    ("truncate", "receipt_missing", "EBMS:0301"),
    ("break-digest", "receipt_invalid", "EBMS:0302"),
    ("drop", "connection_failed", "EBMS:0005"),
]
FINAL = [
    ("error:EBMS:0101", "EBMS:0101", "as asked for"),
    ("error:EBMS:0102", "EBMS:0102", "as asked for"),
    ("error:EBMS:0103", "EBMS:0103", "as asked for"),
    ("error:EBMS:0303", "EBMS:0303", "as asked for"),
    ("error:EBMS:0004:no room for this", "EBMS:0004", "no room for this"),
]


async def deferred(
    ours: OurSide, receiving: ReceivingPeer, mode: str, problem: tuple[str, str]
) -> Document:
    """Send to the receiver for whom the peer behaves so; the document waits for its next try."""
    case = case_of(mode)
    waiting = await ours.send(case, case.document(), url=receiving.url)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    assert (waiting.problem.code, waiting.problem.ebms_code) == problem
    return waiting


async def delivered_by_a_repeat(
    ours: OurSide, receiving: ReceivingPeer, mode: str, problem: tuple[str, str]
) -> None:
    waiting = await deferred(ours, receiving, mode, problem)
    again = await ours.work_on(waiting, minutes=2)
    assert (again.state, again.attempts) == (Outbound.TRANSMITTED, 2)
    assert again.receipt_note == RECEIPT_WITHOUT_PROOF  # it says that it has it already
    assert again.message_id == waiting.message_id
    assert len(await receiving.came(str(again.message_id))) == 1


@pytest.mark.cell("receipt lost or spoilt, message repeated", way="to them")
@pytest.mark.parametrize(("mode", "code", "ebms_code"), LOST)
@for_each(PHASE4)
async def test_without_a_receipt_the_same_message_goes_again(
    ours: OurSide, receiving: ReceivingPeer, mode: str, code: str, ebms_code: str
) -> None:
    await delivered_by_a_repeat(ours, receiving, mode, (code, ebms_code))


@pytest.mark.cell("receipt lost or spoilt, message repeated", way="to them")
@for_each(PHASE4)
async def test_after_a_receipt_that_is_late_the_same_message_goes_again(
    hasty: OurSide, receiving: ReceivingPeer
) -> None:
    await delivered_by_a_repeat(hasty, receiving, SLOW, ("receiver_timeout", "EBMS:0005"))


@pytest.mark.cell("errors that pass", way="to them")
@pytest.mark.parametrize(("mode", "code", "ebms_code"), ERRORS)
@for_each(PHASE4)
async def test_after_an_error_that_passes_a_new_message_goes(
    ours: OurSide, receiving: ReceivingPeer, mode: str, code: str, ebms_code: str
) -> None:
    """phase4 kept nothing, and yet it would call the same id a duplicate."""
    waiting = await deferred(ours, receiving, mode, (code, ebms_code))
    spent = await ours.work_on(waiting, minutes=2)
    assert (spent.state, spent.message_id) == (Outbound.WAITING_RETRY, waiting.message_id)
    assert spent.problem is not None
    assert spent.problem.ebms_code == "EBMS:0004"
    assert "duplicate" in (spent.problem.ebms_detail or "")
    again = await ours.work_on(spent, seconds=2)
    assert again.problem is not None
    assert (again.problem.code, again.problem.ebms_code) == (code, ebms_code)
    assert again.message_id != waiting.message_id


@pytest.mark.cell("errors that are final", way="to them")
@pytest.mark.parametrize(("mode", "code", "detail"), FINAL)
@for_each(PHASE4)
async def test_an_error_that_does_not_pass_is_a_refusal(
    ours: OurSide, receiving: ReceivingPeer, mode: str, code: str, detail: str
) -> None:
    case = case_of(mode)
    sent = await ours.send(case, case.document(), url=receiving.url)
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("ebms_error", code)
    assert sent.problem.ebms_detail == detail
    assert await receiving.came(str(sent.message_id)) == []


@pytest.mark.cell("an address that is none", way="to them")
@for_each(PHASE4)
async def test_an_address_that_is_none_is_given_up_after_three_tries(
    ours: OurSide, receiving: ReceivingPeer
) -> None:
    nowhere = receiving.url + "/elsewhere"
    document = await ours.send(INVOICE, INVOICE.document(), url=nowhere)
    for _ in range(2):
        assert document.state is Outbound.WAITING_RETRY
        document = await ours.work_on(document, hours=1)
    assert (document.state, document.attempts) == (Outbound.FAILED, 3)
    assert document.problem is not None
    assert (document.problem.code, document.problem.ebms_code) == ("http_error", "EBMS:0005")
