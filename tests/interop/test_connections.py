# SPDX-License-Identifier: Apache-2.0
"""Connections: one for each message, one for many, and bodies that come in chunks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.service.lifecycle import Outbound
from tests.interop.as4_peers import OXALIS, PHASE4, for_each
from tests.interop.cases import INVOICE
from tests.interop.our_side import OurSide
from tests.interop.peer import ReceivingPeer, SendingPeer

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

MANY = 4


@pytest.mark.cell("many messages on one connection", way="to them")
@for_each(PHASE4, OXALIS)
async def test_it_keeps_our_connection(ours: OurSide, receiving: ReceivingPeer) -> None:
    for number in range(MANY):
        case = replace(INVOICE, number=f"2026-{number}")
        sent = await ours.send(case, case.document(), url=receiving.url)
        assert sent.state is Outbound.TRANSMITTED
        assert len(await receiving.came(str(sent.message_id))) == 1
    assert (ours.wire.calls.new, ours.wire.calls.kept) == (1, MANY - 1)


async def they_send_many(
    ours: OurSide, sending: SendingPeer, options: tuple[str, ...] = ()
) -> None:
    files = tuple(INVOICE.document() for _ in range(MANY))
    outcomes = await sending.send(ours.shipment(INVOICE, *files, options=options))
    assert [one.delivered for one in outcomes] == [True] * MANY
    inbox = await ours.inbox()
    assert {one.message_id for one in inbox} == {one.message_id for one in outcomes}
    assert len(ours.guests.came) == MANY


@pytest.mark.cell("many messages on one connection", way="to us")
@for_each(PHASE4)
async def test_we_keep_its_connection(ours: OurSide, sending: SendingPeer) -> None:
    await they_send_many(ours, sending)
    assert ours.guests.connections == 1


@pytest.mark.cell("a new connection for every message", way="to us")
@for_each(PHASE4)
async def test_it_connects_anew_each_time(ours: OurSide, sending: SendingPeer) -> None:
    await they_send_many(ours, sending, ("--new-connections",))
    assert ours.guests.connections == MANY


@pytest.mark.cell("a new connection for every message", way="to us")
@for_each(OXALIS)
async def test_it_never_keeps_a_connection(ours: OurSide, sending: SendingPeer) -> None:
    await they_send_many(ours, sending)
    assert ours.guests.connections == MANY


@pytest.mark.cell("chunked body", way="to us")
@for_each(OXALIS)
async def test_its_body_comes_in_chunks(ours: OurSide, sending: SendingPeer) -> None:
    (outcome,) = await sending.send(ours.shipment(INVOICE))
    assert (outcome.delivered, outcome.code) == (True, None)
    assert [one.chunked for one in ours.guests.came] == [True]
    assert (await ours.checked()).message_id == outcome.message_id
