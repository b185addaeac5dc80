# SPDX-License-Identifier: Apache-2.0
"""The exchange that the tests of the AS4 room share."""

from __future__ import annotations

import pytest

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.as4_exchange import Exchange, Forgery
from tests.pki_fixtures import AT


@pytest.fixture(scope="session")
def exchange(local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> Exchange:
    return Exchange.of(local_pki, sender_leaf, receiver_leaf, AT)


@pytest.fixture
def forgery(exchange: Exchange) -> Forgery:
    return Forgery(exchange=exchange)
