# SPDX-License-Identifier: Apache-2.0
"""The rules behind the REST interface: refusals with findings, reports in two languages, pages."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.api import API
from tests.fakes import AT
from tests.functional.validation.documents import bad, good

pytestmark = pytest.mark.asyncio(loop_scope="package")

NLCIUS = "org.simplerinvoicing:invoice:2.0.3-13"


async def ask(api: API, document: bytes, query: str = "", **headers: str):
    sent = {"Content-Type": "application/xml"}
    sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    return await api.call("POST", f"/v1/validations{query}", headers=sent, data=document)


async def test_a_valid_document_goes_through_with_its_verdict(api: API) -> None:
    reply = await api.submit(good())
    assert reply.status == 202
    verdict = {"outcome": "valid", "rule_set": NLCIUS, "errors": 0, "warnings": 0}
    assert reply.json["validation"] == verdict
    (listed,) = (await api.call("GET", "/v1/documents")).json["data"]
    assert listed["validation"] == verdict
    kept = (await api.call("GET", f"/v1/documents/{reply.json['id']}/validation")).json
    assert (kept["outcome"], kept["release"], kept["engine"]) == ("valid", "2.0.3-13", "fast")
    assert set(kept["checksums"]) == {layer["name"] for layer in kept["layers"]} - {"xsd"}
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in kept["checksums"].values())


async def test_an_invalid_document_is_refused_and_nothing_kept(api: API, tmp_path: Path) -> None:
    reply = await api.submit(bad(good()), idempotency_key="k")
    assert (reply.status, reply.code) == (422, "document_invalid")
    assert reply.json["detail"].startswith("1 error, first: BR-NL-3 ")
    (finding,) = reply.json["findings"]
    assert (finding["rule_id"], finding["severity"]) == ("BR-NL-3", "fatal")
    assert (finding["line"], finding["rule_set"]) == (19, NLCIUS)
    assert finding["location"].endswith("/cac:PostalAddress")
    assert (await api.call("GET", "/v1/documents")).json["data"] == []
    assert [file for file in (tmp_path / "payloads").rglob("*") if file.is_file()] == []
    again = await api.submit(bad(good()), idempotency_key="k")
    assert again.body == reply.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (await api.submit(good(), idempotency_key="k2")).status == 202


async def test_a_refusal_speaks_the_language_of_the_caller(api: API) -> None:
    english = await api.submit(bad(good()), accept_language="de, en;q=0.5")
    dutch = await api.submit(bad(good()), accept_language="nl-NL, en;q=0.5")
    assert dutch.json["detail"].startswith("1 fout, eerste: BR-NL-3 ")
    assert dutch.json["findings"][0]["text"] != english.json["findings"][0]["text"]
    assert dutch.json["findings"][0]["language"] == "nl"


async def test_a_document_is_forced_through_and_marked(api: API) -> None:
    reply = await api.submit(bad(good()), "?validation=warn")
    assert reply.status == 202
    assert reply.json["validation"]["outcome"] == "invalid"
    kept = await api.call(
        "GET", f"/v1/documents/{reply.json['id']}/validation?language=nl", headers={}
    )
    assert [one["language"] for one in kept.json["findings"]] == ["nl"]


async def test_what_no_rules_are_known_for_is_refused_unless_forced(api: API) -> None:
    unknown = good().replace(b"urn:fdc:nen.nl:nlcius:v1.0", b"urn:fdc:example.org:own")
    reply = await api.submit(unknown)
    assert (reply.status, reply.code) == (422, "rules_unknown")
    forced = await api.submit(unknown, "?validation=warn")
    assert forced.json["validation"]["outcome"] == "not_judged"


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_validation_answers_in_both_languages(api: API, language: str) -> None:
    by_query = await ask(api, bad(good()), f"?language={language}")
    by_header = await ask(api, bad(good()), accept_language=language)
    assert by_query.status == by_header.status == 200
    for reply in (by_query, by_header):
        assert reply.headers["Content-Language"] == language
        assert (reply.json["outcome"], reply.json["errors"]) == ("invalid", 1)
        assert "saxon" in reply.json["engine"].split("+"), "it judges before every rejection"
        (finding,) = reply.json["findings"]
        assert ("postcode" in finding["text"]) is (language == "nl") or language == "en"
        assert {value["path"] for value in finding["values"]} >= {"cbc:PostalZone"}
    assert by_query.json["findings"] == by_header.json["findings"]
    assert (await api.call("GET", "/v1/documents")).json["data"] == []


async def test_a_validation_takes_json_and_a_rule_set(api: API) -> None:
    body = {"document": {"xml_base64": base64.b64encode(good()).decode()}}
    reply = await api.call("POST", "/v1/validations?rule_set=cen-ubl-1.3.16", json=body)
    assert reply.json["outcome"] == "valid"
    assert reply.json["alias"] == "cen-ubl-1.3.16"
    unknown = await api.call("POST", "/v1/validations?rule_set=nobody", json=body)
    assert (unknown.status, unknown.code) == (422, "rule_set_unknown")
    form = await api.call("POST", "/v1/validations", data={"document": "x"})
    assert form.status == 415


async def test_a_page_for_people_needs_nothing_from_elsewhere(api: API) -> None:
    reply = await ask(api, bad(good()), accept="text/html", accept_language="nl")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    page = reply.body.decode()
    assert 'lang="nl"' in page
    assert "BR-NL-3" in page
    assert not re.search(r"<(script|link|img|iframe|object)\b|\bsrc=|url\(|@import", page)
    markup = good().replace(b"Ovenstraat 12", b"&lt;script&gt;alert(1)&lt;/script&gt;")
    page = (await ask(api, bad(markup), accept="text/html")).body.decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_svrl_and_other_forms(api: API) -> None:
    reply = await ask(api, bad(good()), accept="application/xml")
    assert reply.headers["Content-Type"].startswith("application/xml")
    assert b"failed-assert" in reply.body
    assert b"BR-NL-3" in reply.body
    for document, accept in ((good(), "image/png"), (b"no XML", "application/xml")):
        refused = await ask(api, document, accept=accept)
        assert (refused.status, refused.code) == (406, "not_acceptable")


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7", b"<a>", b"<!DOCTYPE a><a/>"])
async def test_what_is_no_document_gets_a_finding(api: API, document: bytes) -> None:
    reply = await ask(api, document)
    assert (reply.status, reply.json["outcome"]) == (200, "invalid")
    assert [one["layer"] for one in reply.json["findings"]] == ["xml"]


async def test_a_key_needs_the_scope(api: API) -> None:
    key = await api.key_of("org_ours", frozenset({"documents:send"}))
    reply = await api.call("POST", "/v1/validations", key=key, data=good())
    assert (reply.status, reply.code) == (403, "insufficient_scope")


async def test_the_rule_sets_tell_what_is_in_force(api: API) -> None:
    found = {one["alias"]: one for one in (await api.call("GET", "/v1/rule-sets")).json["data"]}
    now = found["nlcius-2.0.3.13"]
    assert NLCIUS in now["ids"]
    assert (now["in_force"], now["rules"], now["phase"]) == (True, "bundled", "in_force")
    assert now["valid_from"] <= AT.date().isoformat()
    reported = (await ask(api, good())).json
    assert now["checksums"] == reported["checksums"]
    earlier = found["peppol-billing-2025.11"]
    assert (earlier["in_force"], earlier["rules"], earlier["phase"]) == (False, None, "expired")
    in_force = [one["kind"] for one in found.values() if one["in_force"]]
    assert len(in_force) == len(set(in_force))


async def test_the_verdict_of_others_is_not_there(api: API) -> None:
    sent = await api.submit(good())
    key = await api.key_of("org_theirs")
    reply = await api.call("GET", f"/v1/documents/{sent.json['id']}/validation", key=key)
    assert (reply.status, reply.code) == (404, "not_found")
