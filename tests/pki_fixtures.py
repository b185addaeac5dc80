# SPDX-License-Identifier: Apache-2.0
"""The PKI that tests share: made once a session, all dates fixed around `AT`.

Keys are drawn once per size and place, so that making a certificate costs a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.pki import Role
from gateway.sandbox.issuing import new_key
from gateway.sandbox.pki import IssuedLeaf, LocalPKI, make_pki

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CRL_BASE_URL = "http://127.0.0.1:18080"


@cache
def shared_key(place: str = "leaf", bits: int = 2048) -> RSAPrivateKey:
    """The one key of this place in the session; different places have different keys."""
    del place
    return new_key(bits)


def key_source(place: str, distinct: int) -> Callable[[int], RSAPrivateKey]:
    """Gives `distinct` different keys, then always the same one."""
    given = 0

    def draw(bits: int) -> RSAPrivateKey:
        nonlocal given
        given += 1
        return shared_key(f"{place} {min(given, distinct + 1)}", bits)

    return draw


def fresh_pki(place: str = "local", *, network: str = "test") -> LocalPKI:
    """A PKI of a test's own: it may revoke what it likes."""
    return make_pki(AT, crl_base_url=CRL_BASE_URL, network=network, keys=key_source(place, 3))


@pytest.fixture(scope="session")
def local_pki() -> LocalPKI:
    """The PKI of the test network. Do not revoke in it; take `fresh_pki` for that."""
    return fresh_pki()


@pytest.fixture(scope="session")
def production_pki() -> LocalPKI:
    """One of the look of the production network."""
    return fresh_pki("production", network="production")


@pytest.fixture(scope="session")
def sender_leaf(local_pki: LocalPKI) -> IssuedLeaf:
    """The access point that sends."""
    return local_pki.issue(Role.AP, "POP000111", at=AT, key=shared_key("sender"))


@pytest.fixture(scope="session")
def receiver_leaf(local_pki: LocalPKI) -> IssuedLeaf:
    """The access point that receives."""
    return local_pki.issue(Role.AP, "POP000112", at=AT, key=shared_key("receiver"))


@pytest.fixture(scope="session")
def smp_leaf(local_pki: LocalPKI) -> IssuedLeaf:
    """The SMP of the receiver's provider."""
    return local_pki.issue(Role.SMP, "POP000112", at=AT, key=shared_key("smp"))
