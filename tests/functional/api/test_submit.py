# SPDX-License-Identifier: Apache-2.0
"""A document goes in and can be read back: three forms, one result."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from aiohttp import FormData, MultipartWriter

from gateway.identifiers import ParticipantId
from tests.api import API, OURS, THEIRS
from tests.builders import RECEIVER, SENDER, invoice
from tests.fakes import AT


async def test_an_accepted_document_is_shown_whole(api: API) -> None:
    document = invoice()
    reply = await api.submit(document, "?reference=order%207")
    assert reply.status == 202, reply.body
    shown = reply.json
    assert reply.headers["Location"] == f"/v1/documents/{shown['id']}"
    assert shown["state"] == "accepted"
    assert shown["settled"] is False
    assert shown["environment"] == "test"
    assert shown["organisation"] == OURS
    assert shown["reference"] == "order 7"
    assert shown["routing"]["sender"] == {"scheme": "iso6523-actorid-upis", "value": SENDER.value}
    assert shown["routing"]["receiver"]["value"] == RECEIVER.value
    assert shown["routing"]["c1_country"] == "NL"
    assert shown["summary"]["number"] == "2026-1"
    assert shown["summary"]["seller_name"] == "Jansen & Co"
    assert shown["summary"]["payable_amount"] == "121.00"
    assert shown["content"] == {
        "media_type": "application/xml",
        "size": len(document),
        "sha256": hashlib.sha256(document).hexdigest(),
    }
    assert shown["validation"] == {
        "outcome": "valid",
        "rule_set": "org.example:invoice:1",
        "errors": 0,
        "warnings": 0,
    }
    assert shown["deadline"] == "2026-11-25T12:00:00.000Z"
    assert shown["next_actions"] == ["cancel"]
    assert shown["sequence"] == 1
    again = await api.call("GET", reply.headers["Location"])
    assert again.json == shown, "what was promised is what is stored"


async def test_content_is_given_back_byte_for_byte(api: API) -> None:
    for document in (invoice("small"), invoice("large", note="x" * 3_000_000)):
        location = (await api.submit(document)).headers["Location"]
        content = await api.call("GET", f"{location}/content")
        assert content.status == 200
        assert content.body == document
        assert content.headers["Content-Type"] == "application/xml"
        assert content.headers["X-Content-Type-Options"] == "nosniff"
        digest = base64.b64encode(hashlib.sha256(document).digest()).decode()
        assert content.headers["Repr-Digest"] == f"sha-256=:{digest}:"


async def test_a_form_and_json_give_the_same_document(api: API) -> None:
    metadata = '{"reference": "r", "custom": {"job": "7"}, "options": {"mls": "always_send"}}'
    form = FormData()
    form.add_field("metadata", metadata, content_type="application/json")
    form.add_field("document", invoice("1"), filename="../x.xml", content_type="application/xml")
    by_form = await api.call("POST", "/v1/documents", data=form)
    assert by_form.status == 202, by_form.body
    encoded = base64.b64encode(invoice("2")).decode()
    by_json = await api.call(
        "POST",
        "/v1/documents",
        json={
            "document": {"xml_base64": encoded},
            "reference": "r",
            "custom": {"job": "7"},
            "options": {"mls": "always_send"},
        },
    )
    assert by_json.status == 202, by_json.body
    for reply, number in ((by_form, "1"), (by_json, "2")):
        assert reply.json["reference"] == "r"
        assert reply.json["custom"] == {"job": "7"}
        assert reply.json["mls"]["requested"] == "always_send"
        assert reply.json["summary"]["number"] == number
    content = await api.call("GET", f"{by_form.headers['Location']}/content")
    assert content.body == invoice("1")


async def test_an_attachment_beside_the_document_is_refused_in_words(api: API) -> None:
    form = FormData()
    form.add_field("document", invoice(), filename="a", content_type="application/xml")
    form.add_field("attachment", b"%PDF", filename="b", content_type="application/pdf")
    reply = await api.call("POST", "/v1/documents", data=form)
    assert (reply.status, reply.code) == (422, "not_offered")
    assert reply.json["errors"][0]["pointer"] == "#/attachment"
    assert "Embed" in reply.json["advice"]


async def test_only_own_participants_send(api: API) -> None:
    reply = await api.submit(invoice(sender=ParticipantId("0106:99999999")))
    assert (reply.status, reply.code) == (403, "sender_not_authorised")
    reply = await api.submit(invoice(), key=await api.key_of(THEIRS))
    assert (reply.status, reply.code) == (403, "sender_not_authorised")


async def test_given_routing_must_agree_with_the_document(api: API) -> None:
    reply = await api.submit(invoice(), "?receiver=0106:11111111")
    assert (reply.status, reply.code) == (422, "routing_mismatch")
    assert reply.json["errors"] == [
        {
            "pointer": "#/routing/receiver",
            "code": "routing_mismatch",
            "detail": "the receiver given differs from the document's",
        }
    ]
    reply = await api.submit(invoice(), f"?receiver=iso6523-actorid-upis::{RECEIVER}")
    assert reply.status == 202
    reply = await api.submit(invoice("2"), "?receiver=nobody")
    assert (reply.status, reply.code) == (400, "invalid_identifier")


async def test_missing_routing_is_named(api: API) -> None:
    document = invoice().replace(b"cbc:ProfileID>", b"cbc:Other>")
    reply = await api.submit(document)
    assert (reply.status, reply.code) == (422, "routing_incomplete")
    assert reply.json["errors"][0]["pointer"] == "#/routing/process"
    reply = await api.submit(document, "?process=urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
    assert reply.status == 202
    reply = await api.submit(invoice().replace(b"cbc:CustomizationID>", b"cbc:Other>"))
    assert (reply.status, reply.code) == (422, "document_type_unknown")


async def test_the_same_business_document_is_taken_once(api: API) -> None:
    first = await api.submit(invoice())
    second = await api.submit(invoice(note="another writing"))
    assert (second.status, second.code) == (409, "duplicate_document")
    assert second.json["document_id"] == first.json["id"]
    allowed = await api.submit(invoice(), "?duplicate_policy=allow")
    assert allowed.status == 202
    await api.call("POST", f"/v1/documents/{first.json['id']}/cancel")
    assert (await api.submit(invoice())).status == 202, "a cancelled one does not block"


async def test_broken_documents_are_refused(api: API) -> None:
    for document, status, code in (
        (b"", 400, "malformed_xml"),
        (b"hello", 400, "malformed_xml"),
        (invoice()[:-20], 400, "malformed_xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 400, "malformed_xml"),
        (b"<a/>", 422, "document_type_unknown"),
    ):
        reply = await api.submit(document)
        assert (reply.status, reply.code) == (status, code), document[:40]


async def test_a_dry_run_keeps_nothing(api: API) -> None:
    reply = await api.submit(invoice(), "?dry_run=true")
    assert reply.status == 202
    assert reply.json["id"] is None
    assert "Location" not in reply.headers
    assert (await api.call("GET", "/v1/documents")).json["data"] == []


async def test_the_deadline_has_bounds(api: API) -> None:
    late = (AT.replace(day=30)).isoformat().replace("+00:00", "Z")
    reply = await api.submit(invoice(), f"?deliver_until={late}")
    assert reply.json["deadline"] == "2026-11-30T12:00:00.000Z"
    for moment in ("2026-11-24T11:00:00Z", "2026-12-24T12:00:00Z", "tomorrow"):
        reply = await api.submit(invoice("2"), f"?deliver_until={moment}")
        assert (reply.status, reply.code) == (400, "malformed_request")


async def test_cancel_and_retry_follow_the_table(api: API) -> None:
    location = (await api.submit(invoice())).headers["Location"]
    refused = await api.call("POST", f"{location}/retry")
    assert (refused.status, refused.code) == (409, "state_conflict")
    assert refused.json["state"] == "accepted"
    assert refused.json["next_actions"] == ["cancel"]
    cancelled = await api.call("POST", f"{location}/cancel")
    assert cancelled.status == 200
    assert cancelled.json["state"] == "cancelled"
    assert cancelled.json["settled"] is True
    assert cancelled.json["problem"]["code"] == "cancelled"
    assert (await api.call("POST", f"{location}/cancel")).status == 409


@pytest.mark.parametrize(
    ("metadata", "status", "code", "pointer"),
    [
        ({"options": {"send_at": "2026-11-25T12:00:00Z"}}, 422, "not_offered", "#/options/send_at"),
        ({"options": {"priority": "bulk"}}, 422, "not_offered", "#/options/priority"),
        ({"options": {"fallback": {"when": "always"}}}, 422, "not_offered", "#/options/fallback"),
        ({"options": {"fallback": {"when": "never"}, "priority": "normal"}}, 202, "", ""),
        ({"document": {"xml_base64": "no!"}}, 400, "malformed_request", "#/document/xml_base64"),
        ({"document": {"invoice": {}}}, 400, "malformed_request", "#/document"),
        ({"routing": {"c1_country": "nl"}}, 400, "malformed_request", "#/routing/c1_country"),
        ({"reference": ""}, 400, "malformed_request", "#/reference"),
    ],
    ids=str,
)
async def test_members_of_json_are_judged_by_name(
    api: API, metadata: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    document = {"xml_base64": base64.b64encode(invoice()).decode()}
    reply = await api.call("POST", "/v1/documents", json={"document": document, **metadata})
    assert reply.status == status, reply.body
    if status != 202:
        assert reply.code == code
        assert reply.json["errors"][0]["pointer"] == pointer


async def test_what_nobody_would_act_upon_is_refused(api: API) -> None:
    """`?dry_run=true` beside a form would otherwise send the document."""
    form = FormData()
    form.add_field("document", invoice(), filename="a", content_type="application/xml")
    embedded = {"document": {"xml_base64": base64.b64encode(invoice()).decode()}}
    replies = (
        await api.call("POST", "/v1/documents?dry_run=true", data=form),
        await api.call("POST", "/v1/documents?reference=x", json=embedded),
    )
    for reply in replies:
        assert (reply.status, reply.code) == (400, "malformed_request")
        assert "metadata" in reply.json["advice"]
    assert (await api.call("GET", "/v1/documents")).json["data"] == []


async def test_base64_may_have_line_breaks(api: API) -> None:
    embedded = {"document": {"xml_base64": base64.encodebytes(invoice()).decode()}}
    reply = await api.call("POST", "/v1/documents", json=embedded)
    assert reply.status == 202, reply.body
    content = await api.call("GET", f"/v1/documents/{reply.json['id']}/content")
    assert content.body == invoice()


async def test_parts_of_a_form_come_once_and_plain(api: API) -> None:
    for fields in (
        [("document", {}), ("document", {})],
        [("document", {"Content-Transfer-Encoding": "base64"})],
    ):
        form = MultipartWriter("form-data")
        for name, headers in fields:
            part = form.append(invoice(), {"Content-Type": "application/xml"})
            part.set_content_disposition("form-data", name=name)
            part.headers.update(headers)
        reply = await api.call("POST", "/v1/documents", data=form)
        assert (reply.status, reply.code) == (400, "malformed_request"), fields
