# SPDX-License-Identifier: Apache-2.0
"""Turns errors into HTTP statuses and problem documents (RFC 9457): the one table that does.

What is not in the table shows the outside nothing but `internal_error` and the request's id. Codes
never change once released; each has its lines in docs/problems.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from gateway.errors import Fault, GatewayError
from gateway.service.admission import DocumentInvalidError
from gateway.service.documents import ActionConflictError, next_actions
from gateway.service.errors import DuplicateDocumentError, PointedError
from gateway.web.bodies import BodyTooLargeError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
SERVER_FAULT = 500
DEFAULT_TYPE_BASE = "urn:peppol-gateway:problem:"  # stable, until pages are published


@dataclass(frozen=True, slots=True)
class Row:
    """What one code means over HTTP."""

    status: int
    title: str


TABLE: dict[str, Row] = {
    "malformed_request": Row(400, "The request cannot be read"),
    "malformed_xml": Row(400, "The document is not well-formed XML"),
    "idempotency_key_required": Row(400, "An idempotency key is required"),
    "invalid_identifier": Row(400, "An identifier is not written as it must be"),
    "unauthenticated": Row(401, "Not signed in"),
    "insufficient_scope": Row(403, "The key may not do this"),
    "sender_not_authorised": Row(403, "The sender is not yours"),
    "not_found": Row(404, "Not found"),
    "method_not_allowed": Row(405, "This address does not take that method"),
    "not_acceptable": Row(406, "No answer in a form that was asked for"),
    "request_timeout": Row(408, "The request came too slowly"),
    "request_in_progress": Row(409, "The same request still runs"),
    "duplicate_document": Row(409, "The document was submitted before"),
    "state_conflict": Row(409, "Not possible in this state"),
    "too_large": Row(413, "The body is too large"),
    "unsupported_media_type": Row(415, "The body is of a kind that is not taken here"),
    "document_invalid": Row(422, "The document does not meet the rules"),
    "rules_unknown": Row(422, "There are no rules for this kind of document"),
    "rule_set_unknown": Row(422, "There is no such rule set"),
    "not_judged": Row(422, "The document could not be judged"),
    "document_type_unknown": Row(422, "The kind of document is not known"),
    "routing_mismatch": Row(422, "Routing and document disagree"),
    "routing_incomplete": Row(422, "Part of the routing is missing"),
    "idempotency_key_reused": Row(422, "The idempotency key belongs to another request"),
    "not_offered": Row(422, "Not offered by this version"),
    "internal_error": Row(500, "Something went wrong on our side"),
    "overloaded": Row(503, "Too busy at the moment"),
    "dependency_unavailable": Row(503, "A part that is needed is not available"),
    "validation_unavailable": Row(503, "Documents cannot be judged at the moment"),
}

_OF_AIOHTTP = {
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
    503: "overloaded",
}
_UNFORESEEN = "tell the operator the request_id"
_WAIT = frozenset(
    {
        "request_in_progress",
        "overloaded",
        "dependency_unavailable",
        "validation_unavailable",
    }
)


class RequestError(GatewayError):
    """The request itself cannot be read: query, JSON, form."""

    code = "malformed_request"
    fault = Fault.CALLER


class UnsupportedMediaTypeError(GatewayError):
    """The Content-Type is not one that is taken here."""

    code = "unsupported_media_type"
    fault = Fault.CALLER


class NotAcceptableError(GatewayError):
    """None of the forms that were asked for can be had."""

    code = "not_acceptable"
    fault = Fault.CALLER


class NotOfferedError(PointedError):
    """A member of docs/api.md that this version does not act upon."""

    code = "not_offered"


class InsufficientScopeError(GatewayError):
    """The key lacks the scope of the route."""

    code = "insufficient_scope"
    fault = Fault.CALLER

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"this needs a key with the scope {scope}", advice="Make a key that has the scope."
        )
        self.scope = scope


class OverloadedError(GatewayError):
    """More requests at once than this process takes."""

    code = "overloaded"
    retry = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemWriter:
    """Writes problem documents; `type_base` is where their pages are."""

    type_base: str = DEFAULT_TYPE_BASE
    headers: dict[str, str] = field(default_factory=dict)

    def write(self, error: BaseException, *, request_id: str, language: str = "en") -> web.Response:
        """The response for an error of any kind; findings are in the language asked for."""
        code, detail = _read(error)
        row = TABLE[code]
        retryable = row.status >= SERVER_FAULT or code in _WAIT or code == "request_timeout"
        body: dict[str, Any] = {
            "type": f"{self.type_base}{code.replace('_', '-')}",
            "title": row.title,
            "status": row.status,
            "detail": detail,
            "instance": f"/v1/requests/{request_id}",
            "code": code,
            "retryable": retryable,
            "retry_after": RETRY_AFTER_SECONDS if code in _WAIT else None,
            "request_id": request_id,
            "errors": [],
            **_extensions(error, language),
        }
        response = web.Response(
            status=row.status, body=msgspec.json.encode(body), content_type=MEDIA_TYPE
        )
        _set_headers(response, code, error)
        return response


def _read(error: BaseException) -> tuple[str, str]:
    if isinstance(error, GatewayError):
        if error.code in TABLE and TABLE[error.code].status != SERVER_FAULT:
            return error.code, error.detail
        return "internal_error", _UNFORESEEN
    if isinstance(error, web.HTTPException):
        code = _OF_AIOHTTP.get(error.status)
        if code is None and error.status < SERVER_FAULT:
            code = "malformed_request"
        if code is not None:
            return code, _own_words(error) or TABLE[code].title
    return "internal_error", _UNFORESEEN


def _own_words(error: web.HTTPException) -> str:
    """Our text of an aiohttp exception; its own begins with the status."""
    text = error.text or ""
    return "" if text.startswith(str(error.status)) else text


def _extensions(error: BaseException, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(error, GatewayError) and error.advice:
        found["advice"] = error.advice
    match error:
        case PointedError():
            found["errors"] = [
                {"pointer": error.pointer, "code": error.member_code, "detail": error.detail}
            ]
        case DuplicateDocumentError():
            found["document_id"] = error.document_id
        case ActionConflictError():
            found["state"] = error.document.state
            found["next_actions"] = next_actions(error.document)
        case DocumentInvalidError():
            found |= error.told(language)
        case InsufficientScopeError():
            found["scope"] = error.scope
        case BodyTooLargeError():
            found["limit"] = error.limit
        case _:
            pass
    return found


def _set_headers(response: web.Response, code: str, error: BaseException) -> None:
    if code in _WAIT:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if code == "unauthenticated":
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if isinstance(error, InsufficientScopeError):
        response.headers["WWW-Authenticate"] = (
            f'Bearer error="insufficient_scope", scope="{error.scope}"'
        )
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
