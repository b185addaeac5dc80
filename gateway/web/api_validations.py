# SPDX-License-Identifier: Apache-2.0
"""`/v1/validations` and `/v1/rule-sets`: ask the rules without sending, and see which there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from gateway.service.gathering import Spooling
from gateway.service.idempotency import Fingerprint
from gateway.service.records import Caller
from gateway.service.validation import report_page, report_value, stored_value
from gateway.service.validator import ValidationOutcome
from gateway.web.auth import Answer, Endpoint, Parameter
from gateway.web.languages import language_of, wanted_type
from gateway.web.parts import PARTS
from gateway.web.problems import NotAcceptableError, UnsupportedMediaTypeError
from gateway.web.reading import JSON, instant, word
from gateway.web.requests import SubmissionRequest
from gateway.web.schemas import encode
from gateway.web.submissions import FORM, read_document, read_submission
from gateway.web.validation_schemas import (
    RuleSetList,
    StoredValidationResource,
    ValidationReport,
)

HTML, XML = "text/html", "application/xml"
# The page has its style in it; nothing else may run, load or send.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def post(request: web.Request, caller: Caller) -> web.Response:
    """Judge a document; it is not kept."""
    if request.content_type == FORM:
        raise UnsupportedMediaTypeError("send application/xml or application/json")
    wanted = wanted_type(request, (JSON, HTML, XML))
    gathered = request.app[PARTS].validations.gather()
    # Nothing happens that may happen once only, and nothing is kept: no idempotency key is claimed.
    unused = Fingerprint(
        method=request.method,
        path=request.path_qs,
        organisation=caller.organisation.id,
        content_type=request.content_type,
    )
    try:
        await read_document(await read_submission(request, unused, gathered))
        return await _judge(request, gathered, wanted)
    finally:
        gathered.discard()


async def stored(request: web.Request, caller: Caller) -> web.Response:
    """What the rules said of a document when it came."""
    found = await request.app[PARTS].validations.stored(caller, request.match_info["id"])
    language = language_of(request)
    wanted = wanted_type(request, (JSON, HTML))
    if wanted == HTML and found.report is not None:
        return _page(report_page(found.report, language, found.document.summary.number or ""))
    return _json(stored_value(found, language), language)


async def rule_sets(request: web.Request, _: Caller) -> web.Response:
    """The rule sets that are known here."""
    data = await request.app[PARTS].validations.rule_sets()
    return web.Response(body=encode({"data": data}), content_type=JSON)


async def _judge(request: web.Request, gathered: Spooling, wanted: str) -> web.Response:
    language = language_of(request)
    found: ValidationOutcome = await request.app[PARTS].validations.judge(
        gathered, rule_set=word(request, "rule_set"), at=instant(request, "at"), svrl=wanted == XML
    )
    assert found.report is not None, "a validator that has no report raises"
    if wanted == HTML:
        return _page(report_page(found.report, language))
    if wanted == XML:
        if found.svrl is None:
            raise NotAcceptableError("what is not XML has no SVRL; ask for JSON")
        return web.Response(body=found.svrl, content_type=XML)
    return _json(report_value(found.report, language), language)


def _json(value: Mapping[str, Any], language: str) -> web.Response:
    headers = {"Content-Language": language}
    return web.Response(body=encode(value), content_type=JSON, headers=headers)


def _page(text: str) -> web.Response:
    return web.Response(
        body=text.encode(), content_type=HTML, charset="utf-8", headers=_PAGE_HEADERS
    )


_LANGUAGE = Parameter(name="language", description="nl or en; else by Accept-Language.")

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/validations",
        handler=post,
        scope="documents:validate",
        summary="Judge a document by its rules; nothing is kept or sent",
        query=(
            Parameter(name="rule_set", description="By these rules, whatever the document says."),
            Parameter(name="at", description="As at this moment: a dry run of coming rules."),
            _LANGUAGE,
        ),
        bodies=((XML, None), (JSON, SubmissionRequest)),
        idempotency=False,
        answer=Answer(status=200, shape=ValidationReport, others=(HTML, XML)),
        problems=(
            "rule_set_unknown",
            "not_judged",
            "validation_unavailable",
            "not_acceptable",
            "too_large",
            "unsupported_media_type",
            "request_timeout",
        ),
    ),
    Endpoint(
        method="GET",
        path="/v1/documents/{id}/validation",
        handler=stored,
        scope="documents:read",
        summary="What the rules said of a document",
        query=(_LANGUAGE,),
        answer=Answer(status=200, shape=StoredValidationResource, others=(HTML,)),
        problems=("not_found", "not_acceptable"),
    ),
    Endpoint(
        method="GET",
        path="/v1/rule-sets",
        handler=rule_sets,
        scope=None,
        summary="The rule sets that are known, and which are in force",
        answer=Answer(status=200, shape=RuleSetList),
        problems=("not_judged", "validation_unavailable"),
    ),
)
