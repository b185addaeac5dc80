# SPDX-License-Identifier: Apache-2.0
"""What the use cases need from outside, in their own terms. Each has a real and an in-memory one.

Everything that changes the store takes an optional `done`: the job that this change completes, in
the same transaction. No call returns before what it did is durable.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from gateway.identifiers import ParticipantId, PartyId
from gateway.service.lifecycle import Event
from gateway.service.records import (
    Acknowledgement,
    AcknowledgementResult,
    APIKey,
    AttemptResult,
    Content,
    Document,
    DocumentFilter,
    Evidence,
    IdempotentAnswer,
    InboundMessage,
    Job,
    JobDone,
    NewSubmission,
    Organisation,
    OutboundMessage,
    Page,
    Participant,
    Problem,
    StoredReceipt,
    Summary,
)


class Clock(Protocol):
    """The one clock of a process; tests pass a fixed one."""

    def __call__(self) -> datetime:
        """Return the time now, aware, in UTC."""
        ...


class IdMaker(Protocol):
    """The one maker of identifiers; tests pass a counter."""

    def prefixed(self, prefix: str) -> str:
        """A time-ordered identifier such as `doc_01JD…` (26 characters of Crockford base 32)."""
        ...

    def uuid(self) -> str:
        """A random UUID as text."""
        ...


class InboundStore(Protocol):
    """Where received messages are kept; its unique constraint decides what is a repeat."""

    async def receipt_of(self, sending_ap: PartyId, message_id: str) -> StoredReceipt | None:
        """The receipt already given for this message, or None."""
        ...

    async def accept(self, message: InboundMessage) -> StoredReceipt | None:
        """Store message, receipt, evidence, reporting row and the `check` job in one commit.

        None when this call stored it; the earlier receipt when the message was known already.
        """
        ...

    async def checked(
        self,
        document_id: str,
        *,
        event: Event,
        summary: Summary,
        validation: str,
        validation_detail: Mapping[str, Any],
        at: datetime,
        done: JobDone | None = None,
    ) -> None:
        """Attach what checking found and step the document (`checked` or `reject`)."""
        ...


class SubmissionStore(Protocol):
    """Where submitted documents and their AS4 messages are kept."""

    async def submit(self, new: NewSubmission) -> None:
        """Store the submission, its first job and the idempotent answer in one commit.

        The job is `deliver`, or `validate` for a submission that is not judged yet.
        Raises `DuplicateDocumentError` and `IdempotencyKeyTakenError` from the unique constraints.
        """
        ...

    async def message_of(self, document_id: str) -> OutboundMessage | None:
        """The AS4 message that the next try sends again, or None if a new one must be made."""
        ...

    async def start_attempt(self, message: OutboundMessage, *, number: int, at: datetime) -> None:
        """Step to `sending` and remember the message, before any byte of it leaves."""
        ...

    async def finish_attempt(self, result: AttemptResult, *, done: JobDone) -> None:
        """Record how the try ended, step the document and complete or reschedule the job."""
        ...

    async def judged(
        self,
        document_id: str,
        event: Event,
        *,
        validation: str,
        validation_detail: Mapping[str, Any],
        at: datetime,
        problem: Problem | None = None,
        done: JobDone,
    ) -> None:
        """Keep what the rules said and step (`valid` or `invalid`); `valid` adds a `deliver` job.

        Raises `StateConflictError`.
        """
        ...

    async def step(
        self,
        document_id: str,
        event: Event,
        *,
        at: datetime,
        problem: Problem | None = None,
        next_attempt_at: datetime | None = None,
        lookup: Mapping[str, Any] | None = None,
        evidence: Sequence[Evidence] = (),
        done: JobDone | None = None,
    ) -> None:
        """Step the document without an exchange. Raises `StateConflictError`."""
        ...


class DocumentIndex(Protocol):
    """Documents as their organisation reads them."""

    async def get(self, document_id: str, *, organisation: str | None) -> Document | None:
        """One document; None when it is not there or another organisation's."""
        ...

    async def validation_detail(self, document_id: str) -> Mapping[str, Any]:
        """What the rules said of one document, as it was kept; empty when there is nothing."""
        ...

    async def page(
        self, wanted: DocumentFilter, *, limit: int, after: str | None, newest_first: bool
    ) -> Page:
        """One page of a list, stable under inserts; `after` is an opaque cursor."""
        ...

    async def acknowledge(
        self, organisation: str, items: Sequence[Acknowledgement], *, at: datetime
    ) -> list[AcknowledgementResult]:
        """Acknowledge received documents one by one; a bad item never undoes the others."""
        ...

    async def wait_for_change(self, document_id: str, *, after: int, seconds: float) -> None:
        """Return when the document's sequence is beyond `after`, or when the time is over."""
        ...


class IdempotencyStore(Protocol):
    """Answers that are given again to a repeated request."""

    async def find(self, organisation: str, key: str) -> IdempotentAnswer | None:
        """The stored answer for this key, or None."""
        ...

    async def remember(self, answer: IdempotentAnswer) -> None:
        """Store an answer that had no other effect; an earlier one stays."""
        ...


