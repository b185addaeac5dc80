# SPDX-License-Identifier: Apache-2.0
"""`/v1/documents`, the reading half: list, look, wait, fetch the bytes."""

from __future__ import annotations

from itertools import chain

from aiohttp import web

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.documents import MAX_WAIT_SECONDS
from gateway.service.lifecycle import SETTLED_INBOUND, SETTLED_OUTBOUND, Inbound, Outbound
from gateway.service.records import (
    Caller,
    Direction,
    Document,
    DocumentFilter,
    Page,
)
from gateway.web.auth import Answer, Endpoint, Parameter
from gateway.web.downloads import send_download
from gateway.web.parts import PARTS
from gateway.web.problems import RequestError
from gateway.web.reading import JSON, choice, instant, limit, number, truth, word, words
from gateway.web.resources import show_document, show_page
from gateway.web.schemas import DocumentList, DocumentResource, encode

_STATES = frozenset(chain(Outbound, Inbound))
_SETTLED = frozenset(chain(SETTLED_OUTBOUND, SETTLED_INBOUND))
_SORTS = ("created_at", "-created_at")
_MAX_SEQUENCE = 10**9


async def index(request: web.Request, caller: Caller) -> web.Response:
    """List documents, newest first unless asked otherwise."""
    sort = choice(request, "sort", _SORTS) or "-created_at"
    page = await request.app[PARTS].documents.page(
        _filter(request, caller),
        limit=limit(request),
        after=word(request, "after"),
        newest_first=sort.startswith("-"),
    )
    return show_list(request, page, caller)


async def get(request: web.Request, caller: Caller) -> web.Response:
    """One document; with `wait`, as soon as it changed."""
    document_id = request.match_info["id"]
    documents = request.app[PARTS].documents
    seconds = number(request, "wait", least=0, most=MAX_WAIT_SECONDS)
    known = number(request, "sequence", least=0, most=_MAX_SEQUENCE)
    if seconds:
        document = await documents.wait(caller, document_id, seconds=seconds, known=known)
    else:
        document = await documents.get(caller, document_id)
    return show(document, caller)


async def content(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The business document, byte for byte."""
    document_id = request.match_info["id"]
    download = await request.app[PARTS].documents.content(caller, document_id)
    return await send_download(request, download, name=f"{document_id}.xml")


async def envelope(request: web.Request, caller: Caller) -> web.StreamResponse:
    """The business message envelope with the document in it."""
    document_id = request.match_info["id"]
    download = await request.app[PARTS].documents.envelope(caller, document_id)
    return await send_download(request, download, name=f"{document_id}.sbd.xml")


def show(document: Document, caller: Caller) -> web.Response:
    """One document as answer."""
    resource = show_document(document, environment=caller.environment)
    return web.Response(body=encode(resource), content_type=JSON)


def show_list(request: web.Request, page: Page, caller: Caller) -> web.Response:
    """One page as answer, with the address of the next."""
    headers = {}
    if page.next_cursor is not None:
        target = request.rel_url.update_query(after=page.next_cursor)
        headers["Link"] = f'<{target}>; rel="next"'
    body = encode(show_page(page, environment=caller.environment))
    return web.Response(body=body, content_type=JSON, headers=headers)


def _filter(request: web.Request, caller: Caller) -> DocumentFilter:
    direction = choice(request, "direction", tuple(Direction))
    sender, receiver = word(request, "sender"), word(request, "receiver")
    document_type = word(request, "document_type")
    return DocumentFilter(
        organisation=caller.organisation.id,
        direction=Direction(direction) if direction else None,
        states=_states(request),
        sender=ParticipantId.parse(sender) if sender else None,
        receiver=ParticipantId.parse(receiver) if receiver else None,
        reference=word(request, "reference"),
        number=word(request, "number"),
        kind=word(request, "kind"),
        document_type=DocumentTypeId.parse(document_type) if document_type else None,
        created_from=instant(request, "created_from"),
        created_to=instant(request, "created_to"),
    )


def _states(request: web.Request) -> tuple[str, ...]:
    states, settled = words(request, "state"), truth(request, "settled")
    if unknown := set(states) - _STATES:
        raise RequestError(f"there is no state {sorted(unknown)[0][:40]!r}")
    if settled is None:
        return states
    fitting = _SETTLED if settled else _STATES - _SETTLED
    chosen = tuple(sorted(fitting & set(states) if states else fitting))
    if not chosen:
        raise RequestError("no state fits both state and settled")
    return chosen


_WAIT = Parameter(
    name="wait", kind="integer", description="Seconds to wait for a change, at most 30."
)
_FILTERS = tuple(
    Parameter(name=name, description=text)
    for name, text in (
        ("direction", "outbound or inbound."),
        ("state", "One or more states."),
        ("settled", "true or false."),
        ("sender", "Participant that sent."),
        ("receiver", "Participant that receives."),
        ("document_type", "Document type identifier."),
        ("reference", "Reference given on submission."),
        ("number", "Number of the document."),
        ("kind", "invoice, credit_note or another root element."),
        ("created_from", "Not created before."),
        ("created_to", "Created before."),
        ("sort", "created_at or -created_at."),
        ("after", "Cursor of the page before."),
    )
)
_LIMIT = Parameter(name="limit", kind="integer", description="Items a page, 1 to 200.")

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/documents",
        handler=index,
        scope="documents:read",
        summary="List documents, newest first",
        query=(*_FILTERS, _LIMIT),
        answer=Answer(status=200, shape=DocumentList),
        problems=("invalid_identifier",),
    ),
    Endpoint(
        method="GET",
        path="/v1/documents/{id}",
        handler=get,
        scope="documents:read",
        summary="Look at one document, or wait for it to change",
        query=(
            _WAIT,
            Parameter(
                name="sequence", kind="integer", description="The sequence that you have seen."
            ),
        ),
        answer=Answer(status=200, shape=DocumentResource),
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/documents/{id}/content",
        handler=content,
        scope="documents:read",
        summary="Fetch the business document, byte for byte",
        answer=Answer(status=200, media_type="application/xml"),
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/documents/{id}/envelope",
        handler=envelope,
        scope="documents:read",
        summary="Fetch the business message envelope",
        answer=Answer(status=200, media_type="application/xml"),
        problems=("not_found",),
    ),
)
