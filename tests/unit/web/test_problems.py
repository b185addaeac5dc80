# SPDX-License-Identifier: Apache-2.0
"""The one table from errors to HTTP: complete, documented, silent about what nobody foresaw."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import gateway.service
import gateway.web
from gateway.errors import GatewayError
from gateway.service.access import UnauthenticatedError
from gateway.service.admission import DocumentInvalidError
from gateway.service.errors import DuplicateDocumentError, PointedError, StoreUnavailableError
from gateway.web.bodies import BodyTooLargeError
from gateway.web.problems import (
    TABLE,
    InsufficientScopeError,
    OverloadedError,
    ProblemWriter,
    RequestError,
)
from tests.fakes import FixedValidator

DOCS = Path(__file__).parents[3] / "docs"


def _written(error: BaseException, **options: str) -> tuple[web.Response, dict[str, Any]]:
    response = ProblemWriter(**options).write(error, request_id="req_1")
    assert isinstance(response.body, bytes)
    return response, json.loads(response.body)


def test_an_error_becomes_a_problem_document() -> None:
    response, body = _written(
        PointedError("no", pointer="#/a", advice="do", member_code="unknown_member"),
        type_base="https://docs.example/problems#",
    )
    assert response.status == 400
    assert response.content_type == "application/problem+json"
    assert body == {
        "type": "https://docs.example/problems#malformed-request",
        "title": "The request cannot be read",
        "status": 400,
        "detail": "no",
        "instance": "/v1/requests/req_1",
        "code": "malformed_request",
        "retryable": False,
        "retry_after": None,
        "request_id": "req_1",
        "errors": [{"pointer": "#/a", "code": "unknown_member", "detail": "no"}],
        "advice": "do",
    }


def test_some_carry_more() -> None:
    assert _written(DuplicateDocumentError("doc_1"))[1]["document_id"] == "doc_1"
    assert _written(BodyTooLargeError(5))[1]["limit"] == 5
    invalid = DocumentInvalidError(FixedValidator("invalid", "BR-1").verdict)
    assert [one["rule_id"] for one in _written(invalid)[1]["findings"]] == ["BR-1"]
    response, body = _written(InsufficientScopeError("inbox:read"))
    assert body["scope"] == "inbox:read"
    assert 'scope="inbox:read"' in response.headers["WWW-Authenticate"]
    assert "WWW-Authenticate" in _written(UnauthenticatedError())[0].headers


@pytest.mark.parametrize(
    "error", [OverloadedError("busy"), StoreUnavailableError("down"), web.HTTPServiceUnavailable()]
)
def test_what_may_be_tried_again_says_when(error: BaseException) -> None:
    response, body = _written(error)
    assert (response.status, body["retryable"], body["retry_after"]) == (503, True, 1)
    assert response.headers["Retry-After"] == "1"


def test_what_nobody_foresaw_shows_nothing() -> None:
    class UnheardError(GatewayError):
        code = "never_heard_of"

    for error in (
        RuntimeError("/secret/path"),
        UnheardError("secret"),
        GatewayError("secret"),
        web.HTTPInternalServerError(text="secret"),
        web.HTTPBadGateway(text="secret"),
    ):
        response, body = _written(error)
        assert (response.status, body["code"]) == (500, "internal_error")
        assert body["retryable"] is True
        assert "secret" not in str(body)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (web.HTTPNotFound(), "not_found"),
        (web.HTTPBadRequest(), "malformed_request"),
        (web.HTTPExpectationFailed(), "malformed_request"),
        (web.HTTPRequestTimeout(text="slow"), "request_timeout"),
        (web.HTTPUnsupportedMediaType(), "unsupported_media_type"),
        (web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]), "method_not_allowed"),
    ],
)
def test_aiohttps_own_become_problems(error: web.HTTPException, code: str) -> None:
    response, body = _written(error)
    assert body["code"] == code
    assert not body["detail"].startswith(str(error.status))
    if code == "method_not_allowed":
        assert response.headers["Allow"] == "GET, POST"


def test_every_error_that_a_caller_can_cause_is_in_the_table() -> None:
    """What rooms raise inside deliveries and lookups stands in documents, not in answers."""
    for package in (gateway.service, gateway.web):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    callers = {
        error.code
        for error in _below(GatewayError)
        if error.__module__.startswith(("gateway.web", "gateway.service"))
        and error.fault.value == "caller"
        and not error.__module__.startswith("gateway.service.publishing")
    }
    assert callers - set(TABLE) == set()
    assert RequestError.code in callers


@pytest.mark.parametrize("code", TABLE)
def test_every_code_has_its_lines(code: str) -> None:
    assert f"\n## {code.replace('_', '-')}\n" in (DOCS / "problems.md").read_text()


def _below(kind: type[GatewayError]) -> set[type[GatewayError]]:
    found = {kind}
    for child in kind.__subclasses__():
        found |= _below(child)
    return found
