# SPDX-License-Identifier: Apache-2.0
"""`/v1/lookups`: whether and where a participant can be reached. The answer is 200 either way."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.idempotency import Fingerprint
from gateway.service.lookup import LookupFailedError
from gateway.service.participants import DEFAULT_PROCESS
from gateway.service.records import Caller
from gateway.web.auth import Answer, Endpoint
from gateway.web.once import Once, run_once
from gateway.web.parts import PARTS
from gateway.web.reading import JSON, decode, read_json, require_json
from gateway.web.requests import LookupRequest
from gateway.web.schemas import encode

MAX_BODY = 16 * 1024


async def post(request: web.Request, caller: Caller) -> web.Response:
    """Look a participant up."""
    require_json(request)

    async def read(fingerprint: Fingerprint) -> bytes:
        return await read_json(request, fingerprint, ceiling=MAX_BODY)

    async def act(body: bytes, _: Once) -> web.Response:
        report = await _ask(request, decode(body, LookupRequest))
        return web.Response(body=encode(report), content_type=JSON)

    return await run_once(request, caller, read, act)


async def _ask(request: web.Request, wanted: LookupRequest) -> dict[str, Any]:
    lookup = request.app[PARTS].lookup
    participant = ParticipantId.parse(wanted.participant)
    if wanted.document_type is None:
        return await lookup.survey(participant)
    try:
        found = await lookup.resolve(
            participant,
            DocumentTypeId.parse(wanted.document_type),
            ProcessId.parse(wanted.process) if wanted.process else DEFAULT_PROCESS,
            fresh=wanted.fresh,
        )
    except LookupFailedError as error:
        return error.report
    return found.report


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/lookups",
        handler=post,
        scope="lookup:read",
        summary="Ask the network whether and where a participant can be reached",
        bodies=((JSON, LookupRequest),),
        answer=Answer(status=200, shape=dict),
        problems=(
            "invalid_identifier",
            "too_large",
            "unsupported_media_type",
            "request_in_progress",
            "request_timeout",
            "idempotency_key_reused",
        ),
    ),
)
