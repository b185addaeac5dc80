# SPDX-License-Identifier: Apache-2.0
"""No route without a key, none without its scope; what the open ones tell; how errors look."""

from __future__ import annotations

import logging
import re
from typing import Any

import msgspec
import pytest
from aiohttp import web

from gateway.web import api_app
from gateway.web.api import ENDPOINTS, OPEN_ENDPOINTS
from gateway.web.auth import Endpoint
from gateway.web.listeners import Address, listen
from gateway.web.schemas import Problem
from tests.api import API, OURS
from tests.builders import RECEIVER, SENDER, invoice

PATHS = [(endpoint.method, endpoint.path.replace("{id}", "doc_x")) for endpoint in ENDPOINTS]


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_every_route_wants_a_key(api: API, method: str, path: str) -> None:
    bodies: set[bytes] = set()
    for header in (
        "",
        "Bearer",
        "Bearer sk_test_nothing",
        f"Basic {api.key}",
        f"Bearer {api.key}x",
        f"Bearer {api.key.replace('sk_test', 'sk_live')}",
        f"Bearer {api.key.rpartition('_')[0]}_",
        "Bearer sk_test_ü_ü",
    ):
        reply = await api.call(method, path, headers={"Authorization": header})
        assert (reply.status, reply.code) == (401, "unauthenticated")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        bodies.add(re.sub(rb"req_\w+", b"", reply.body))
    assert len(bodies) == 1, "one text for all failures"


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.scope], ids=_name)
async def test_every_scope_is_wanted(api: API, endpoint: Endpoint) -> None:
    assert endpoint.scope is not None
    key = await api.key_of(OURS, frozenset({"documents:send", "inbox:read"}) - {endpoint.scope})
    path = endpoint.path.replace("{id}", "doc_x")
    reply = await api.call(endpoint.method, path, key=key)
    assert (reply.status, reply.code) == (403, "insufficient_scope")
    assert reply.json["scope"] == endpoint.scope
    assert f'scope="{endpoint.scope}"' in reply.headers["WWW-Authenticate"]


async def test_no_route_is_outside_of_the_table(api: API) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in api_app(api.parts).router.routes()
        if route.resource is not None
    }
    guarded = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    opened = {(verb, endpoint.path) for endpoint in OPEN_ENDPOINTS for verb in ("GET", "HEAD")}
    assert routes == guarded | opened
    assert {path for _, path in opened} == {"/healthz", "/readyz", "/openapi.json"}


async def test_me_tells_what_a_key_may(api: API) -> None:
    key = await api.key_of(OURS, frozenset({"inbox:read"}))
    me = (await api.call("GET", "/v1/me", key=key)).json
    assert me["organisation"] == {"id": OURS, "name": "Company 0", "country": "NL"}
    assert me["scopes"] == ["inbox:read"]
    assert me["participants"] == [{"scheme": "iso6523-actorid-upis", "value": SENDER.value}]
    assert me["environment"] == "test"
    assert me["limits"]["idempotency_days"] == 30


async def test_a_revoked_key_ends_within_seconds_and_an_expired_one_at_once(api: API) -> None:
    assert (await api.call("GET", "/v1/me")).status == 200
    me = (await api.call("GET", "/v1/me")).json
    await api.store.accounts.revoke_key(me["key_id"], at=api.clock())
    api.clock.move(6)
    assert (await api.call("GET", "/v1/me")).status == 401
    key = await api.key_of(OURS)
    assert (await api.call("GET", "/v1/me", key=key)).status == 200
    api.clock.move(366 * 86400)
    assert (await api.call("GET", "/v1/me", key=key)).status == 401


