# SPDX-License-Identifier: Apache-2.0
"""What we refuse of theirs, read by them, and what they refuse of ours, read by us."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.sandbox.samples import SampleKind
from gateway.service.lifecycle import Outbound
from tests.interop.as4_peers import OXALIS, PEPPOL_PY, PHASE4, SENDING, TAKING, for_each
from tests.interop.cases import INVOICE, NOBODY
from tests.interop.mischief import UNSERVED
from tests.interop.network import RENEWED
from tests.interop.our_side import OurSide
from tests.interop.peer import Outcome, ReceivingPeer, SendingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

NOT_SERVICED = ("EBMS:0004", "PEPPOL:NOT_SERVICED")
STRANGER = replace(INVOICE, receiver=NOBODY)
OTHER_TYPE = replace(INVOICE, kind=SampleKind.BIS3_CREDIT_NOTE, number="2026-73-C")
OTHER_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:02:1.0"


async def refused(ours: OurSide, outcome: Outcome, code: str, detail: str | None = None) -> None:
    """The peer read our code and verified our signature, and we kept nothing."""
    assert not outcome.delivered
    assert outcome.code == code
    assert detail in (None, outcome.detail)
    assert outcome.verified is not False
    assert outcome.status == 200
    assert await ours.inbox() == ()


@pytest.mark.cell("receiver not serviced", way="to them")
@for_each(*TAKING)
async def test_it_does_not_serve_the_receiver(
    ours: OurSide, receiving: ReceivingPeer, record_property: Any
) -> None:
    case = replace(INVOICE, receiver=UNSERVED)
    sent = await ours.send(case, case.document(), url=receiving.url)
    assert sent.state is Outbound.REFUSED
    assert sent.problem is not None
    assert (sent.problem.code, sent.problem.ebms_code) == ("not_serviced", NOT_SERVICED[0])
    assert sent.problem.ebms_detail == NOT_SERVICED[1]
    assert await receiving.came(str(sent.message_id)) == []
    record_property("answer", " ".join(NOT_SERVICED))


@pytest.mark.cell("receiver not serviced", way="to us")
@for_each(*SENDING)
async def test_we_do_not_serve_the_receiver(
    ours: OurSide, sending: SendingPeer, record_property: Any
) -> None:
    (outcome,) = await sending.send(ours.shipment(STRANGER))
    await refused(ours, outcome, *NOT_SERVICED)
    record_property("answer", outcome.words)


@pytest.mark.cell("unknown document type", way="to us")
@for_each(*SENDING)
async def test_we_do_not_take_the_document_type(
    ours: OurSide, sending: SendingPeer, record_property: Any
) -> None:
    value = INVOICE.document_type.value.replace("Invoice", "CreditNote")
    order = ours.shipment(OTHER_TYPE, document_type=replace(INVOICE.document_type, value=value))
    (outcome,) = await sending.send(order)
    await refused(ours, outcome, *NOT_SERVICED)
    record_property("answer", outcome.words)


@pytest.mark.cell("unknown process", way="to us")
@for_each(*SENDING)
async def test_we_do_not_take_the_process(
    ours: OurSide, sending: SendingPeer, record_property: Any
) -> None:
    process = replace(ours.shipment(INVOICE).process, value=OTHER_PROCESS)
    document = INVOICE.document().replace(b"billing:01:1.0", b"billing:02:1.0")
    (outcome,) = await sending.send(ours.shipment(INVOICE, document, process=process))
    await refused(ours, outcome, *NOT_SERVICED)
    record_property("answer", outcome.words)


@pytest.mark.cell("encrypted for another certificate", way="to us")
@for_each(PHASE4, OXALIS, PEPPOL_PY)  # as4 has its own file: it wants that certificate to answer
async def test_we_cannot_open_what_is_for_another_certificate(
    ours: OurSide, sending: SendingPeer, record_property: Any
) -> None:
    to = ours.network.ours[RENEWED].certificate
    (outcome,) = await sending.send(ours.shipment(INVOICE, to=to))
    await refused(ours, outcome, "EBMS:0102")
    record_property("answer", outcome.words)


DEVIATIONS = [
    pytest.param(("--from", "POP000999"), "EBMS:0101", id="from"),
    pytest.param(("--agreement", "urn:example"), "EBMS:0010", id="agreement"),
    pytest.param(("--key-ref", "issuer-serial"), "EBMS:0103", id="key-ref"),
]
MORE_DEVIATIONS = [
    pytest.param(("--oaep", "mgf1p"), "EBMS:0103", id="oaep"),
    pytest.param(("--message-id", "x" * 300), "EBMS:0009", id="message-id"),
    pytest.param(("--oaep", "rsa15"), "EBMS:0103", id="rsa15"),
    pytest.param(("--mgf", "sha1"), "EBMS:0103", id="mgf"),
    pytest.param(("--cipher", "aes256-gcm"), "EBMS:0103", id="aes256-gcm"),
    pytest.param(("--cipher", "aes128-cbc"), "EBMS:0103", id="aes128-cbc"),
    pytest.param(("--sign-alg", "rsa-sha1"), "EBMS:0103", id="rsa-sha1"),
    pytest.param(("--sign-alg", "rsa-sha512"), "EBMS:0103", id="rsa-sha512"),
    pytest.param(("--sign-alg", "rsa-pss"), "EBMS:0103", id="rsa-pss"),
    pytest.param(("--sign-digest", "sha1"), "EBMS:0103", id="sha1"),
    pytest.param(("--sign-digest", "sha512"), "EBMS:0103", id="sha512"),
    pytest.param(("--c14n", "c14n"), "EBMS:0103", id="c14n"),
    pytest.param(("--key-ref", "ski"), "EBMS:0103", id="ski"),
    pytest.param(("--chain",), "EBMS:0103", id="chain"),
]


async def deviating(
    ours: OurSide, sending: SendingPeer, options: tuple[str, ...], code: str, record: Any
) -> None:
    (outcome,) = await sending.send(ours.shipment(INVOICE, options=options))
    await refused(ours, outcome, code)
    record("answer", code)


@pytest.mark.cell("other algorithms, keys and parties than agreed", way="to us")
@pytest.mark.parametrize(("options", "code"), DEVIATIONS)
@for_each(PHASE4)
async def test_we_refuse_what_is_not_agreed(
    ours: OurSide,
    sending: SendingPeer,
    options: tuple[str, ...],
    code: str,
    record_property: Any,
) -> None:
    await deviating(ours, sending, options, code, record_property)


@pytest.mark.cell("other algorithms, keys and parties than agreed", way="to us")
@pytest.mark.parametrize(("options", "code"), MORE_DEVIATIONS)
@for_each(PHASE4, slow=True)
async def test_we_refuse_more_that_is_not_agreed(
    ours: OurSide,
    sending: SendingPeer,
    options: tuple[str, ...],
    code: str,
    record_property: Any,
) -> None:
    await deviating(ours, sending, options, code, record_property)


@pytest.mark.cell("allowed ways of others: no compression, other key names", way="to us")
@pytest.mark.parametrize(
    "options",
    [("--no-compress",), ("--no-prefix-list",), ("--enc-key-ref", "issuer-serial")],
    ids=lambda options: options[0].lstrip("-"),
)
@for_each(PHASE4, slow=True)
async def test_we_take_what_others_may_do(
    ours: OurSide, sending: SendingPeer, options: tuple[str, ...]
) -> None:
    (outcome,) = await sending.send(ours.shipment(INVOICE, options=options))
    assert (outcome.delivered, outcome.code, outcome.detail) == (True, None, None)
    assert len(await ours.inbox()) == 1
