# SPDX-License-Identifier: Apache-2.0
"""The plain values that pass between the use cases and the edges: words, bytes, times; no XML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.service.lifecycle import Event, Inbound, Outbound


class Direction(StrEnum):
    """Which way a document travels, seen from here."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Who sends what to whom, in which process; `country_c1` is the sender's country."""

    sender: ParticipantId
    receiver: ParticipantId
    document_type: DocumentTypeId
    process: ProcessId
    country_c1: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a list shows of a business document; all of it may be missing in what we receive."""

    kind: str | None = None  # "invoice", "credit_note", or the root element's name
    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    seller_name: str | None = None
    buyer_name: str | None = None
    payable_amount: str | None = None
    currency: str | None = None
    order_reference: str | None = None
    buyer_reference: str | None = None
    document_size: int | None = None  # of a received document, whose stored bytes are its envelope
    document_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Where bytes are kept. Small ones lie in `inline`, large ones in a file named by `key`.

    `size` and `sha256` are of the stored bytes; `gzip` says that they are compressed.
    """

    size: int
    sha256: str
    gzip: bool
    inline: bytes | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One piece of proof, stored once under its digest: a certificate, a CRL, an SMP answer."""

    kind: str  # "certificate", "crl", "smp_answer"
    sha256: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What went over the wire beside the payload: HTTP header lines, SOAP part, part headers."""

    http_headers: bytes
    soap: bytes
    part_headers: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingRow:
    """One exchange as the monthly reports count it, stored with the receipt that proves it."""

    direction: Direction
    exchanged_at: datetime  # the AS4 header's Timestamp, the same on both sides
    other_ap: PartyId
    document_type: DocumentTypeId
    process: ProcessId
    country_c1: str
    country_c4: str | None
    end_user: str  # organisation on our side, else its participant identifier
    transport_profile: str = "peppol-transport-as4-v2_0"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A verified message on its way into the store, with the receipt that will answer it."""

    document_id: str
    exchange_id: str
    organisation: str
    sending_ap: PartyId
    receiving_ap: PartyId
    message_id: str
    conversation_id: str
    sent_at: datetime
    received_at: datetime  # M1 of the service level agreement on message level statuses
    routing: Routing
    instance_id: str
    mls_to: str | None
    mls_type: str | None
    content: Content  # the signed part as the signature covers it: the envelope, usually gzip
    content_media_type: str
    wire: Wire
    digests: str  # canonical text of the signed references; equal for a true repeat
    receipt: bytes
    receipt_message_id: str
    evidence: tuple[Evidence, ...]
    revocation: str  # what was known of the signer: "good", "unknown: …"
    reporting: ReportingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """The receipt of a message that is stored already, and what it was given for."""

    document_id: str
    receipt: bytes
    digests: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a document is where it is: a problem code, a sentence, and what the peer said."""

    code: str
    detail: str
    retryable: bool = False
    ebms_code: str | None = None
    ebms_detail: str | None = None
    at: datetime | None = None
    repeated: int = 1  # how many tries in a row ended this way
    signed: bool = False  # the peer said so under its signature


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubmission:
    """A pushed document that is about to be accepted."""

    document_id: str
    organisation: str
    routing: Routing
    summary: Summary
    reference: str | None
    custom: dict[str, str]
    content: Content
    media_type: str
    validation: str
    validation_detail: dict[str, Any]
    business_key: str | None  # None: duplicates are allowed for this one
    mls_type: str | None
    deliver_until: datetime
    accepted_at: datetime
    judged: bool = True  # False: the rules have not spoken yet, a job will ask them
    idempotency: IdempotentAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotentAnswer:
    """The answer that a repeat of the same request gets, stored with the effect."""

    organisation: str
    key: str
    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """An AS4 message that is signed and will be sent, the same bytes at every try."""

    exchange_id: str
    document_id: str
    message_id: str
    conversation_id: str
    instance_id: str
    sent_at: datetime
    receiving_ap: PartyId
    url: str
    sent: bytes  # what a reply is judged against, as the AS4 room serialises it
    http_headers: tuple[tuple[str, str], ...]
    wire: Wire
    head: bytes  # the HTTP body before the encrypted part
    body: Content  # the encrypted part
    tail: bytes  # the HTTP body behind it
    signed: Content  # the same part as it was signed, compressed: what a receipt is proof of
    tries: int = 0  # how often it was sent before
    earlier: tuple[Problem, ...] = ()  # how those tries ended, as far as it is known
    evidence: tuple[Evidence, ...] = ()
    lookup: dict[str, Any] = field(default_factory=dict)  # DNS and SMP answers, as in docs/api.md


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """How one try ended, whatever its end."""

    document_id: str
    exchange_id: str
    number: int
    started_at: datetime
    ended_at: datetime
    event: Event
    next_attempt_at: datetime | None
    http_status: int | None = None
    reply_headers: bytes = b""
    reply_body: bytes = b""
    receipt: bytes | None = None
    receipt_note: str | None = None  # "missing_duplicate_reported": taken by the peer, no receipt
    problem: Problem | None = None
    reporting: ReportingRow | None = None
    evidence: tuple[Evidence, ...] = ()
    drop_message: bool = False  # the next try looks up again and makes a new message


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as the API shows it, in either direction."""

    id: str
    direction: Direction
    organisation: str
    state: Outbound | Inbound
    settled: bool
    state_since: datetime
    sequence: int
    routing: Routing
    summary: Summary
    content: Content
    content_media_type: str
    validation: str  # "valid", "invalid", "not_judged"; "not_validated" until it was tried
    created_at: datetime
    updated_at: datetime
    rule_set: str | None = None
    errors: int | None = None
    warnings: int | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    deadline: datetime | None = None
    reference: str | None = None
    custom: dict[str, str] = field(default_factory=dict)
    instance_id: str | None = None
    message_id: str | None = None
    conversation_id: str | None = None
    other_ap: PartyId | None = None
    receipt_note: str | None = None
    mls_to: str | None = None
    mls_type: str | None = None
    country_c4: str | None = None
    problem: Problem | None = None
    external_reference: str | None = None
    possible_duplicate_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list and the cursor of the next, None at the end."""

    documents: tuple[Document, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """What a list asks for; None means everything."""

    organisation: str
    direction: Direction | None = None
    states: tuple[str, ...] = ()
    sender: ParticipantId | None = None
    receiver: ParticipantId | None = None
    reference: str | None = None
    number: str | None = None
    kind: str | None = None
    document_type: DocumentTypeId | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What a receiver says of one inbox item."""

    document_id: str
    accepted: bool
    reason: str | None = None
    external_reference: str | None = None
    country_c4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementResult:
    """What became of it: `acknowledged`, `already_acknowledged`, `unknown`, `held_by_other`."""

    document_id: str
    result: str
    external_reference: str | None = None


class Queue(StrEnum):
    """The kinds of job; each has one handler."""

    CHECK = "check"
    DELIVER = "deliver"
    VALIDATE = "validate"


# A week of retries makes twenty claims of a job. One that comes to this many kills whoever takes
# it; it is buried, and left to the operator.
MAX_CLAIMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A leased piece of work; `token` proves the lease."""

    id: int
    queue: str
    ref: str
    lane: str
    attempts: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDone:
    """How a leased job ended: `due` None is done, a moment is a retry then."""

    job: Job
    due: datetime | None = None
    error: str | None = None
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A customer: the owner of participants, keys and documents; `country` as in ISO 3166-1."""

    id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A participant that is served here: who owns it and which documents it takes."""

    id: ParticipantId
    organisation: str
    document_types: tuple[tuple[DocumentTypeId, ProcessId], ...]
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls the API: the key, its one organisation, and what it may do."""

    key_id: str
    organisation: Organisation
    scopes: frozenset[str]
    environment: str  # "test" or "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class APIKey:
    """An API key as stored: never the secret, only its digest."""

    id: str
    organisation: str
    name: str
    scopes: frozenset[str]
    secret_sha256: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None
