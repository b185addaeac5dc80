# SPDX-License-Identifier: Apache-2.0
"""We refuse the answers of a phoss SMP whose certificate is not good, each with its cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.identifiers import ParticipantId
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import IssuedLeaf
from tests.interop.labs import Lab
from tests.interop.network import EXPIRED, FOREIGN, REVOKED, WRONG_ROLE, Network
from tests.interop.our_smp import THEIR_SMP, smp_leaf
from tests.interop.registering import KIND, Finder, Registrar
from tests.interop.smp_peers import PHOSS_SMP, SMP, Stores, phoss_smp

# Every test starts a program.
pytestmark = [
    pytest.mark.interop,
    pytest.mark.everything,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("signers"),
]

PARTICIPANT = ParticipantId("0106:20000001")
# What the certificate is: its flaw, and the cause that we give.
DEFECTS = {
    EXPIRED: (Flaw.EXPIRED, "expired"),
    REVOKED: (Flaw.REVOKED, "revoked"),
    FOREIGN: (Flaw.FOREIGN, "untrusted"),
    WRONG_ROLE: (None, "wrong_role"),  # an access point's
}


@pytest.fixture
def signer(network: Network, defect: str) -> IssuedLeaf:
    if defect == WRONG_ROLE:
        return network.their_leaf
    return smp_leaf(network, THEIR_SMP, flaw=DEFECTS[defect][0])


@pytest.fixture
def faulty(phoss_lab: Lab, tmp_path: Path, stores: Stores, signer: IssuedLeaf) -> Iterator[SMP]:
    with phoss_smp(phoss_lab, tmp_path / "phoss", trust=stores.smp_trust, leaf=signer) as running:
        yield running


@pytest.mark.parametrize(
    "defect",
    [
        pytest.param(
            name,
            marks=pytest.mark.cell(
                f"we refuse its certificate: {name}", way="look-up", peer=PHOSS_SMP
            ),
        )
        for name in DEFECTS
    ],
)
async def test_we_refuse_its_signature(
    faulty: SMP,
    registrar: Registrar,
    finder: Finder,
    defect: str,
    record_property: Callable[[str, object], None],
) -> None:
    await registrar.put(faulty, PARTICIPANT, KIND)
    refusal = await finder.refusal(PARTICIPANT)
    assert refusal == ("smp_signature_invalid", DEFECTS[defect][1])
    record_property("answer", ": ".join(refusal))
