# SPDX-License-Identifier: Apache-2.0
"""The JSON shapes that the REST interface takes, as docs/api.md has them; no others."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

_NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no such text

Text = Annotated[str, Meta(min_length=1, max_length=255, pattern=_NO_NUL)]
AnyText = Annotated[str, Meta(max_length=255, pattern=_NO_NUL)]
Custom = Annotated[dict[Text, AnyText], Meta(max_length=20)]


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers send."""


class RoutingRequest(Request, frozen=True, kw_only=True):
    """Routing as given; what is left away is read from the document."""

    sender: Text | None = None
    receiver: Text | None = None
    document_type: Annotated[str, Meta(max_length=600)] | None = None
    process: Text | None = None
    c1_country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None


class FallbackRequest(Request, frozen=True, kw_only=True):
    """Delivery by mail; only `never` is offered by this version."""

    email: list[str] = []
    when: Literal["never", "not_reachable", "always"] = "never"


class OptionsRequest(Request, frozen=True, kw_only=True):
    """How a document is to be treated."""

    duplicate_policy: Literal["refuse", "allow"] = "refuse"
    validation: Literal["strict", "warn"] = "strict"
    mls: Literal["failure_only", "always_send"] | None = None
    deliver_until: Annotated[datetime, Meta(tz=True)] | None = None
    priority: Literal["normal", "bulk"] = "normal"
    fallback: FallbackRequest | None = None
    send_at: Annotated[datetime, Meta(tz=True)] | None = None
    dry_run: bool = False


class MetadataRequest(Request, frozen=True, kw_only=True):
    """What is said about a document beside the document."""

    reference: Text | None = None
    routing: RoutingRequest = RoutingRequest()
    options: OptionsRequest = OptionsRequest()
    custom: Custom = {}


class EmbeddedDocument(Request, frozen=True, kw_only=True):
    """The document inside JSON."""

    xml_base64: str


class SubmissionRequest(MetadataRequest, frozen=True, kw_only=True):
    """A whole submission in JSON."""

    document: EmbeddedDocument


class AcknowledgementRequest(Request, frozen=True, kw_only=True):
    """One acknowledged document."""

    document_id: Text
    outcome: Literal["accepted", "rejected"] = "accepted"
    reason: AnyText | None = None
    external_reference: Text | None = None
    c4_country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None


class AcknowledgementsRequest(Request, frozen=True, kw_only=True):
    """Acknowledged documents, each on its own."""

    items: Annotated[list[AcknowledgementRequest], Meta(min_length=1, max_length=200)]


class RawAcknowledgements(Request, frozen=True, kw_only=True):
    """The same with its items unread, so that a wrong one can be pointed at."""

    items: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=200)]


class LookupRequest(Request, frozen=True, kw_only=True):
    """Who is looked up, and for which document."""

    participant: Text
    document_type: Annotated[str, Meta(max_length=600)] | None = None
    process: Text | None = None
    fresh: bool = False
