# SPDX-License-Identifier: Apache-2.0
"""Memory does not grow with a message: 64 MB through two processes, 16 MB more at the most."""

from __future__ import annotations

import pytest

from benchmarks import memory
from benchmarks.site import Site

pytestmark = pytest.mark.timeout(180)

MOST_MB = 16


def test_a_large_message_costs_little_memory_each_way(site: Site) -> None:
    figures = memory.measure(site, size=64 * memory.MB)
    assert figures["unpacked_mb"] == pytest.approx(64, rel=0.01)
    assert figures["outbound_mb"] <= MOST_MB
    assert figures["inbound_mb"] <= MOST_MB
