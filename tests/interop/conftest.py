# SPDX-License-Identifier: Apache-2.0
"""The peers, each started once, and our side for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.interop.our_side import Network, OurSide, open_our_side
from tests.interop.peer_processes import Peer, running


@pytest.fixture(scope="session")
def network() -> Network:
    """Certificates for us and for the peers."""
    return Network.make()


@pytest.fixture
async def ours(tmp_path: Path, network: Network) -> AsyncIterator[OurSide]:
    """Our access point, reachable over HTTP."""
    async with open_our_side(tmp_path, network) as ours:
        yield ours


@pytest.fixture(scope="session")
def as4_receiver() -> Iterator[Peer]:
    """The package as4, receiving."""
    with running("as4", "as4_receiver.py") as peer:
        yield peer


@pytest.fixture(scope="session")
def as4_sender() -> Iterator[Peer]:
    """The package as4, sending."""
    with running("as4", "as4_sender.py") as peer:
        yield peer


@pytest.fixture(scope="session")
def peppol_py() -> Iterator[Peer]:
    """The package peppol-py, which only sends."""
    with running("peppol-py", "peppol_py_sender.py") as peer:
        yield peer
