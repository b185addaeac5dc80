# SPDX-License-Identifier: Apache-2.0
"""Ports: free ones are found, taken ones are named."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gateway.sandbox.ports import HOST, PortTakenError, check_ports, choose_ports, is_free

NAMES = ("dns", "crl", "smp")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as held:
        held.bind((HOST, 0))
        held.listen()
        yield held.getsockname()[1]


def test_chosen_ports_are_free_and_differ() -> None:
    chosen = choose_ports(NAMES)
    assert tuple(chosen) == NAMES
    assert len(set(chosen.values())) == len(NAMES)
    assert all(is_free(port) for port in chosen.values())


def test_a_base_gives_ports_in_a_row() -> None:
    base = choose_ports(["any"])["any"]
    try:
        assert choose_ports(NAMES, base=base) == {"dns": base, "crl": base + 1, "smp": base + 2}
    except PortTakenError:
        pytest.skip("a neighbour of a free port is taken on this machine")


def test_a_taken_port_is_named_with_its_part(taken: int) -> None:
    assert not is_free(taken)
    with pytest.raises(PortTakenError, match=rf"{taken} \(smp\)"):
        check_ports({"smp": taken})
    with pytest.raises(PortTakenError):
        choose_ports(["smp"], base=taken)


def test_udp_counts_as_well() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind((HOST, 0))
        assert not is_free(held.getsockname()[1])


def test_a_base_beyond_the_last_port_is_refused() -> None:
    with pytest.raises(PortTakenError, match="is not a port"):
        choose_ports(NAMES, base=65534)
