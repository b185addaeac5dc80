# SPDX-License-Identifier: Apache-2.0
"""`/v1/inbox`: what was received and waits, and the acknowledgements that take it out."""

from __future__ import annotations

from aiohttp import web

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.idempotency import Fingerprint
from gateway.service.inbox import InboxFilter
from gateway.service.records import Acknowledgement, Caller
from gateway.web.api_documents import show_list
from gateway.web.auth import Answer, Endpoint, Parameter
from gateway.web.once import Once, run_once
from gateway.web.parts import PARTS
from gateway.web.reading import JSON, decode, limit, read_json, require_json, word
from gateway.web.requests import (
    AcknowledgementRequest,
    AcknowledgementsRequest,
    RawAcknowledgements,
)
from gateway.web.resources import show_results
from gateway.web.schemas import AcknowledgementList, DocumentList, encode

MAX_BODY = 256 * 1024  # 200 items with every text at its longest


async def index(request: web.Request, caller: Caller) -> web.Response:
    """What waits, oldest first; looking changes nothing."""
    receiver, kind = word(request, "receiver"), word(request, "type")
    page = await request.app[PARTS].inbox.waiting(
        caller,
        InboxFilter(
            receiver=ParticipantId.parse(receiver) if receiver else None,
            document_type=DocumentTypeId.parse(kind) if kind else None,
        ),
        limit=limit(request),
        after=word(request, "after"),
    )
    return show_list(request, page, caller)


async def acknowledge(request: web.Request, caller: Caller) -> web.Response:
    """Acknowledge many; the answer tells of each."""
    require_json(request)

    async def read(fingerprint: Fingerprint) -> bytes:
        return await read_json(request, fingerprint, ceiling=MAX_BODY)

    async def act(body: bytes, _: Once) -> web.Response:
        items = [
            decode(item, AcknowledgementRequest, at=f"#/items/{number}")
            for number, item in enumerate(decode(body, RawAcknowledgements).items)
        ]
        results = await request.app[PARTS].inbox.acknowledge(
            caller, [_acknowledgement(item) for item in items]
        )
        return web.Response(body=encode(show_results(results)), content_type=JSON)

    return await run_once(request, caller, read, act)


def _acknowledgement(item: AcknowledgementRequest) -> Acknowledgement:
    return Acknowledgement(
        document_id=item.document_id,
        accepted=item.outcome == "accepted",
        reason=item.reason,
        external_reference=item.external_reference,
        country_c4=item.c4_country,
    )


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/inbox",
        handler=index,
        scope="inbox:read",
        summary="List what was received and waits, oldest first",
        query=(
            Parameter(name="limit", kind="integer", description="Items a page, 1 to 200."),
            Parameter(name="after", description="Cursor of the page before."),
            Parameter(name="type", description="Document type identifier."),
            Parameter(name="receiver", description="Participant that received."),
        ),
        answer=Answer(status=200, shape=DocumentList),
        problems=("invalid_identifier",),
    ),
    Endpoint(
        method="POST",
        path="/v1/inbox/acknowledgements",
        handler=acknowledge,
        scope="inbox:ack",
        summary="Acknowledge received documents",
        bodies=((JSON, AcknowledgementsRequest),),
        answer=Answer(status=200, shape=AcknowledgementList),
        problems=(
            "too_large",
            "unsupported_media_type",
            "request_in_progress",
            "request_timeout",
            "idempotency_key_reused",
        ),
    ),
)
