# SPDX-License-Identifier: Apache-2.0
"""Kept verdicts by the rules that made them, and what was sent since a day."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from gateway.store import Store
from gateway.store.judged import _AT_ONCE
from gateway.ubl import OFFICIAL, Outcome, Report
from tests.functional.store.builders import AT, submission


def detail(alias: str, rules: str) -> dict[str, object]:
    report = Report(outcome=Outcome.VALID, alias=alias, rules=rules)
    return {"reason": None, "report": msgspec.to_builtins(report)}


async def test_verdicts_are_counted_by_what_made_them(store: Store) -> None:
    kept = (("a-1", "official"), ("a-1", "bundled"), ("a-2", "official"), ("a-1", "official"))
    for number, (alias, rules) in enumerate(kept):
        one = submission(number, validation_detail=detail(alias, rules))
        await store.submissions.submit(one)
    await store.submissions.submit(submission(9, validation_detail={"report": None}))
    assert await store.judged.count("a-1", rules=OFFICIAL) == 2
    assert await store.judged.count("a-2", rules=OFFICIAL) == 1
    assert await store.judged.count("a-3", rules=OFFICIAL) == 0


async def test_what_was_sent_since_a_day_oldest_first(store: Store) -> None:
    total = _AT_ONCE + 3  # more than one page
    for number in range(total):
        at = AT + timedelta(seconds=number // 2)  # two at each moment
        await store.submissions.submit(submission(number, accepted_at=at))
    ids = [one async for one in store.judged.sent_since(AT)]
    assert ids == [submission(number).document_id for number in range(total)]
    later = [one async for one in store.judged.sent_since(AT + timedelta(seconds=total // 2))]
    assert later == ids[-1:]