class PayloadStore(Protocol):
    """Large bytes under a key of ours; small ones live in their row."""

    async def keep(self, spool: Spool, *, gzip: bool) -> Content:
        """Keep a finished spool for good: inline up to the limit, else as a durable file."""
        ...

    def chunks(self, content: Content) -> Iterator[bytes]:
        """Read stored bytes in pieces of 256 kB; blocks, so use a thread for large ones."""
        ...

    async def delete(self, content: Content) -> None:
        """Forget stored bytes."""
        ...

    def spool(self) -> Spool:
        """A new place to write bytes whose size is not known yet."""
        ...


class Spool(Protocol):
    """Bytes being gathered: in memory while small, in a temporary file beyond that."""

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    def write(self, chunk: bytes) -> None:
        """Append. Raises `StorageFullError`."""
        ...

    def chunks(self, size: int = 262144) -> Iterable[bytes]:
        """Read all from the start."""
        ...

    def discard(self) -> None:
        """Throw it away; harmless after `keep`."""
        ...


class Jobs(Protocol):
    """The work that is due: claimed in batches under a lease, completed with a token."""

    async def claim(
        self, queues: Sequence[str], *, limit: int, lease: timedelta, at: datetime
    ) -> list[Job]:
        """Lease what is due, oldest first, at most so many per lane."""
        ...

    async def extend(self, job: Job, *, lease: timedelta, at: datetime) -> bool:
        """Lengthen a lease; False when somebody else holds the job now."""
        ...

    async def finish(self, done: JobDone, *, at: datetime) -> bool:
        """Complete, reschedule or bury a job; False when the token is stale."""
        ...

    async def enter_lane(self, job: Job, lane: str) -> bool:
        """Put a leased job into the lane of its host; False: it waits there, the lane is full."""
        ...

    async def ensure(self, queue: str, ref: str, *, due: datetime, dedupe: str) -> None:
        """Enqueue unless a job with this `dedupe` exists (schedules)."""
        ...

    async def sweep(self, *, at: datetime) -> int:
        """Give expired leases back; returns how many."""
        ...

    async def wait(self, *, at: datetime, seconds: float) -> None:
        """Return when something may be due, at the latest after so many seconds."""
        ...


class ParticipantStore(Protocol):
    """Who is served here."""

    def served(self, participant: ParticipantId) -> Participant | None:
        """The participant if it is ours; from memory, so it may be asked for every message."""
        ...

    async def add(self, participant: Participant) -> None:
        """Add or replace."""
        ...

    async def remove(self, participant: ParticipantId) -> bool:
        """Remove; False when it was not there."""
        ...

    async def all(self) -> list[Participant]:
        """All of them, by value."""
        ...


class AccountStore(Protocol):
    """Organisations and their API keys."""

    async def organisation(self, organisation_id: str) -> Organisation | None:
        """One organisation."""
        ...

    async def add_organisation(self, organisation: Organisation) -> None:
        """Add or replace."""
        ...

    async def organisations(self) -> list[Organisation]:
        """All of them, by name."""
        ...

    async def key(self, key_id: str) -> APIKey | None:
        """One key, also when revoked or expired."""
        ...

    async def add_key(self, key: APIKey) -> None:
        """Add a key."""
        ...

    async def keys(self) -> list[APIKey]:
        """All of them, oldest first."""
        ...

    async def revoke_key(self, key_id: str, *, at: datetime) -> bool:
        """Revoke; False when there is no such key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPAnswer:
    """What a server answered: status, headers as lines, body under its ceiling."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class MetadataTransport(Protocol):
    """GET of SMP records: https (or the sandbox's http), no redirects, bounded."""

    async def get(self, url: str) -> HTTPAnswer:
        """Fetch. Raises `UnreachableError` or `AddressRefusedError`."""
        ...


class ManagementTransport(Protocol):
    """Writing calls of an SMP's management interface, authenticated."""

    async def call(self, method: str, path: str, body: bytes | None = None) -> HTTPAnswer:
        """Call. Raises `UnreachableError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NAPTRRecord:
    """One NAPTR record as DNS gave it (RFC 3403)."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NAPTRAnswer:
    """What DNS said: `rcode` is `NOERROR` or `NXDOMAIN`; `ttl` in seconds bounds caching."""

    rcode: str
    records: tuple[NAPTRRecord, ...]
    ttl: int


class Resolver(Protocol):
    """DNS, for NAPTR records."""

    async def naptr(self, name: str) -> NAPTRAnswer:
        """Ask. Raises `DNSUnavailableError` for everything that is not an authoritative answer."""
        ...


class AS4Transport(Protocol):
    """One POST to another access point."""

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        """Send, read the answer at any status. Raises `UnreachableError`, `AddressRefusedError`."""
        ...


class MetadataPublisher(Protocol):
    """Tells the SMP which participants are received here, whoever's SMP it is."""

    async def publish(self, participant: Participant) -> None:
        """Make the participant known with all its document types. Idempotent."""
        ...

    async def withdraw(self, participant: ParticipantId) -> None:
        """Take the participant out. Idempotent."""
        ...
