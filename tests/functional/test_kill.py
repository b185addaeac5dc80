# SPDX-License-Identifier: Apache-2.0
"""A few kills of each side under load; `python -m benchmarks.kill` does hundreds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.killing import Outcome, Toll
from benchmarks.killing_receiver import kill_receiver
from benchmarks.killing_sender import kill_sender
from benchmarks.site import Site

pytestmark = pytest.mark.timeout(240)

TIMES = 3


@pytest.mark.parametrize("kill", [kill_receiver, kill_sender])
def test_what_was_promised_survives(kill: Callable[[Site, Toll], Outcome], site: Site) -> None:
    outcome = kill(site, Toll(times=TIMES, seed=7, say=print))
    assert outcome.promised > 0
    assert outcome.missing == []
    assert outcome.doubled == []
