# SPDX-License-Identifier: Apache-2.0
"""What a caller asks with a document: its words read, its routing settled, its identity told.

Pure: no ports, no clock. Missing routing is read from the document; given routing must agree with
it (Peppol Business Message Envelope 2.0.1, 2.2: sender and receiver are those of the document).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from gateway import ubl
from gateway.errors import Fault, GatewayError
from gateway.identifiers import DocumentTypeId, InvalidIdentifierError, ParticipantId, ProcessId
from gateway.service.errors import PointedError
from gateway.service.records import Organisation, Routing

MAX_TEXT = 255
MAX_CUSTOM = 20
DEFAULT_DELIVERY = timedelta(hours=24)
MAX_DELIVERY = timedelta(days=7)  # a receiver that is away for longer wants a new document

_COUNTRY = re.compile(r"[A-Z]{2}")
_T = TypeVar("_T")


class DuplicatePolicy(StrEnum):
    """What happens to a document that was submitted before."""

    REFUSE = "refuse"
    ALLOW = "allow"


class ValidationPolicy(StrEnum):
    """What happens to a document that breaks the rules."""

    STRICT = "strict"
    WARN = "warn"


class StatusWish(StrEnum):
    """Which message level statuses are asked of the receiver."""

    FAILURE_ONLY = "failure_only"
    ALWAYS_SEND = "always_send"


class InvalidRoutingError(PointedError):
    """A routing member is not an identifier."""

    code = "invalid_identifier"


class RoutingMismatchError(PointedError):
    """Given routing differs from what the document says."""

    code = "routing_mismatch"


class RoutingIncompleteError(PointedError):
    """Neither the request nor the document says it."""

    code = "routing_incomplete"


class EnvelopeGivenError(GatewayError):
    """The document came inside its business message envelope."""

    code = "document_type_unknown"
    fault = Fault.CALLER

    def __init__(self) -> None:
        super().__init__(
            "this is a business message envelope",
            advice="Send the business document alone; the envelope is made here.",
        )


class InvalidOptionError(PointedError):
    """An option is out of its range."""

    code = "malformed_request"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The words that came with a document; routing members as text, None where not given."""

    sender: str | None = None
    receiver: str | None = None
    document_type: str | None = None
    process: str | None = None
    c1_country: str | None = None
    reference: str | None = None
    custom: dict[str, str] = field(default_factory=dict)
    duplicate_policy: DuplicatePolicy = DuplicatePolicy.REFUSE
    validation: ValidationPolicy = ValidationPolicy.STRICT
    mls: StatusWish | None = None
    deliver_until: datetime | None = None
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.reference is not None and not 0 < len(self.reference) <= MAX_TEXT:
            raise InvalidOptionError(
                "the reference must have 1 to 255 characters", pointer="#/reference"
            )
        if len(self.custom) > MAX_CUSTOM:
            raise InvalidOptionError("at most 20 custom keys are kept", pointer="#/custom")
        if any(len(text) > MAX_TEXT for pair in self.custom.items() for text in pair):
            raise InvalidOptionError(
                "custom keys and values have at most 255 characters", pointer="#/custom"
            )

    @property
    def mls_type(self) -> str | None:
        """The word of the envelope; None leaves the network's default, failures only."""
        return self.mls.upper() if self.mls is not None else None

    def delivery_deadline(self, at: datetime) -> datetime:
        """Until when delivery is tried. Raises `InvalidOptionError`."""
        until = self.deliver_until or at + DEFAULT_DELIVERY
        if not at < until <= at + MAX_DELIVERY:
            raise InvalidOptionError(
                "deliver_until must lie in the future, at most seven days ahead",
                pointer="#/options/deliver_until",
            )
        return until


def settle_routing(order: Order, facts: ubl.DocumentFacts, organisation: Organisation) -> Routing:
    """Who sends what to whom. Raises the routing errors above, each naming its member."""
    if facts.local_name == "StandardBusinessDocument":
        raise EnvelopeGivenError
    country = order.c1_country or organisation.country
    if not _COUNTRY.fullmatch(country):
        raise InvalidRoutingError(
            "c1_country is a two-letter code such as NL", pointer="#/routing/c1_country"
        )
    # Without a word of the caller's, the reader of the document tells best what is in the way.
    kind = facts.document_type if order.document_type else facts.require_document_type()
    return Routing(
        sender=_settle("sender", order.sender, facts.sender, ParticipantId.parse),
        receiver=_settle("receiver", order.receiver, facts.receiver, ParticipantId.parse),
        document_type=_settle("document_type", order.document_type, kind, DocumentTypeId.parse),
        process=_settle("process", order.process, facts.process, ProcessId.parse),
        country_c1=country,
    )


def _settle(name: str, given: str | None, found: _T | None, parse: Callable[[str], _T]) -> _T:
    pointer = f"#/routing/{name}"
    if given is None:
        if found is None:
            raise RoutingIncompleteError(
                f"the document names no {name.replace('_', ' ')}",
                pointer=pointer,
                advice=f"Put it into the document, or give routing.{name} with the request.",
            )
        return found
    try:
        wanted = parse(given)
    except InvalidIdentifierError as error:
        raise InvalidRoutingError(error.detail, pointer=pointer, advice=error.advice) from error
    if found is not None and wanted != found:
        raise RoutingMismatchError(
            f"the {name.replace('_', ' ')} given differs from the document's",
            pointer=pointer,
            advice=f"Leave routing.{name} away, or correct the document.",
        )
    return wanted


def business_key(routing: Routing, facts: ubl.DocumentFacts) -> str | None:
    """What makes two documents the same business document; None when the document has no number.

    The year is part of it, because numbers begin anew each year in practice. The organisation is
    a column of its own in the store's unique constraint.
    """
    if not facts.number:
        return None
    year = str(facts.issue_date.year) if facts.issue_date else ""
    members = [routing.sender.folded, facts.kind, facts.number, year, routing.receiver.folded]
    return hashlib.sha256(json.dumps(members).encode()).hexdigest()
