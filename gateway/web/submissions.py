# SPDX-License-Identifier: Apache-2.0
"""Reads a submission in its three forms: the document as body, as part of a form, inside JSON.

Each form ends in the same two things, the bytes in a `Gathering` and an `Order`. What is wrong is
told only after the whole body was read, so that the answer reaches the caller and can be repeated.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.errors import GatewayError
from gateway.service.errors import PointedError
from gateway.service.gathering import Spooling
from gateway.service.idempotency import Fingerprint
from gateway.service.order import DuplicatePolicy, Order, StatusWish, ValidationPolicy
from gateway.web.bodies import (
    BodyClock,
    BodyTooLargeError,
    limited_body,
    refuse_announced,
    refuse_encoding,
)
from gateway.web.parts import PARTS
from gateway.web.problems import NotOfferedError, RequestError, UnsupportedMediaTypeError
from gateway.web.reading import JSON, choice, decode, instant, read_json, truth, word
from gateway.web.requests import MetadataRequest, OptionsRequest, SubmissionRequest

XML_TYPES = ("application/xml", "text/xml")
FORM = "multipart/form-data"
PIECE = 64 * 1024
FRAMING_BYTES = 64 * 1024  # boundaries and part headers of a form
_PLAIN = ("", "binary", "8bit", "7bit")
_LINE_BREAKS = {ord("\r"): None, ord("\n"): None}


@dataclass(slots=True)
class Given:
    """What was read; `metadata` or `submission` as JSON, where the form has them."""

    gathering: Spooling
    metadata: bytes | None = None
    submission: bytes | None = None
    refusal: GatewayError | None = None


async def read_submission(
    request: web.Request, fingerprint: Fingerprint, gathering: Spooling
) -> Given:
    """Read the body in whichever form it has."""
    limits = request.app[PARTS].limits
    given = Given(gathering)
    if request.content_type in XML_TYPES:
        body = limited_body(request, ceiling=limits.document_bytes, limits=limits.body)
        async for chunk in body:
            fingerprint.update(chunk)
            await gathering.write(chunk)
    elif request.content_type == JSON:
        given.submission = await read_json(request, fingerprint, ceiling=limits.json_bytes)
    elif request.content_type == FORM:
        await _Form(request, fingerprint, given).read()
    else:
        raise UnsupportedMediaTypeError(
            "send application/xml, multipart/form-data or application/json"
        )
    return given


async def order_of(request: web.Request, given: Given) -> Order:
    """What is asked; puts the document out of a JSON submission into the gathering."""
    if given.refusal is not None:
        raise given.refusal
    if request.content_type not in XML_TYPES:
        _refuse_query(request)
    if given.submission is not None:
        submission = decode(given.submission, SubmissionRequest)
        await _unpack(submission.document.xml_base64, given.gathering)
        return _order(submission)
    if request.content_type == FORM:
        if not given.gathering.spool.size:
            raise RequestError("the form has no part named document")
        return _order(decode(given.metadata or b"{}", MetadataRequest))
    return _order_of_query(request)


async def read_document(given: Given) -> None:
    """Put the document out of a JSON body into the gathering; what else it says is not used."""
    if given.submission is not None:
        submission = decode(given.submission, SubmissionRequest)
        await _unpack(submission.document.xml_base64, given.gathering)


def _refuse_query(request: web.Request) -> None:
    """Raise for what the query of a form or of JSON says: nobody would act upon it."""
    if request.query:
        raise RequestError(
            f"the query parameter {sorted(request.query)[0][:60]!r} belongs to application/xml",
            advice="A form says it in the part named metadata, JSON in a member of its own.",
        )


class _Form:
    """The parts of a form, in any order, each at most once."""

    def __init__(self, request: web.Request, fingerprint: Fingerprint, given: Given) -> None:
        self._request = request
        self._fingerprint = fingerprint
        self._given = given
        self._limits = request.app[PARTS].limits
        self._clock = BodyClock(self._limits.body)
        self._seen: set[str] = set()
        self._left = self._limits.document_bytes + self._limits.metadata_bytes

    async def read(self) -> None:
        """Read to the closing boundary."""
        refuse_encoding(self._request)
        refuse_announced(self._request, self._left + FRAMING_BYTES)
        try:
            reader = await self._request.multipart()
            while (part := await self._clock.within(reader.next())) is not None:
                if not isinstance(part, BodyPartReader):
                    raise RequestError("a form inside a form is not taken")
                await self._part(part)
        except (ValueError, AssertionError, HttpProcessingError, EOFError) as error:
            raise RequestError("the form is not multipart/form-data as RFC 7578 has it") from error

    async def _part(self, part: BodyPartReader) -> None:
        name = part.name or ""
        if part.headers.get("Content-Transfer-Encoding", "").lower() not in _PLAIN:
            raise RequestError("send the parts of the form without Content-Transfer-Encoding")
        self._judge(name)
        metadata = bytearray()
        while chunk := await self._clock.within(part.read_chunk(PIECE)):
            self._count(len(chunk))
            self._fingerprint.update(chunk)
            if self._given.refusal is not None:
                continue
            if name == "document":
                await self._given.gathering.write(chunk)
                continue
            metadata += chunk
            if len(metadata) > self._limits.metadata_bytes:
                raise BodyTooLargeError(self._limits.metadata_bytes)
        self._fingerprint.end_part(name, part.headers.get("Content-Type", ""))
        if name == "metadata":
            self._given.metadata = bytes(metadata)

    def _judge(self, name: str) -> None:
        refusal: GatewayError | None = None
        if name == "attachment":
            refusal = NotOfferedError(
                "attachments beside the document are not added to it yet",
                pointer="#/attachment",
                advice="Embed them in the document before you send it.",
            )
        elif name not in ("document", "metadata"):
            refusal = RequestError(f"a form has no part named {name[:60]!r}")
        elif name in self._seen:
            refusal = RequestError(f"the form has more than one part named {name}")
        self._seen.add(name)
        self._given.refusal = self._given.refusal or refusal

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise BodyTooLargeError(self._limits.document_bytes)


async def _unpack(text: str, gathering: Spooling) -> None:
    try:
        document = await asyncio.to_thread(_decoded, text)
    except (binascii.Error, ValueError) as error:
        raise PointedError("xml_base64 is not base64", pointer="#/document/xml_base64") from error
    await gathering.write(document)


def _decoded(text: str) -> bytes:
    """Base64 as RFC 4648 has it; line breaks are let through, as `base64` and MIME make them."""
    return base64.b64decode(text.translate(_LINE_BREAKS), validate=True)


def _order(metadata: MetadataRequest) -> Order:
    options, routing = metadata.options, metadata.routing
    _refuse_not_offered(options)
    return Order(
        sender=routing.sender,
        receiver=routing.receiver,
        document_type=routing.document_type,
        process=routing.process,
        c1_country=routing.c1_country,
        reference=metadata.reference,
        custom=dict(metadata.custom),
        duplicate_policy=DuplicatePolicy(options.duplicate_policy),
        validation=ValidationPolicy(options.validation),
        mls=StatusWish(options.mls) if options.mls else None,
        deliver_until=options.deliver_until,
        dry_run=options.dry_run,
    )


def _refuse_not_offered(options: OptionsRequest) -> None:
    asked: dict[str, bool | datetime | None] = {
        "send_at": options.send_at,
        "priority": options.priority != "normal",
        "fallback": options.fallback is not None and options.fallback.when != "never",
    }
    for name, wanted in asked.items():
        if wanted:
            raise NotOfferedError(
                f"{name} is not acted upon by this version", pointer=f"#/options/{name}"
            )


def _order_of_query(request: web.Request) -> Order:
    policy = choice(request, "duplicate_policy", tuple(DuplicatePolicy))
    validation = choice(request, "validation", tuple(ValidationPolicy))
    mls = choice(request, "mls", tuple(StatusWish))
    return Order(
        sender=word(request, "sender"),
        receiver=word(request, "receiver"),
        document_type=word(request, "document_type"),
        process=word(request, "process"),
        c1_country=word(request, "c1_country"),
        reference=word(request, "reference"),
        duplicate_policy=DuplicatePolicy(policy or DuplicatePolicy.REFUSE),
        validation=ValidationPolicy(validation or ValidationPolicy.STRICT),
        mls=StatusWish(mls) if mls else None,
        deliver_until=instant(request, "deliver_until"),
        dry_run=truth(request, "dry_run") or False,
    )
