# SPDX-License-Identifier: Apache-2.0
"""A few kills of each side under load; `python -m benchmarks.kill` does hundreds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.killing import Outcome, Toll
from benchmarks.killing_receiver import kill_receiver
from benchmarks.killing_sender import kill_sender
from benchmarks.site import Site, prepared_site

pytestmark = pytest.mark.timeout(240)

TIMES = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with prepared_site(tmp_path_factory.mktemp("kill") / "net") as prepared:
        yield prepared


@pytest.mark.parametrize("kill", [kill_receiver, kill_sender])
def test_what_was_promised_survives(kill: Callable[[Site, Toll], Outcome], site: Site) -> None:
    outcome = kill(site, Toll(times=TIMES, seed=7, say=print))
    assert outcome.promised > 0
    assert outcome.missing == []
    assert outcome.doubled == []
