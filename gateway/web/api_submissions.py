# SPDX-License-Identifier: Apache-2.0
"""`/v1/documents`, the writing half: submit, cancel, try again."""

from __future__ import annotations

from aiohttp import web

from gateway.service.idempotency import Fingerprint
from gateway.service.records import Caller, Document, IdempotentAnswer
from gateway.web.api_documents import show
from gateway.web.auth import Answer, Endpoint, Parameter
from gateway.web.once import Once, run_once
from gateway.web.parts import PARTS
from gateway.web.reading import JSON, read_json
from gateway.web.requests import SubmissionRequest
from gateway.web.resources import show_document
from gateway.web.schemas import DocumentResource, encode
from gateway.web.submissions import FORM, Given, order_of, read_submission

_NO_BODY = 1024  # actions take an empty body; a little room for `{}`


async def post(request: web.Request, caller: Caller) -> web.Response:
    """Submit a document."""
    parts = request.app[PARTS]
    gathering = parts.submitter.gather()

    async def read(fingerprint: Fingerprint) -> Given:
        return await read_submission(request, fingerprint, gathering)

    async def act(given: Given, once: Once) -> web.Response:
        made: list[web.Response] = []

        def answer(document: Document) -> IdempotentAnswer | None:
            made.append(_accepted(document, caller))
            return once.answer(made[0])

        order = await order_of(request, given)
        document = await parts.submitter.submit(caller, gathering, order, answer)
        return made[0] if made else _accepted(document, caller, dry_run=True)

    try:
        return await run_once(request, caller, read, act)
    finally:
        gathering.discard()


async def cancel(request: web.Request, caller: Caller) -> web.Response:
    """Stop a document before it is sent."""
    return await _action(request, caller, "cancel")


async def retry(request: web.Request, caller: Caller) -> web.Response:
    """Try a document again that was given up."""
    return await _action(request, caller, "retry")


async def _action(request: web.Request, caller: Caller, verb: str) -> web.Response:
    documents = request.app[PARTS].documents

    async def read(fingerprint: Fingerprint) -> bytes:
        return await read_json(request, fingerprint, ceiling=_NO_BODY)

    async def act(_: bytes, __: Once) -> web.Response:
        action = documents.cancel if verb == "cancel" else documents.retry
        return show(await action(caller, request.match_info["id"]), caller)

    return await run_once(request, caller, read, act)


def _accepted(document: Document, caller: Caller, *, dry_run: bool = False) -> web.Response:
    resource = show_document(document, environment=caller.environment, dry_run=dry_run)
    headers = {} if dry_run else {"Location": f"/v1/documents/{document.id}"}
    return web.Response(status=202, body=encode(resource), content_type=JSON, headers=headers)


_ROUTING = tuple(
    Parameter(name=name, description=text)
    for name, text in (
        ("sender", "Participant that sends."),
        ("receiver", "Participant that receives."),
        ("document_type", "Document type identifier."),
        ("process", "Process identifier."),
        ("c1_country", "Country of the sender, two letters."),
        ("reference", "Text of your own, at most 255 characters."),
        ("duplicate_policy", "refuse or allow."),
        ("validation", "strict or warn."),
        ("mls", "failure_only or always_send."),
        ("deliver_until", "Moment after which delivery is given up."),
    )
)
_DRY_RUN = Parameter(name="dry_run", kind="boolean", description="Judge only, keep nothing.")

_ACTION_PROBLEMS = (
    "not_found",
    "request_timeout",
    "request_in_progress",
    "state_conflict",
    "too_large",
    "unsupported_media_type",
    "idempotency_key_reused",
    "duplicate_document",
)

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/documents",
        handler=post,
        scope="documents:send",
        summary="Submit a business document",
        query=(*_ROUTING, _DRY_RUN),
        bodies=(
            ("application/xml", None),
            (FORM, {"document": bytes, "metadata": str}),
            (JSON, SubmissionRequest),
        ),
        answer=Answer(status=202, shape=DocumentResource),
        problems=(
            "malformed_xml",
            "invalid_identifier",
            "sender_not_authorised",
            "request_timeout",
            "request_in_progress",
            "duplicate_document",
            "too_large",
            "unsupported_media_type",
            "document_invalid",
            "rules_unknown",
            "not_judged",
            "validation_unavailable",
            "document_type_unknown",
            "routing_mismatch",
            "routing_incomplete",
            "idempotency_key_reused",
            "not_offered",
        ),
    ),
    Endpoint(
        method="POST",
        path="/v1/documents/{id}/cancel",
        handler=cancel,
        scope="documents:send",
        summary="Stop a document before it is sent",
        answer=Answer(status=200, shape=DocumentResource),
        problems=_ACTION_PROBLEMS,
    ),
    Endpoint(
        method="POST",
        path="/v1/documents/{id}/retry",
        handler=retry,
        scope="documents:send",
        summary="Try a document again that was given up",
        answer=Answer(status=200, shape=DocumentResource),
        problems=_ACTION_PROBLEMS,
    ),
)
