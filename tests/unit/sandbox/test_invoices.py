# SPDX-License-Identifier: Apache-2.0
"""The documents of the tour: who sends what to whom, and numbers that never repeat."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sandbox.invoices import fresh_invoice, shipments
from gateway.sandbox.network import PORT_NAMES, Network


@pytest.fixture
def network() -> Network:
    return Network(folder=Path("nowhere"), zone="z.", ports=dict.fromkeys(PORT_NAMES, 1))


def test_the_tour(network: Network) -> None:
    tour = list(shipments(network, large_bytes=400_000))
    ways = [(one.sender.country, one.receiver.country, one.sender_ap) for one in tour]
    assert ways == [
        ("NL", "NL", "ap1"),
        ("NL", "BE", "ap1"),
        ("NL", "NL", "ap1"),
        ("NL", "NL", "ap2"),
    ]
    assert all(one.sender_ap != one.receiver_ap for one in tour)
    assert [one.large for one in tour] == [False, False, True, False]
    sizes = [sum(map(len, one.document)) for one in tour]
    assert 400_000 <= sizes[2] <= 450_000
    assert max(sizes[0], sizes[1], sizes[3]) < 20_000


def test_numbers_are_fresh(network: Network) -> None:
    assert len({fresh_invoice(network) for _ in range(20)}) == 20