async def test_health_needs_no_key_and_tells_of_parts(api: API) -> None:
    async with api.session.get(f"{api.url}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with api.session.get(f"{api.url}/readyz") as response:
        assert response.status == 200
    async with api.session.head(f"{api.url}/readyz") as response:
        assert response.status == 200, "as many monitors ask"
    api.readiness["database"] = False
    async with api.session.get(f"{api.url}/readyz") as response:
        assert response.status == 503
        assert (await response.json())["checks"] == {"database": False}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1//documents", 404, "not_found"),
        ("DELETE", "/v1/documents", 405, "method_not_allowed"),
        ("GET", "/v1/documents?colour=red", 400, "malformed_request"),
        ("GET", "/v1/documents?limit=0", 400, "malformed_request"),
        ("GET", "/v1/documents?limit=1&limit=2", 400, "malformed_request"),
        ("GET", "/v1/documents?state=lost", 400, "malformed_request"),
        ("GET", "/v1/documents?after=x", 400, "malformed_request"),
        ("GET", "/v1/documents?created_from=yesterday", 400, "malformed_request"),
        ("GET", "/v1/documents?created_from=0001-01-01T00:00:00%2B14:00", 400, "malformed_request"),
        ("GET", "/v1/documents?created_to=9999-12-31T23:59:59-14:00", 400, "malformed_request"),
        ("GET", "/v1/documents?number=a%00", 400, "malformed_request"),
        ("GET", "/v1/documents/%00", 400, "malformed_request"),
        ("GET", "/v1/documents?sender=x", 400, "invalid_identifier"),
        ("GET", "/v1/documents/doc_x?wait=31", 400, "malformed_request"),
        ("GET", "/v1/documents/doc_x", 404, "not_found"),
    ],
)
async def test_errors_are_problems(
    api: API, method: str, path: str, status: int, code: str
) -> None:
    reply = await api.call(method, path)
    assert (reply.status, reply.code) == (status, code)
    msgspec.json.decode(reply.body, type=Problem)
    assert reply.json["request_id"] == reply.headers["X-Request-Id"]
    assert reply.json["type"].endswith(code.replace("_", "-"))


async def test_a_wrong_content_type_is_415(api: API) -> None:
    for path in ("/v1/documents", "/v1/inbox/acknowledgements", "/v1/lookups"):
        reply = await api.call("POST", path, data="a=b")
        assert (reply.status, reply.code) == (415, "unsupported_media_type")


async def test_what_nobody_foresaw_shows_nothing(
    api: API, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(api.store.participants, "all", broken)
    reply = await api.call("GET", "/v1/me")
    assert (reply.status, reply.code) == (500, "internal_error")
    assert b"secret" not in reply.body
    assert reply.json["retryable"] is True
    record = next(record for record in caplog.records if record.message == "request_failed")
    assert record.exc_info is not None


async def test_one_log_line_a_request_without_key_or_payload(
    api: API, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    reply = await api.submit(
        invoice(), idempotency_key="k", traceparent=f"00-{trace}-00f067aa0ba902b7-01"
    )
    lines = [record for record in caplog.records if record.message == "request_answered"]
    assert len(lines) == 1
    line = vars(lines[0])
    assert line["request"] == reply.headers["X-Request-Id"]
    assert line["trace"] == trace
    assert (line["route"], line["status"], line["organisation"]) == ("/v1/documents", 202, OURS)
    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert api.key.rpartition("_")[2] not in everything
    assert "Jansen" not in everything


async def test_lookups_answer_200_either_way(api: API) -> None:
    for body in (
        {"participant": "0106:12345678"},
        {"participant": RECEIVER.value, "document_type": "urn:a::B##c::2.1", "fresh": True},
    ):
        reply = await api.call("POST", "/v1/lookups", json=body)
        assert reply.status == 200, reply.body
        assert reply.json["outcome"] == "not_registered"
    reply = await api.call("POST", "/v1/lookups", json={"participant": "x"})
    assert (reply.status, reply.code) == (400, "invalid_identifier")


async def test_the_interface_describes_itself(api: API) -> None:
    async with api.session.get(f"{api.url}/openapi.json") as response:
        assert response.status == 200
        described = await response.json()
    assert set(described["paths"]) == {one.path for one in (*ENDPOINTS, *OPEN_ENDPOINTS)}


async def test_pages_beside_the_interface_may_send_people_on(api: API) -> None:
    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    app = api_app(api.parts)
    pages = web.Application()
    pages.router.add_get("/", away)
    app.add_subapp("/pages", pages)
    listening = await listen(app, [Address("127.0.0.1", 0)])
    try:
        url = f"http://{listening.addresses[0]}/pages/"
        async with api.session.get(url, allow_redirects=False) as response:
            assert response.status == 302
            assert response.headers["Location"] == "/elsewhere"
    finally:
        await listening.close()
