# SPDX-License-Identifier: Apache-2.0
"""The receiver in memory that tests of the inbound story share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.service_messages import Desk, desk


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(name="desk")
def made_desk(
    local_pki: LocalPKI,
    sender_leaf: IssuedLeaf,
    receiver_leaf: IssuedLeaf,
    threads: ThreadPoolExecutor,
) -> Desk:
    return desk(local_pki, sender_leaf, receiver_leaf, threads)
