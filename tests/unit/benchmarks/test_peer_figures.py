# SPDX-License-Identifier: Apache-2.0
"""Figures of a comparison: names are stable, and above 1 is in our favour whatever they are."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.load import Answer, _read
from benchmarks.peers.figures import US, Figures


def test_names_medians_and_ratios() -> None:
    figures = Figures()
    for ours, theirs in ((2.0, 9.0), (3.0, 6.0), (1.0, 8.0)):
        figures.add("in", US, {"cpu_ms": ours})
        figures.add("in", "phase4", {"cpu_ms": theirs})
    assert figures.as_dict() == {
        "peers_in_cpu_ms": 2.0,
        "peers_in_phase4_cpu_ms": 8.0,
        "peers_in_phase4_x": 4.0,
    }


@pytest.mark.parametrize(
    ("unit", "ours", "theirs", "name"),
    [
        ("per_second", 300.0, 100.0, "peers_in_4_oxalis_per_second_x"),
        ("p99_ms", 10.0, 30.0, "peers_in_4_oxalis_p99_ms_x"),
        ("cpu_s", 1.0, 3.0, "peers_in_4_oxalis_x"),
    ],
)
def test_above_one_is_in_our_favour(unit: str, ours: float, theirs: float, name: str) -> None:
    figures = Figures()
    figures.add("in_4", US, {unit: ours})
    figures.add("in_4", "oxalis", {unit: theirs})
    assert figures.as_dict()[name] == 3.0


def test_a_way_of_ours_alone_is_compared_with_the_usual_one_of_theirs() -> None:
    figures = Figures()
    figures.add("out", "phase4", {"cpu_ms": 8.0})
    figures.add("out_engine", US, {"cpu_ms": 2.0})
    assert figures.as_dict()["peers_out_engine_phase4_x"] == 4.0


@pytest.mark.parametrize(
    "coded",
    [
        b"Content-Length: 5\r\n\r\nabcde",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    ],
)
async def test_the_load_maker_reads_both_kinds_of_body(coded: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"HTTP/1.1 200 OK\r\n" + coded)
    answer: Answer = await _read(reader)
    assert (answer.status, answer.body) == (200, b"abcde")
