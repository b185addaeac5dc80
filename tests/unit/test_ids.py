# SPDX-License-Identifier: Apache-2.0
"""Identifiers are ordered, unique, of one shape, also when many threads draw them."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

from gateway.ids import TimeOrderedIds

SHAPE = re.compile(r"doc_[0-7][0-9A-HJKMNP-TV-Z]{25}")


def test_shape() -> None:
    assert SHAPE.fullmatch(TimeOrderedIds().prefixed("doc"))


def test_each_is_greater_than_the_one_before() -> None:
    ids = TimeOrderedIds()
    drawn = [ids.prefixed("doc") for _ in range(20_000)]
    assert drawn == sorted(set(drawn))


def test_threads_never_draw_the_same_and_each_sees_order() -> None:
    ids = TimeOrderedIds()

    def draw(_: int) -> list[str]:
        return [ids.prefixed("doc") for _ in range(3_000)]

    with ThreadPoolExecutor(8) as threads:
        batches = list(threads.map(draw, range(8)))
    assert all(batch == sorted(batch) for batch in batches)
    together = [one for batch in batches for one in batch]
    assert len(set(together)) == len(together)


def test_the_first_ten_digits_are_the_time() -> None:
    before = time.time_ns() // 1_000_000
    text = TimeOrderedIds().prefixed("doc").removeprefix("doc_")
    number = 0
    for digit in text:
        number = number * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(digit)
    assert before <= number >> 80 <= time.time_ns() // 1_000_000


def test_two_makers_do_not_meet() -> None:
    first, second = TimeOrderedIds(), TimeOrderedIds()
    assert len({maker.prefixed("x") for maker in (first, second) for _ in range(1000)}) == 2000


def test_uuids_are_random() -> None:
    ids = TimeOrderedIds()
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", ids.uuid()
    )
    assert ids.uuid() != ids.uuid()
