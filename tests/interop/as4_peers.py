# SPDX-License-Identifier: Apache-2.0
"""The access points of others: who can do what, and each started once, when first asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.pki import IssuedLeaf
from tests.interop import labs, mischief
from tests.interop.cases import RECEIVERS
from tests.interop.crl_server import CRLServer
from tests.interop.java_peers import JavaReceiver, JavaSender, java_receiver
from tests.interop.network import Network
from tests.interop.our_side import OurSide, open_our_side
from tests.interop.peer import ReceivingPeer, SendingPeer
from tests.interop.peer_processes import Program, running
from tests.interop.python_peers import (
    As4Receiver,
    PackageSender,
    as4_outcome,
    peppol_py_outcome,
)

PHASE4, OXALIS, AS4, PEPPOL_PY = "phase4", "oxalis", "as4", "peppol-py"
JAVA = (PHASE4, OXALIS)
TAKING = (*JAVA, AS4)
SENDING = (*TAKING, PEPPOL_PY)

_PACKAGES = {
    AS4: ("as4_sender.py", as4_outcome),
    PEPPOL_PY: ("peppol_py_sender.py", peppol_py_outcome),
}
_OPTIONS = {PHASE4: mischief.options(), OXALIS: ("--not-serviced", mischief.UNSERVED)}


def for_each(*names: str, slow: bool = False) -> pytest.MarkDecorator:
    """Run the test with each of these peers; `slow` leaves them all to the long run."""
    return pytest.mark.parametrize(
        "peer", [pytest.param(name, marks=marks_of(name, slow=slow)) for name in names]
    )


def marks_of(name: str, *, slow: bool = False) -> list[pytest.MarkDecorator]:
    """What a test with this peer is marked with."""
    marks = [pytest.mark.xdist_group(name)]
    return [*marks, pytest.mark.everything] if slow or name != PHASE4 else marks


class Peers:
    """Starts programs and keeps them until the session ends."""

    def __init__(self, network: Network, stack: ExitStack) -> None:
        self._network = network
        self._stack = stack
        self._running: dict[tuple[str, ...], Any] = {}

    def sender(self, name: str) -> SendingPeer:
        """This peer, ready to send."""
        if name in JAVA:
            return JavaSender(lab_or_skip(name), self._network.pki)
        program, outcome = _PACKAGES[name]
        return PackageSender(name, self._program(name, program), outcome)

    async def receiver(self, name: str, leaf: IssuedLeaf) -> ReceivingPeer:
        """This peer with this certificate, ready to receive."""
        if name in JAVA:
            return self._java(name, leaf)
        peer = As4Receiver(self._program("as4", "as4_receiver.py"), leaf)
        await peer.become(self._network.pki, serving=RECEIVERS)
        return peer

    def _java(self, name: str, leaf: IssuedLeaf) -> JavaReceiver:
        lab = lab_or_skip(name)
        receiver: JavaReceiver = self._once(
            (name, leaf.certificate.sha256),
            lambda: java_receiver(
                lab,
                leaf,
                self._network.pki,
                options=("--revocation", "crl", *_OPTIONS[name]),
                jdk=labs.newest_jdk(),  # older ones take minutes to decrypt a large message
            ),
        )
        return receiver

    def _program(self, environment: str, program: str) -> Program:
        started: Program = self._once((environment, program), lambda: running(environment, program))
        return started

    def _once(self, key: tuple[str, ...], start: Callable[[], AbstractContextManager[Any]]) -> Any:
        if key not in self._running:
            self._running[key] = self._stack.enter_context(start())
        return self._running[key]


def lab_or_skip(name: str) -> labs.Lab:
    """A program of the lab, or a skip that says what this machine lacks."""
    try:
        return labs.built(name)
    except labs.LabMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """Certificates for us and for the peers, with their revocation lists where they say."""
    crls = CRLServer()
    made = Network.make(crl_base_url=crls.url)
    lists = made.pki.crls(made.at)
    crls.lists = lambda: lists
    with crls.running():
        yield made


@pytest.fixture(scope="session")
def peers(network: Network) -> Iterator[Peers]:
    """The peers' programs."""
    with ExitStack() as stack:
        yield Peers(network, stack)


@pytest.fixture
async def ours(tmp_path: Path, network: Network) -> AsyncIterator[OurSide]:
    """Our access point, reachable over HTTP."""
    async with open_our_side(tmp_path, network) as ours:
        yield ours


@pytest.fixture
def sending(peers: Peers, peer: str) -> SendingPeer:
    """The peer of the test's parameter, ready to send."""
    return peers.sender(peer)


@pytest.fixture
async def receiving(peers: Peers, peer: str, network: Network) -> ReceivingPeer:
    """The peer of the test's parameter with its good certificate, ready to receive."""
    return await peers.receiver(peer, network.their_leaf)
