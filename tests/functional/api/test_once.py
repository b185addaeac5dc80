# SPDX-License-Identifier: Apache-2.0
"""A repeated request gives its first answer again; another one under its key does not."""

from __future__ import annotations

import asyncio

from aiohttp import FormData

from tests.api import API, THEIRS
from tests.builders import invoice


async def test_a_repeat_is_answered_as_the_first(api: API) -> None:
    first = await api.submit(invoice(), idempotency_key='"a key"'.replace(" ", "-"))
    for key in ('"a-key"', "a-key"):
        again = await api.submit(invoice(), idempotency_key=key)
        assert again.status == first.status == 202
        assert again.body == first.body
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len((await api.call("GET", "/v1/documents")).json["data"]) == 1


async def test_another_request_under_the_key_is_refused(api: API) -> None:
    await api.submit(invoice(), idempotency_key="k")
    for document, query in ((invoice("2"), ""), (invoice(), "?reference=r")):
        reply = await api.submit(document, query, idempotency_key="k")
        assert (reply.status, reply.code) == (422, "idempotency_key_reused")
    again = await api.submit(invoice(), idempotency_key="k")
    assert again.headers["Idempotent-Replayed"] == "true", "the refusals changed nothing"


async def test_keys_of_organisations_do_not_meet(api: API) -> None:
    body = {"items": [{"document_id": "doc_x"}]}
    for key in (api.key, await api.key_of(THEIRS)):
        reply = await api.call(
            "POST",
            "/v1/inbox/acknowledgements",
            key=key,
            json=body,
            headers={"Idempotency-Key": "k"},
        )
        assert reply.status == 200
        assert "Idempotent-Replayed" not in reply.headers


async def test_refusals_of_the_requests_own_making_are_replayed(api: API) -> None:
    for document, status in ((b"<broken", 400), (invoice() + b"<x/>", 400), (b"<a/>", 422)):
        key = f"key-{len(document)}"
        first = await api.submit(document, idempotency_key=key)
        again = await api.submit(document, idempotency_key=key)
        assert (first.status, again.status) == (status, status)
        assert again.body == first.body
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.code == first.code


async def test_a_refusal_for_rights_is_judged_again(api: API) -> None:
    for _ in range(2):
        key = await api.key_of(THEIRS)
        reply = await api.submit(invoice(), key=key, idempotency_key="k")
        assert reply.status == 403
        assert "Idempotent-Replayed" not in reply.headers


async def test_bad_keys_are_refused(api: API) -> None:
    for key in ("", '""', "a b", "x" * 256, '"a'):
        reply = await api.submit(invoice(), idempotency_key=key)
        good = key == '"a'  # visible characters, bare
        assert reply.status == (202 if good else 400), key


async def test_the_parts_of_a_form_count_without_order_and_boundary(api: API) -> None:
    def form(order: int) -> FormData:
        made = FormData()
        fields = [("document", invoice()), ("metadata", b'{"reference":"r"}')][::order]
        for name, value in fields:
            made.add_field(name, value, filename=name, content_type="application/octet-stream")
        return made

    first = await api.call("POST", "/v1/documents", data=form(1), headers={"Idempotency-Key": "k"})
    again = await api.call("POST", "/v1/documents", data=form(-1), headers={"Idempotency-Key": "k"})
    assert first.status == 202
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_many_at_once_make_one_document(api: API) -> None:
    document = invoice()

    async def client() -> tuple[int, bytes]:
        while True:
            reply = await api.submit(document, idempotency_key="k")
            if reply.status != 409:
                return reply.status, reply.body
            assert reply.code == "request_in_progress"
            assert reply.headers["Retry-After"] == "1"

    answers = await asyncio.gather(*(client() for _ in range(30)))
    assert {status for status, _ in answers} == {202}
    assert len({body for _, body in answers}) == 1
    assert len((await api.call("GET", "/v1/documents")).json["data"]) == 1


async def test_another_process_that_was_first_decides(api: API) -> None:
    """The running set is of one process; between two the store's constraint decides."""
    first = await api.submit(invoice(), idempotency_key="k")
    store = api.parts.idempotency._store
    asked = 0

    class LateStore:
        async def find(self, organisation: str, key: str) -> object:
            nonlocal asked
            asked += 1
            return None if asked == 1 else await store.find(organisation, key)

        remember = store.remember

    api.parts.idempotency._store = LateStore()  # type: ignore[assignment]
    again = await api.submit(invoice(), idempotency_key="k")
    assert asked == 2
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
