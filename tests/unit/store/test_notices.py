# SPDX-License-Identifier: Apache-2.0
"""Waking those who wait."""

from __future__ import annotations

import asyncio
import threading

from gateway.store.notices import JOBS, Notices


async def test_a_notice_wakes_its_topic_only() -> None:
    notices = Notices()
    with notices.waiter("doc_1") as first, notices.waiter("doc_2") as second:
        threading.Thread(target=notices.announce, args=(["doc_1"],)).start()
        assert await first.wait(5)
        assert not await second.wait(0)


async def test_a_notice_before_the_wait_is_not_lost() -> None:
    notices = Notices()
    with notices.waiter("doc_1") as waiter:
        notices.announce(["doc_1"])
        assert await waiter.wait(5)


async def test_nobody_is_kept_after_waiting() -> None:
    notices = Notices()
    with notices.waiter("doc_1"), notices.waiter("doc_1"):
        pass
    assert not notices._waiters
    notices.announce(["doc_1"])


def test_standing_topics_count() -> None:
    notices = Notices()
    notices.announce([JOBS, "doc_1"])
    notices.announce([JOBS])
    assert notices.version(JOBS) == 2


def test_a_closed_loop_harms_nobody() -> None:
    notices = Notices()

    async def leave() -> None:
        notices.waiter(JOBS).__enter__()

    asyncio.run(leave())
    notices.announce([JOBS])
