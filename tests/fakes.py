# SPDX-License-Identifier: Apache-2.0
"""In-memory ports, a clock that stands still and identifiers in order."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway import ubl
from gateway.errors import GatewayError
from gateway.identifiers import ParticipantId
from gateway.service.errors import DuplicateDocumentError, IdempotencyKeyTakenError
from gateway.service.lifecycle import Event
from gateway.service.ports import Spool
from gateway.service.records import (
    APIKey,
    AttemptResult,
    Content,
    Evidence,
    IdempotentAnswer,
    JobDone,
    NewSubmission,
    Organisation,
    OutboundMessage,
    Participant,
    Problem,
)
from gateway.service.validator import ValidationOutcome

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class FixedClock:
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self.at += timedelta(seconds=seconds)


class CountingIds:
    """Identifiers in order."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def prefixed(self, prefix: str) -> str:
        """`doc_` and a number of 26 digits."""
        return f"{prefix}_{next(self._numbers):026}"

    def uuid(self) -> str:
        """A number in the shape of a UUID."""
        return f"00000000-0000-4000-8000-{next(self._numbers):012}"


class MemorySpool:
    """Implements `Spool`."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.discarded = False

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return len(self.data)

    def write(self, chunk: bytes) -> None:
        """Append."""
        self.data += chunk

    def chunks(self, size: int = 262144) -> Iterator[bytes]:
        """Read all from the start."""
        for start in range(0, len(self.data), size):
            yield bytes(self.data[start : start + size])

    def discard(self) -> None:
        """Throw it away."""
        self.discarded = True


class MemoryPayloads:
    """Implements `PayloadStore`; `kept` has what is there by digest."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.spools: list[MemorySpool] = []

    async def keep(self, spool: Spool, *, gzip: bool) -> Content:
        """Keep a finished spool."""
        data = b"".join(spool.chunks())
        digest = hashlib.sha256(data).hexdigest()
        self.kept[digest] = data
        return Content(size=len(data), sha256=digest, gzip=gzip, key=digest)

    def chunks(self, content: Content) -> Iterator[bytes]:
        """Read stored bytes."""
        yield self.kept[content.sha256]

    async def delete(self, content: Content) -> None:
        """Forget stored bytes."""
        self.kept.pop(content.sha256, None)

    def spool(self) -> MemorySpool:
        """A new one."""
        self.spools.append(MemorySpool())
        return self.spools[-1]


class MemorySubmissions:
    """Implements `SubmissionStore` as far as submitting goes."""

    def __init__(self) -> None:
        self.stored: list[NewSubmission] = []
        self.steps: list[tuple[str, Event]] = []
        self.keys: set[str] = set()

    async def submit(self, new: NewSubmission) -> None:
        """Store, once for each business key and idempotency key."""
        for earlier in self.stored:
            if new.business_key is not None and earlier.business_key == new.business_key:
                raise DuplicateDocumentError(earlier.document_id)
        if new.idempotency is not None:
            if new.idempotency.key in self.keys:
                raise IdempotencyKeyTakenError("taken")
            self.keys.add(new.idempotency.key)
        self.stored.append(new)

    async def message_of(self, document_id: str) -> OutboundMessage | None:
        """None was made."""
        return None

    async def start_attempt(self, message: OutboundMessage, *, number: int, at: datetime) -> None:
        """Not used here."""
        raise NotImplementedError

    async def finish_attempt(self, result: AttemptResult, *, done: JobDone) -> None:
        """Not used here."""
        raise NotImplementedError

    async def judged(self, document_id: str, event: Event, **facts: Any) -> None:
        """Not used here."""
        raise NotImplementedError

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
        """Note the step."""
        self.steps.append((document_id, event))


class MemoryParticipants:
    """Implements `ParticipantStore`."""

    def __init__(self, *participants: Participant) -> None:
        self._served = {participant.id: participant for participant in participants}

    def served(self, participant: ParticipantId) -> Participant | None:
        """The participant if it is ours."""
        return self._served.get(participant)

    async def add(self, participant: Participant) -> None:
        """Add or replace."""
        self._served[participant.id] = participant

    async def remove(self, participant: ParticipantId) -> bool:
        """Remove."""
        return self._served.pop(participant, None) is not None

    async def all(self) -> list[Participant]:
        """All of them, by value."""
        return sorted(self._served.values(), key=lambda one: one.id.folded)


class MemoryAccounts:
    """Implements `AccountStore`; `asked` counts look-ups of keys."""

    def __init__(self, *organisations: Organisation) -> None:
        self._organisations = {one.id: one for one in organisations}
        self.stored: dict[str, APIKey] = {}
        self.asked = 0

    async def organisation(self, organisation_id: str) -> Organisation | None:
        """One organisation."""
        return self._organisations.get(organisation_id)

    async def add_organisation(self, organisation: Organisation) -> None:
        """Add or replace."""
        self._organisations[organisation.id] = organisation

    async def organisations(self) -> list[Organisation]:
        """All of them, by name."""
        return sorted(self._organisations.values(), key=lambda one: one.name)

    async def key(self, key_id: str) -> APIKey | None:
        """One key."""
        self.asked += 1
        return self.stored.get(key_id)

    async def add_key(self, key: APIKey) -> None:
        """Add a key."""
        self.stored[key.id] = key

    async def keys(self) -> list[APIKey]:
        """All of them, oldest first."""
        return list(self.stored.values())

    async def revoke_key(self, key_id: str, *, at: datetime) -> bool:
        """Take it away."""
        return self.stored.pop(key_id, None) is not None


class MemoryIdempotency:
    """Implements `IdempotencyStore`."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], IdempotentAnswer] = {}

    async def find(self, organisation: str, key: str) -> IdempotentAnswer | None:
        """The stored answer."""
        return self.answers.get((organisation, key))

    async def remember(self, answer: IdempotentAnswer) -> None:
        """Store; an earlier one stays."""
        self.answers.setdefault((answer.organisation, answer.key), answer)


class FixedValidator:
    """Implements `Validator` with one verdict, or one error; keeps what it was given."""

    def __init__(
        self, outcome: str = "valid", *findings: str, error: GatewayError | None = None
    ) -> None:
        self.verdict = ValidationOutcome(outcome=outcome, report=report_with(outcome, *findings))
        self.error = error
        self.seen = b""
        self.asked: list[dict[str, Any]] = []

    async def validate(self, document: AsyncIterable[bytes], **asked: Any) -> ValidationOutcome:
        """Give the verdict."""
        self.seen = b"".join([chunk async for chunk in document])
        self.asked.append(asked)
        if self.error is not None:
            raise self.error
        return replace(self.verdict, svrl=b"<svrl/>" if asked.get("svrl") else None)

    async def rule_sets(self, *, at: datetime) -> Sequence[Mapping[str, Any]]:
        """None are known."""
        return ()


def report_with(outcome: str, *rules: str) -> ubl.Report:
    """A report that says so, with one fatal finding for each of these rules."""
    findings = tuple(
        ubl.Finding(
            rule_id=rule,
            severity=ubl.Severity.FATAL,
            layer="cen",
            message=ubl.Message(f"{rule} is broken.", f"{rule} is geschonden."),
            line=7,
        )
        for rule in rules
    )
    return ubl.Report(
        outcome=ubl.Outcome(outcome),
        rule_set="org.example:invoice:1",
        release="1",
        engine="fast",
        errors=len(findings),
        findings=findings,
    )
