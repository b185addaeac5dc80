# SPDX-License-Identifier: Apache-2.0
"""The PKI that we and the peers live in, with good certificates and bad ones for both.

A peer looks at its machine's clock, so all of it is made for the present moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.pki import Role
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import IssuedLeaf, LocalPKI, make_pki
from tests.pki_fixtures import CRL_BASE_URL, key_source, shared_key

OUR_SEAT, THEIR_SEAT = "POP000111", "POP000112"

GOOD, RENEWED = "good", "renewed"
EXPIRED, REVOKED, WRONG_ROLE, FOREIGN = "expired", "revoked", "wrong role", "foreign authority"
BAD = (EXPIRED, REVOKED, WRONG_ROLE, FOREIGN)

_FLAWS = {EXPIRED: Flaw.EXPIRED, REVOKED: Flaw.REVOKED, FOREIGN: Flaw.FOREIGN}

Leaves = Mapping[str, IssuedLeaf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The PKI, our access point's certificates by what they are, and those of the peer's."""

    at: datetime
    pki: LocalPKI
    ours: Leaves
    theirs: Leaves

    @classmethod
    def make(cls, *, crl_base_url: str = CRL_BASE_URL) -> Network:
        """One that is valid now. Whoever is to ask for revocation lists must find them there."""
        at = datetime.now(UTC)
        pki = make_pki(at, crl_base_url=crl_base_url, keys=key_source("local", 3))
        ours, theirs = (_leaves(pki, seat, at) for seat in (OUR_SEAT, THEIR_SEAT))
        return cls(at=at, pki=pki, ours=ours, theirs=theirs)

    @property
    def our_leaf(self) -> IssuedLeaf:
        """Who we are."""
        return self.ours[GOOD]

    @property
    def their_leaf(self) -> IssuedLeaf:
        """Who the peer is."""
        return self.theirs[GOOD]


def _leaves(pki: LocalPKI, seat: str, at: datetime) -> Leaves:
    keys = {name: shared_key(f"{seat} {name}") for name in (GOOD, RENEWED, *BAD)}
    return {
        GOOD: pki.issue(Role.AP, seat, at=at, key=keys[GOOD]),
        RENEWED: pki.issue(Role.AP, seat, at=at, key=keys[RENEWED]),
        WRONG_ROLE: pki.issue(Role.SMP, seat, at=at, key=keys[WRONG_ROLE]),
        **{
            name: pki.issue(Role.AP, seat, at=at, flaw=flaw, key=keys[name])
            for name, flaw in _FLAWS.items()
        },
    }
