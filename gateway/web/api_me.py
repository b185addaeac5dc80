# SPDX-License-Identifier: Apache-2.0
"""`/v1/me`: who calls, for which organisation, with what rights and limits."""

from __future__ import annotations

from aiohttp import web

from gateway.service.documents import MAX_PAGE, MAX_WAIT_SECONDS
from gateway.service.idempotency import KEPT_DAYS
from gateway.service.records import Caller
from gateway.web.auth import Answer, Endpoint
from gateway.web.parts import PARTS
from gateway.web.reading import JSON
from gateway.web.resources import show_identifier
from gateway.web.schemas import Me, OrganisationResource, encode


async def get(request: web.Request, caller: Caller) -> web.Response:
    """Who am I."""
    parts = request.app[PARTS]
    mine = [
        show_identifier(participant.id)
        for participant in await parts.participants.all()
        if participant.organisation == caller.organisation.id
    ]
    me = Me(
        key_id=caller.key_id,
        organisation=OrganisationResource(
            id=caller.organisation.id,
            name=caller.organisation.name,
            country=caller.organisation.country,
        ),
        participants=mine,
        scopes=sorted(caller.scopes),
        environment=caller.environment,
        limits={
            "document_bytes": parts.limits.document_bytes,
            "json_bytes": parts.limits.json_bytes,
            "page_items": MAX_PAGE,
            "wait_seconds": MAX_WAIT_SECONDS,
            "idempotency_days": KEPT_DAYS,
        },
    )
    return web.Response(body=encode(me), content_type=JSON)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/me",
        handler=get,
        scope=None,
        summary="Who calls, for which organisation, with what rights",
        answer=Answer(status=200, shape=Me),
    ),
)
