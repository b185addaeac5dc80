# SPDX-License-Identifier: Apache-2.0
"""Lists and waiting."""

from __future__ import annotations

import asyncio

from gateway.service.lifecycle import Event
from tests.api import API, arrive, received
from tests.builders import RECEIVER, SENDER, invoice


async def _ids(api: API, query: str) -> list[str]:
    reply = await api.call("GET", f"/v1/documents{query}")
    assert reply.status == 200, reply.body
    return [item["id"] for item in reply.json["data"]]


async def test_lists_are_filtered(api: API) -> None:
    sent = [(await api.submit(invoice(str(n)), f"?reference=r{n}")).json["id"] for n in range(3)]
    got = await arrive(api, received(1, invoice()))
    assert sorted(await _ids(api, "")) == sorted([*sent, got])
    assert await _ids(api, "?direction=inbound") == [got]
    assert await _ids(api, "?reference=r1") == [sent[1]]
    assert await _ids(api, "?number=2") == [sent[2]]
    assert await _ids(api, "?state=ready,acknowledged") == [got]
    assert sorted(await _ids(api, "?state=accepted&state=queued")) == sorted(sent)
    assert await _ids(api, "?settled=true") == []
    assert len(await _ids(api, "?settled=false")) == 4
    assert await _ids(api, f"?sender={SENDER}&receiver={RECEIVER}&sort=created_at") == sent
    assert await _ids(api, "?created_from=2026-11-25T00:00:00Z") == []
    assert len(await _ids(api, "?created_to=2026-11-25T01:00:00%2B01:00&kind=invoice")) == 4


async def test_pages_follow_each_other(api: API) -> None:
    sent = [(await api.submit(invoice(str(n)))).json["id"] for n in range(5)]
    seen: list[str] = []
    target = "/v1/documents?limit=2&direction=outbound&sort=created_at"
    while target:
        reply = await api.call("GET", target)
        seen += [item["id"] for item in reply.json["data"]]
        link = reply.headers.get("Link", "")
        target = link.partition(">")[0].removeprefix("<")
    assert seen == sent


async def test_waiting_ends_with_a_change(api: API) -> None:
    location = (await api.submit(invoice())).headers["Location"]
    waiting = asyncio.create_task(api.call("GET", f"{location}?wait=20"))
    known = asyncio.create_task(api.call("GET", f"{location}?wait=20&sequence=1"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    document_id = location.rpartition("/")[2]
    await api.store.submissions.step(document_id, Event.ENDPOINT_FOUND, at=api.clock())
    for task in (waiting, known):
        reply = await asyncio.wait_for(task, 5)
        assert reply.json["state"] == "queued"
        assert reply.json["sequence"] == 2
    at_once = await asyncio.wait_for(api.call("GET", f"{location}?wait=20&sequence=1"), 5)
    assert at_once.json["sequence"] == 2


async def test_nobody_waits_for_what_is_settled(api: API) -> None:
    location = (await api.submit(invoice())).headers["Location"]
    await api.call("POST", f"{location}/cancel")
    reply = await asyncio.wait_for(api.call("GET", f"{location}?wait=30"), 5)
    assert reply.json["state"] == "cancelled"
