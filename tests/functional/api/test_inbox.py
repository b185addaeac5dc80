# SPDX-License-Identifier: Apache-2.0
"""The inbox: looking leaves no trace, acknowledging is by item, documents come out unchanged."""

from __future__ import annotations

import pytest

from gateway.identifiers import ParticipantId
from tests.api import API, THEIRS, arrive, received
from tests.builders import INVOICE, RECEIVER, SENDER, invoice


async def test_a_received_document_waits_until_it_is_acknowledged(api: API) -> None:
    document = invoice(sender=RECEIVER, receiver=SENDER)
    first = await arrive(api, received(1, document))
    second = await arrive(api, received(2, document))
    for _ in range(2):
        waiting = await api.call("GET", "/v1/inbox")
        assert [item["id"] for item in waiting.json["data"]] == [first, second]
    item = waiting.json["data"][0]
    assert item["direction"] == "inbound"
    assert item["state"] == "ready"
    assert item["summary"]["number"] == "R-1"
    assert item["next_actions"] == ["acknowledge"]
    assert item["other_access_point"] == "PNL000052"
    said = {
        "items": [
            {"document_id": first, "external_reference": "book 9", "c4_country": "NL"},
            {"document_id": "doc_nothing"},
            {"document_id": second, "outcome": "rejected", "reason": "not ours"},
        ]
    }
    for expected in ("acknowledged", "already_acknowledged"):
        reply = await api.call("POST", "/v1/inbox/acknowledgements", json=said)
        assert reply.status == 200
        results = [item["result"] for item in reply.json["items"]]
        assert results == [expected, "unknown", expected]
    assert reply.json["items"][0]["external_reference"] == "book 9"
    assert (await api.call("GET", "/v1/inbox")).json["data"] == []
    shown = (await api.call("GET", f"/v1/documents/{first}")).json
    assert (shown["state"], shown["settled"]) == ("acknowledged", True)
    assert shown["routing"]["c4_country"] == "NL"


async def test_the_document_and_its_envelope_come_out_as_they_came(api: API) -> None:
    for number, document in enumerate((invoice(), invoice(note="y" * 2_000_000)), 1):
        document_id = await arrive(api, received(number, document))
        content = await api.call("GET", f"/v1/documents/{document_id}/content")
        assert content.status == 200
        element = document[document.index(b"<Invoice") :].strip()
        assert content.body.endswith(element)
        envelope = await api.call("GET", f"/v1/documents/{document_id}/envelope")
        assert b"StandardBusinessDocumentHeader" in envelope.body[:2000]
        assert element in envelope.body


async def test_an_envelope_that_was_not_made_yet_is_not_found(api: API) -> None:
    location = (await api.submit(invoice())).headers["Location"]
    reply = await api.call("GET", f"{location}/envelope")
    assert (reply.status, reply.code) == (404, "not_found")
    assert "sent" in reply.json["advice"]


async def test_the_inbox_is_filtered_and_paged(api: API) -> None:
    ids = [await arrive(api, received(number, invoice())) for number in (1, 2, 3)]
    page = await api.call("GET", "/v1/inbox?limit=2")
    assert [item["id"] for item in page.json["data"]] == ids[:2]
    assert page.json["has_more"] is True
    assert page.json["next_cursor"] in page.headers["Link"]
    rest = await api.call("GET", f"/v1/inbox?limit=2&after={page.json['next_cursor']}")
    assert [item["id"] for item in rest.json["data"]] == ids[2:]
    assert (rest.json["has_more"], rest.json["next_cursor"]) == (False, None)
    assert "Link" not in rest.headers
    some = await api.call("GET", "/v1/inbox", params={"receiver": SENDER.value})
    assert len(some.json["data"]) == 3
    none = await api.call("GET", "/v1/inbox", params={"receiver": "0106:00000000"})
    assert none.json["data"] == []
    kind = await api.call("GET", "/v1/inbox", params={"type": INVOICE.value})
    assert len(kind.json["data"]) == 3


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "#/items"),
        ({"items": [{"document_id": "a", "c4_country": "nl"}]}, "#/items/0/c4_country"),
        ({"items": [{"document_id": "a", "outcome": "maybe"}]}, "#/items/0/outcome"),
        ({"items": [{"document_id": "a", "colour": "red"}]}, "#/items/0"),
        ({"things": []}, "#"),
    ],
)
async def test_wrong_members_are_named(api: API, body: object, pointer: str) -> None:
    reply = await api.call("POST", "/v1/inbox/acknowledgements", json=body)
    assert (reply.status, reply.code) == (400, "malformed_request")
    assert reply.json["errors"][0]["pointer"] == pointer


async def test_others_documents_are_not_there(api: API) -> None:
    theirs = await arrive(api, received(1, invoice(), receiver=ParticipantId(RECEIVER.value)))
    ours = (await api.submit(invoice())).json["id"]
    other = await api.key_of(THEIRS)
    for document_id, key in ((theirs, api.key), (ours, other)):
        for path in ("", "/content", "/envelope"):
            reply = await api.call("GET", f"/v1/documents/{document_id}{path}", key=key)
            assert (reply.status, reply.code) == (404, "not_found")
        for verb in ("cancel", "retry"):
            reply = await api.call("POST", f"/v1/documents/{document_id}/{verb}", key=key)
            assert reply.status == 404
        said = {"items": [{"document_id": document_id}]}
        reply = await api.call("POST", "/v1/inbox/acknowledgements", key=key, json=said)
        assert reply.json["items"][0]["result"] == "unknown"
    assert (await api.call("GET", "/v1/inbox")).json["data"] == []
    assert len((await api.call("GET", "/v1/inbox", key=other)).json["data"]) == 1
