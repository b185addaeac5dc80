# SPDX-License-Identifier: Apache-2.0
"""The JSON shapes that the REST interface gives, as docs/api.md has them.

Members of answers only ever become more. The interface description at /openapi.json is made from
these and from `requests.py`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]


class Identifier(Struct, frozen=True, kw_only=True):
    """An identifier of the network."""

    scheme: str
    value: str


class RoutingResource(Struct, frozen=True, kw_only=True):
    """Who sends what to whom."""

    sender: Identifier
    receiver: Identifier
    document_type: Identifier
    process: Identifier
    c1_country: str
    c4_country: str | None


class SummaryResource(Struct, frozen=True, kw_only=True):
    """What a list shows of the document."""

    kind: str | None
    number: str | None
    issue_date: Day | None
    due_date: Day | None
    seller_name: str | None
    buyer_name: str | None
    payable_amount: str | None
    currency: str | None
    order_reference: str | None
    buyer_reference: str | None


class ContentResource(Struct, frozen=True, kw_only=True):
    """The bytes of the document; null while they were not counted."""

    media_type: str
    size: int | None
    sha256: str | None


class ValidationResource(Struct, frozen=True, kw_only=True):
    """What the rules said."""

    outcome: str
    rule_set: str | None = None
    errors: int | None = None
    warnings: int | None = None


class StatusResource(Struct, frozen=True, kw_only=True):
    """The message level status: what was asked for and what came."""

    requested: str
    status: str | None
    due_at: Moment | None


class EBMSResource(Struct, frozen=True, kw_only=True):
    """The error of the other access point."""

    code: str | None
    detail: str | None


class DocumentProblem(Struct, frozen=True, kw_only=True):
    """Why a document is where it is."""

    code: str
    title: str
    detail: str
    retryable: bool
    at: Moment | None
    ebms: EBMSResource | None


class DocumentResource(Struct, frozen=True, kw_only=True):
    """A document, in either direction."""

    id: str | None
    object: Literal["document"]
    environment: str
    direction: str
    organisation: str
    state: str
    settled: bool
    state_since: Moment
    deadline: Moment | None
    next_attempt_at: Moment | None
    attempts: int
    business_status: str | None
    mls: StatusResource
    receipt: str | None
    reference: str | None
    external_reference: str | None
    custom: dict[str, str]
    routing: RoutingResource
    summary: SummaryResource
    content: ContentResource
    validation: ValidationResource
    altered: bool
    sbdh_instance_id: str | None
    as4_message_id: str | None
    other_access_point: str | None
    possible_duplicate_of: str | None
    problem: DocumentProblem | None
    next_actions: list[str]
    created_at: Moment
    updated_at: Moment
    sequence: int


class DocumentList(Struct, frozen=True, kw_only=True):
    """One page of documents."""

    data: list[DocumentResource]
    next_cursor: str | None
    has_more: bool


class AcknowledgementResource(Struct, frozen=True, kw_only=True):
    """What became of one acknowledgement."""

    document_id: str
    result: str
    external_reference: str | None


class AcknowledgementList(Struct, frozen=True, kw_only=True):
    """What became of each, in the order of the request."""

    items: list[AcknowledgementResource]


class OrganisationResource(Struct, frozen=True, kw_only=True):
    """A customer of this gateway."""

    id: str
    name: str
    country: str


class Me(Struct, frozen=True, kw_only=True):
    """Who calls, and what they may do."""

    key_id: str
    organisation: OrganisationResource
    participants: list[Identifier]
    scopes: list[str]
    environment: str
    limits: dict[str, int]


class FieldProblem(Struct, frozen=True, kw_only=True):
    """One wrong member of a request."""

    pointer: str
    code: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True):
    """An error (RFC 9457). Some codes carry more members; see docs/problems.md."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    retryable: bool
    retry_after: int | None
    request_id: str
    errors: list[FieldProblem]


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_or_none(at: datetime | None) -> str | None:
    """The same where there may be none."""
    return None if at is None else moment(at)


def day_or_none(day: date | None) -> str | None:
    """YYYY-MM-DD, or none."""
    return None if day is None else day.isoformat()


def encode(value: Any) -> bytes:
    """JSON of an answer."""
    return msgspec.json.encode(value)
