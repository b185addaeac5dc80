# SPDX-License-Identifier: Apache-2.0
"""Fixtures around SMPs: ours, those of others, and who looks up in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from gateway.net.session import SANDBOX, open_session
from gateway.sandbox.flaws import Flaw
from tests.functional.discovery.network import Zone, serving
from tests.interop import labs
from tests.interop.as4_peers import lab_or_skip
from tests.interop.network import Network
from tests.interop.our_smp import (
    OTHER_SMP,
    OUR_SMP,
    THEIR_SMP,
    Publisher,
    look_up,
    open_our_smp,
    smp_leaf,
)
from tests.interop.registering import Finder, Registrar
from tests.interop.smp_peers import SENDERS, SMP, LookingSender, Stores, phoss_smp
from tests.road import Clock


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory, network: Network) -> Stores:
    """Keys and trust for programs in Java."""
    folder = tmp_path_factory.mktemp("stores")
    pki, foreign = network.pki, network.pki.foreign(network.at)
    trust = labs.write_stores(folder / "local", pki)
    sender = folder / "sender.p12"
    sender.write_bytes(labs.keystore(network.their_leaf, (pki.ap_ca, pki.root), alias="sender"))
    receiver = folder / "receiver.pem"
    receiver.write_bytes(network.their_leaf.certificate_pem)
    return Stores(
        folder=folder,
        smp_trust=trust["smp"],
        foreign_trust=labs.write_stores(folder / "foreign", foreign)["smp"],
        ap_trust=trust["ap"],
        sender=sender,
        receiver=receiver,
    )


@pytest.fixture(scope="session")
def phoss_lab() -> labs.Lab:
    """phoss SMP and the client of peppol-commons."""
    return lab_or_skip("phoss-smp")


@pytest.fixture(scope="session")
def phoss(phoss_lab: labs.Lab, stores: Stores, network: Network) -> Iterator[SMP]:
    """A phoss SMP. Tests share it, each with participants of its own."""
    leaf = smp_leaf(network, THEIR_SMP)
    with phoss_smp(phoss_lab, stores.folder / "smp", trust=stores.smp_trust, leaf=leaf) as one:
        yield one


@pytest.fixture(scope="session")
def second_phoss(phoss_lab: labs.Lab, stores: Stores, network: Network) -> Iterator[SMP]:
    """Another one, of another provider."""
    leaf = smp_leaf(network, OTHER_SMP)
    with phoss_smp(phoss_lab, stores.folder / "smp2", trust=stores.smp_trust, leaf=leaf) as one:
        yield one


@pytest.fixture
def looking_sender(peer: str, stores: Stores) -> LookingSender:
    """The access point of others that the test's peer is the client of."""
    return LookingSender(lab_or_skip(SENDERS[peer]), stores)


@pytest.fixture
async def our_smp(tmp_path: Path, network: Network) -> AsyncIterator[SMP]:
    """Our SMP, empty."""
    async with open_our_smp(tmp_path / "smp", network, smp_leaf(network, OUR_SMP)) as ours:
        yield ours


@pytest.fixture
async def expired_smp(tmp_path: Path, network: Network) -> AsyncIterator[SMP]:
    """Our SMP, signing with a certificate that has expired."""
    leaf = smp_leaf(network, OUR_SMP, flaw=Flaw.EXPIRED)
    async with open_our_smp(tmp_path / "expired smp", network, leaf) as ours:
        yield ours


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Our HTTP client."""
    async with open_session(SANDBOX) as opened:
        yield opened


@pytest.fixture
def publisher(session: aiohttp.ClientSession) -> Publisher:
    """Our publisher."""
    return Publisher(session)


@pytest.fixture
def finder(session: aiohttp.ClientSession, network: Network) -> Iterator[Finder]:
    """Our look-up and a name server for it."""
    zone, clock = Zone(), Clock(network.at)
    with serving(zone) as nameserver:
        lookup = look_up(session, nameserver, network, clock=clock)
        yield Finder(lookup, clock, zone, nameserver)


@pytest.fixture
def registrar(stores: Stores, finder: Finder) -> Registrar:
    """Another provider, whose participants the peer's access point serves."""
    return Registrar(stores, finder)
