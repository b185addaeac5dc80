# SPDX-License-Identifier: Apache-2.0
"""Counts for the start page: each document once, pages not read twice."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.sandbox import counting
from gateway.sandbox.counting import Counter
from gateway.sandbox.network import PORT_NAMES, Network
from gateway.sandbox.private_files import write_private
from tests.unit.cli.fake_gateway import Asked, FakeGateway, fake_gateway


class Lists:
    """A gateway with so many documents in each list, cursors being positions."""

    def __init__(self) -> None:
        self.outbound, self.inbound, self.waiting, self.transmitted = 450, 3, 2, 1700

    def answer(self, asked: Asked) -> tuple[int, object]:
        total = self._total(asked)
        start = int(asked.query.get("after", "0"))
        end = min(total, start + int(asked.query["limit"]))
        cursor = str(end) if end < total else None
        return 200, {"data": [{}] * (end - start), "next_cursor": cursor}

    def _total(self, asked: Asked) -> int:
        if asked.path == "/v1/inbox":
            return self.waiting
        if asked.query.get("state") == "transmitted":
            return self.transmitted
        return self.outbound if asked.query["direction"] == "outbound" else self.inbound


def _network(folder: Path, fake: FakeGateway) -> Network:
    port = urlsplit(fake.url).port
    assert port is not None
    network = Network(folder=folder, zone="z.", ports=dict.fromkeys(PORT_NAMES, port))
    for one in network.access_points:
        network.api_key_file(one.name).parent.mkdir()
        write_private(network.api_key_file(one.name), b"sk_test_1_2\n")
    return network


async def test_counting_goes_on_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "FRESH_SECONDS", -1.0)
    lists = Lists()
    with fake_gateway(lists.answer) as fake:
        counter = Counter(_network(tmp_path, fake))
        first = await counter.count()
        assert first["ap1"] == first["ap2"]
        assert first["ap1"] == {
            "sent": "450",
            "received": "3",
            "waiting": "2",
            "transmitted": "1000+",
        }
        fake.asked.clear()
        lists.outbound, lists.waiting = 451, 0
        second = await counter.count()
        assert (second["ap1"]["sent"], second["ap1"]["waiting"]) == ("451", "0")
        sent = [a for a in fake.asked if a.query.get("direction") == "outbound"]
        assert {a.query.get("after") for a in sent if "state" not in a.query} == {"400"}


async def test_many_pages_share_one_count(tmp_path: Path) -> None:
    with fake_gateway(Lists().answer) as fake:
        counter = Counter(_network(tmp_path, fake))
        await counter.count()
        asked = len(fake.asked)
        await counter.count()
        assert len(fake.asked) == asked


async def test_an_access_point_that_is_down_is_left_out(tmp_path: Path) -> None:
    with fake_gateway(lambda _: (503, {})) as fake:
        assert await Counter(_network(tmp_path, fake)).count() == {}
