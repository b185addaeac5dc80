# SPDX-License-Identifier: Apache-2.0
"""Lists, their cursors, acknowledging, waiting."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lifecycle import Event, Inbound
from gateway.service.records import (
    Acknowledgement,
    AcknowledgementResult,
    Direction,
    DocumentFilter,
    Summary,
)
from gateway.store import Store
from gateway.store.cursors import BadCursorError
from tests.functional.store.builders import AT, INVOICE, OWNER, inbound, submission
from tests.functional.store.counting import query

EVERYTHING = DocumentFilter(organisation=OWNER)


async def _ready(store: Store, *numbers: int) -> None:
    for number in numbers:
        await store.inbound.accept(inbound(number))
        await store.inbound.checked(
            f"doc_in{number:06}",
            event=Event.CHECKED,
            summary=Summary(number=f"N{number}"),
            validation="valid",
            validation_detail={},
            at=AT,
        )


async def _ids(store: Store, wanted: DocumentFilter, *, newest_first: bool = False) -> list[str]:
    page = await store.documents.page(wanted, limit=50, after=None, newest_first=newest_first)
    return [document.id for document in page.documents]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_pages_join_without_gap_or_repeat(store: Store, newest_first: bool) -> None:
    for number in range(1, 8):
        # Three share each moment, so the id decides between them.
        await store.inbound.accept(inbound(number, received_at=AT + timedelta(seconds=number // 3)))
    seen: list[str] = []
    cursor = None
    while True:
        page = await store.documents.page(
            EVERYTHING, limit=2, after=cursor, newest_first=newest_first
        )
        seen += [document.id for document in page.documents]
        cursor = page.next_cursor
        if cursor is None:
            break
    wanted = [f"doc_in{number:06}" for number in range(1, 8)]
    assert seen == (wanted[::-1] if newest_first else wanted)


async def test_a_page_is_stable_under_inserts(store: Store) -> None:
    for number in (2, 4, 6):
        await store.inbound.accept(inbound(number))
    first = await store.documents.page(EVERYTHING, limit=2, after=None, newest_first=False)
    await store.inbound.accept(inbound(1))  # before the cursor: not shown any more
    await store.inbound.accept(inbound(5))
    rest = await store.documents.page(
        EVERYTHING, limit=9, after=first.next_cursor, newest_first=False
    )
    assert [document.id for document in rest.documents] == ["doc_in000005", "doc_in000006"]
    assert rest.next_cursor is None


async def test_a_broken_cursor_is_the_callers_fault(store: Store) -> None:
    with pytest.raises(BadCursorError):
        await store.documents.page(EVERYTHING, limit=2, after="nonsense", newest_first=False)


async def test_filters(store: Store) -> None:
    await _ready(store, 1, 2)
    await store.inbound.accept(inbound(3))
    await store.inbound.accept(inbound(4, organisation="org_2"))
    await store.submissions.submit(submission())

    def only(**changes: object) -> DocumentFilter:
        return DocumentFilter(organisation=OWNER, **changes)  # type: ignore[arg-type]

    outbound = ["doc_out000001"]
    ready = ["doc_in000001", "doc_in000002"]
    assert await _ids(store, only(states=("ready",))) == ready
    assert await _ids(store, only(states=("ready", "received"))) == [*ready, "doc_in000003"]
    assert await _ids(store, only(direction=Direction.OUTBOUND)) == outbound
    assert await _ids(store, only(number="N2")) == ["doc_in000002"]
    assert await _ids(store, only(reference="reference 1")) == outbound
    assert await _ids(store, only(kind="invoice")) == outbound
    assert len(await _ids(store, only(document_type=INVOICE))) == 4
    assert len(await _ids(store, only(receiver=ParticipantId("0190:abc")))) == 4
    assert await _ids(store, only(sender=ParticipantId("0190:abc"))) == []
    moment = inbound(2).received_at
    assert await _ids(store, only(created_from=moment)) == ["doc_in000002", "doc_in000003"]
    assert await _ids(store, only(created_to=moment)) == [*outbound, "doc_in000001"]
    assert await _ids(store, DocumentFilter(organisation="org_3")) == []


async def test_a_document_is_its_organisations_alone(store: Store) -> None:
    await store.inbound.accept(inbound())
    assert await store.documents.get("doc_in000001", organisation="org_2") is None
    assert await store.documents.get("doc_in000001", organisation=None) is not None
    assert await store.documents.get("doc_none", organisation=None) is None


async def test_a_list_leaves_inline_content_out(store: Store) -> None:
    await store.inbound.accept(inbound())
    page = await store.documents.page(EVERYTHING, limit=1, after=None, newest_first=False)
    assert page.documents[0].content.inline is None
    assert page.documents[0].content.size == inbound().content.size


async def test_acknowledging_item_by_item(store: Store) -> None:
    await _ready(store, 1, 2)
    await store.inbound.accept(inbound(3))
    await store.inbound.accept(inbound(4, organisation="org_2"))
    await store.submissions.submit(submission())
    wanted = [
        Acknowledgement(
            document_id="doc_in000001", accepted=True, external_reference="E1", country_c4="BE"
        ),
        Acknowledgement(document_id="doc_none", accepted=True),
        Acknowledgement(document_id="doc_in000002", accepted=False, reason="not ours"),
        Acknowledgement(document_id="doc_in000003", accepted=True),  # not in the inbox yet
        Acknowledgement(document_id="doc_in000004", accepted=True),
        Acknowledgement(document_id="doc_out000001", accepted=True),
        Acknowledgement(document_id="doc_in000001", accepted=True, external_reference="E2"),
    ]

    results = await store.documents.acknowledge(OWNER, wanted, at=AT)

    assert [one.result for one in results] == [
        "acknowledged", "unknown", "acknowledged", "unknown", "unknown", "unknown",
        "already_acknowledged",
    ]  # fmt: skip
    assert results[-1].external_reference == "E1"
    first = await store.documents.get("doc_in000001", organisation=OWNER)
    assert first is not None
    assert (first.state, first.external_reference) == (Inbound.ACKNOWLEDGED, "E1")
    assert first.country_c4 == "BE"
    second = await store.documents.get("doc_in000002", organisation=OWNER)
    assert second is not None
    assert second.state is Inbound.REJECTED
    rows = await query(
        store, "SELECT country_c4 FROM reporting_row WHERE exchange_id = 'exc_in000001'"
    )
    assert [tuple(row) for row in rows] == [("BE",)]


async def test_two_clients_acknowledge_the_same_item(store: Store) -> None:
    await _ready(store, 1)
    results = await asyncio.gather(
        *(
            store.documents.acknowledge(
                OWNER,
                [
                    Acknowledgement(
                        document_id="doc_in000001", accepted=True, external_reference=name
                    )
                ],
                at=AT,
            )
            for name in ("A", "B", "C")
        )
    )
    flat: list[AcknowledgementResult] = [one for some in results for one in some]
    assert sorted(one.result for one in flat) == [
        "acknowledged",
        "already_acknowledged",
        "already_acknowledged",
    ]
    assert len({one.external_reference for one in flat}) == 1


async def test_waiting_ends_with_the_change(store: Store) -> None:
    await store.submissions.submit(submission())
    waiting = asyncio.create_task(
        store.documents.wait_for_change("doc_out000001", after=1, seconds=50)
    )
    await asyncio.sleep(0)
    await store.submissions.step("doc_out000001", Event.CANCEL, at=AT)
    async with asyncio.timeout(5):
        await waiting


async def test_waiting_for_what_has_happened_does_not_wait(store: Store) -> None:
    await store.submissions.submit(submission())
    async with asyncio.timeout(5):
        await store.documents.wait_for_change("doc_out000001", after=0, seconds=50)


async def test_waiting_ends_with_the_time(store: Store) -> None:
    await store.documents.wait_for_change("doc_none", after=0, seconds=0.01)


async def test_waiting_sees_what_another_process_changed(store: Store, url: str) -> None:
    """No notice comes from there on SQLite; the look twice a second finds it."""
    other = Store.open(url, payload_folder=store.payloads._folder)
    try:
        await store.submissions.submit(submission())
        waiting = asyncio.create_task(
            store.documents.wait_for_change("doc_out000001", after=1, seconds=50)
        )
        await asyncio.sleep(0)
        await other.submissions.step("doc_out000001", Event.CANCEL, at=AT)
        async with asyncio.timeout(5):
            await waiting
    finally:
        await other.close()


async def test_a_reader_of_the_feed_misses_nothing_while_two_processes_write(
    store: Store, url: str
) -> None:
    """What is committed never appears behind a position that was read."""
    other = Store.open(url, payload_folder=store.payloads._folder)

    async def write(mine: Store, first: int) -> None:
        for number in range(first, first + 60, 6):
            await asyncio.gather(
                *(mine.submissions.submit(submission(number + more)) for more in range(6))
            )

    writing = asyncio.gather(write(store, 1), write(other, 101))
    seen: list[str] = []
    after = 0
    while True:
        finished = writing.done()  # asked before reading, so that the last turn reads all
        entries = await store.evidence.feed(OWNER, after=after, limit=50)
        seen += [entry.document_id for entry in entries]
        after = entries[-1].position if entries else after
        if finished and not entries:
            break
    await writing
    await other.close()
    assert len(seen) == len(set(seen)) == 120


async def test_the_feed_is_in_commit_order(store: Store) -> None:
    await asyncio.gather(
        *(store.submissions.submit(submission(number)) for number in range(1, 31)),
        *(store.inbound.accept(inbound(number)) for number in range(1, 31)),
    )
    seen = []
    after = 0
    while entries := await store.evidence.feed(OWNER, after=after, limit=7):
        seen += [entry.document_id for entry in entries]
        after = entries[-1].position
    assert len(seen) == len(set(seen)) == 60
