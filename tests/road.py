# SPDX-License-Identifier: Apache-2.0
"""Two access points of ours in one process: real stores and engine; the wire is a function call."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway import pki
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.ids import TimeOrderedIds
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.access_point import AccessPoint
from gateway.service.admission import Admission, AdmissionPolicy
from gateway.service.check import Check
from gateway.service.compose import Composer
from gateway.service.deliver import Delivery
from gateway.service.discovery import Found
from gateway.service.exchange import Exchange
from gateway.service.judge import Judge
from gateway.service.lookup_errors import LookupFailedError
from gateway.service.order import Order
from gateway.service.ports import AS4Transport, HTTPAnswer
from gateway.service.receive import Receiver, Reply
from gateway.service.records import Caller, Document, Organisation, Participant, Queue
from gateway.service.submit import Submitter
from gateway.service.validator import Validator
from gateway.store import Store, migrate_database
from tests.fakes import FixedValidator

ORGANISATION = Organisation(id="org_1", name="One", country="NL")
BILLING = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Directory:
    """A lookup of fixed answers; `problem` makes every question fail.

    `moved` is what is found once the old answer is forgotten.
    """

    found: dict[ParticipantId, Found] = field(default_factory=dict)
    moved: dict[ParticipantId, Found] = field(default_factory=dict)
    problem: LookupFailedError | None = None
    forgotten: list[ParticipantId] = field(default_factory=list)

    async def resolve(
        self, participant: ParticipantId, document_type: DocumentTypeId, process: ProcessId
    ) -> Found:
        if self.problem is not None:
            raise self.problem
        return self.found[participant]

    def forget(self, participant: ParticipantId) -> None:
        self.forgotten.append(participant)
        if participant in self.moved:
            self.found[participant] = self.moved.pop(participant)


@dataclass
class Line:
    """The wire: hands requests to a receiver; `answers` replaces what comes back, once each."""

    receiver: Receiver
    answers: list[Any] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        data = b"".join([chunk async for chunk in body])
        assert len(data) == length
        self.sent.append(data)
        self.urls.append(url)
        instead = self.answers.pop(0) if self.answers else None
        if isinstance(instead, Exception):
            raise instead
        if isinstance(instead, HTTPAnswer):
            return instead
        reply = await self.receiver.receive(tuple(headers), pieces(data))
        if callable(instead):
            return instead(reply)
        return HTTPAnswer(status=reply.status, headers=reply.headers, body=reply.body)


async def pieces(data: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@dataclass
class Side:
    """One access point."""

    store: Store
    leaf: IssuedLeaf
    receiver: Receiver
    check: Check
    judge: Judge
    submitter: Submitter
    delivery: Delivery
    directory: Directory
    line: Line
    clock: Clock
    access_point: AccessPoint
    ids: TimeOrderedIds
    threads: Executor

    def with_directory(self, directory: Directory) -> Side:
        """The same side, over the same store, with another lookup."""
        return replace(self, directory=directory, delivery=self._delivery(directory, self.line))

    def with_transport(self, transport: AS4Transport) -> Side:
        """The same side with another wire."""
        return replace(self, delivery=self._delivery(self.directory, transport))

    def _delivery(self, directory: Directory, transport: AS4Transport) -> Delivery:
        return delivery_of(
            self.store,
            self.access_point,
            directory,
            transport,
            clock=self.clock,
            ids=self.ids,
            threads=self.threads,
        )

    async def push(self, document: bytes, order: Order | None = None) -> Document:
        gathering = self.submitter.gather()
        await gathering.write(document)
        return await self.submitter.submit(self.caller, gathering, order or Order())

    @property
    def caller(self) -> Caller:
        return Caller(
            key_id="key_1",
            organisation=ORGANISATION,
            scopes=frozenset({"documents:send"}),
            environment="test",
        )

    async def work(self) -> int:
        """Run every job that is due now; returns how many."""
        handlers = {
            Queue.DELIVER: self.delivery.attempt,
            Queue.CHECK: self.check.attempt,
            Queue.VALIDATE: self.judge.attempt,
        }
        jobs = await self.store.jobs.claim(
            tuple(handlers), limit=32, lease=timedelta(minutes=3), at=self.clock()
        )
        for job in jobs:
            await handlers[job.queue](job)
        return len(jobs)

    async def document(self, document_id: str) -> Document:
        found = await self.store.documents.get(document_id, organisation=None)
        assert found is not None
        return found

    async def take(self, request: bytes, headers: Sequence[tuple[str, str]]) -> Reply:
        return await self.receiver.receive(tuple(headers), pieces(request))


@asynccontextmanager
async def open_side(
    folder: Path,
    leaf: IssuedLeaf,
    local_pki: LocalPKI,
    clock: Clock,
    *,
    transport: AS4Transport | None = None,
    older: Sequence[IssuedLeaf] = (),
    validator: Validator | None = None,
    admission_policy: AdmissionPolicy | None = None,
    reject_invalid: bool = False,
) -> AsyncIterator[Side]:
    """An access point with this certificate; connect it by `line.receiver`, or by `transport`.

    It also opens what is encrypted for its `older` ones. Without a validator all is valid.
    """
    folder.mkdir()
    url = f"sqlite:///{folder / 'gateway.db'}"
    migrate_database(url, backup=False)
    store = Store.open(url, payload_folder=folder / "payloads")
    revocation = local_pki.revocation(clock())
    pair = leaf.pair
    us = AccessPoint(
        signer=pair,
        keys=(pair, *(one.pair for one in older)),
        trust=local_pki.trust(pki.Role.AP),
        revocation=lambda: revocation,
        host="ap.example",
    )
    ids = TimeOrderedIds()
    with ThreadPoolExecutor(2) as threads:
        receiver = Receiver(
            store=store.inbound,
            payloads=store.payloads,
            participants=store.participants,
            access_point=us,
            clock=clock,
            ids=ids,
            threads=threads,
        )
        line = Line(receiver)
        directory = Directory()
        validator = validator or FixedValidator()
        admission = Admission(validator=validator, policy=admission_policy)
        yield Side(
            store=store,
            leaf=leaf,
            receiver=receiver,
            check=Check(
                inbound=store.inbound,
                documents=store.documents,
                jobs=store.jobs,
                payloads=store.payloads,
                validator=validator,
                clock=clock,
                reject_invalid=reject_invalid,
            ),
            judge=Judge(
                submissions=store.submissions,
                documents=store.documents,
                jobs=store.jobs,
                payloads=store.payloads,
                admission=admission,
                clock=clock,
            ),
            submitter=Submitter(
                submissions=store.submissions,
                participants=store.participants,
                payloads=store.payloads,
                admission=admission,
                clock=clock,
                ids=ids,
            ),
            delivery=delivery_of(
                store, us, directory, transport or line, clock=clock, ids=ids, threads=threads
            ),
            directory=directory,
            line=line,
            clock=clock,
            access_point=us,
            ids=ids,
            threads=threads,
        )
        await store.close()


def delivery_of(
    store: Store,
    us: AccessPoint,
    directory: Directory,
    transport: AS4Transport,
    *,
    clock: Clock,
    ids: TimeOrderedIds,
    threads: Executor,
) -> Delivery:
    """The outbound story over these parts, without jitter."""
    return Delivery(
        submissions=store.submissions,
        documents=store.documents,
        jobs=store.jobs,
        lookup=directory,  # type: ignore[arg-type]
        composer=Composer(
            payloads=store.payloads, access_point=us, clock=clock, ids=ids, threads=threads
        ),
        exchange=Exchange(
            payloads=store.payloads, transport=transport, access_point=us, clock=clock
        ),
        clock=clock,
        jitter=lambda: 0.0,
    )


def found_at(
    url: str, certificate: pki.Certificate, document_type: DocumentTypeId, at: datetime
) -> Found:
    """What a lookup gives for this endpoint."""
    return Found(
        url=url,
        certificate=certificate,
        document_type=document_type,
        process=BILLING,
        signer=certificate,
        expires_at=at + timedelta(hours=1),
        report={"endpoint": {"url": url, "certificate": {"sha256": certificate.sha256}}},
        evidence=(),
    )


def served(participant: str, document_type: DocumentTypeId) -> Participant:
    """A participant that takes one document type."""
    return Participant(
        id=ParticipantId(participant),
        organisation="org_1",
        document_types=((document_type, BILLING),),
        country="NL",
    )
