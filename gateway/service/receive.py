# SPDX-License-Identifier: Apache-2.0
"""The inbound story: receive, unpack, verify, decrypt, envelope, store, receipt.

Nothing is promised before it is kept: the receipt is built, stored together with the message in
one commit, and only then answered. Whether a message is a repeat is decided by the store's unique
constraint, not by a look before. The checks in their order: docs/architecture.md. Source: Peppol
AS4 profile 2.0.3.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from gateway import as4, sbdh
from gateway.errors import Fault, GatewayError
from gateway.service.access_point import AccessPoint
from gateway.service.inbound_record import inbound_record
from gateway.service.intake import Intake, Message
from gateway.service.ports import (
    Clock,
    IdMaker,
    InboundStore,
    ParticipantStore,
    PayloadStore,
    Spool,
)
from gateway.service.records import StoredReceipt
from gateway.service.revocations import lists_missing
from gateway.service.serving import ServedHere
from gateway.service.threads import INLINE_PAYLOAD, INLINE_WIRE, in_thread

_TAKEN = frozenset({"received", "duplicate", "ping"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back on the same connection; `outcome` and `why` are words for the log."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    outcome: str
    why: str | None = None
    ours: bool = False  # the fault is on this side: the operator should look
    message_id: str | None = None
    document_id: str | None = None

    @property
    def taken(self) -> bool:
        """Whether it is a receipt; an error signal mostly has the status 200, too."""
        return self.outcome in _TAKEN


@dataclass(slots=True)
class _Load:
    """How much of one message has come, on the wire and unpacked."""

    wire: int = 0
    unpacked: int = 0

    def small(self) -> bool:
        return self.wire <= INLINE_WIRE and self.unpacked <= INLINE_PAYLOAD


class Receiver:
    """Takes messages of other access points."""

    def __init__(
        self,
        *,
        store: InboundStore,
        payloads: PayloadStore,
        participants: ParticipantStore,
        access_point: AccessPoint,
        clock: Clock,
        ids: IdMaker,
        threads: Executor,
        limits: as4.Limits = as4.DEFAULT_LIMITS,
    ) -> None:
        self._store = store
        self._payloads = payloads
        self._participants = participants
        self._served = ServedHere(participants)
        self._us = access_point
        self._clock = clock
        self._ids = ids
        self._threads = threads
        self._limits = limits

    async def receive(self, headers: as4.Headers, body: AsyncIterable[bytes]) -> Reply:
        """Take one message whole and answer it. Errors become error signals here and only here."""
        spool = self._payloads.spool()
        intake = Intake(
            headers,
            keys=self._us.keys,
            trust=self._us.trust,
            revocation=self._us.revocation(),
            served=self._served,
            at=self._clock(),
            sink=spool,
            limits=self._limits,
        )
        try:
            repeat = await self._read(intake, body)
            if repeat is not None:
                return repeat
            message = intake.message()
            if message.envelope is None:
                return self._answer(message.received, "ping", message_id=intake.message_id)
            return await self._keep(headers, message, message.envelope, spool)
        except GatewayError as error:
            return self._refuse(error, intake.message_id)
        finally:
            spool.discard()

    def unable(self) -> Reply:
        """The answer where something failed that nobody foresaw: please send it again."""
        return self._refuse(as4.DeliveryFailureError("the message cannot be processed now"), None)

    async def _read(self, intake: Intake, body: AsyncIterable[bytes]) -> Reply | None:
        """Feed the body. A large message that is known is answered without reading on."""
        load, asked = _Load(), False
        async for chunk in body:
            load.wire += len(chunk)
            await self._advance(intake.feed(chunk), load)
            if intake.verified is not None and not load.small() and not asked:
                asked = True
                known = await self._known(intake.verified)
                if known is not None:
                    return self._repeated(intake.verified, known)
        await self._advance(intake.close(), load)
        return None

    async def _advance(self, pieces: Iterator[int], load: _Load) -> None:
        """Run the engine: on the loop while the message is small, else in a thread."""
        if load.small():
            for size in pieces:
                load.unpacked += size
                if not load.small():
                    break
            else:
                return
        await in_thread(self._threads, lambda: _exhaust(pieces))

    async def _known(self, verified: as4.Verified) -> StoredReceipt | None:
        header = verified.user_message
        return await self._store.receipt_of(header.sending_ap, header.message_id)

    async def _keep(
        self, headers: as4.Headers, message: Message, envelope: sbdh.Envelope, spool: Spool
    ) -> Reply:
        received, message_id = message.received, message.received.verified.user_message.message_id
        participant = self._participants.served(envelope.receiver)
        if participant is None:  # it was taken away while the message came in
            raise as4.NotServicedError(message_id=message_id)
        content = await self._payloads.keep(spool, gzip=received.parts[0].compressed)
        at = self._clock()
        receipt = as4.answer(received, signer=self._us.signer, message_id=self._message_id(), at=at)
        record = inbound_record(
            received,
            envelope,
            headers=headers,
            content=content,
            participant=participant,
            receipt=receipt,
            revocation=self._us.revocation(),
            ids=self._ids,
            at=at,
        )
        earlier = await self._store.accept(record)
        if earlier is not None:
            await self._payloads.delete(content)
            return self._repeated(received.verified, earlier)
        return Reply(
            status=receipt.status,
            headers=receipt.headers,
            body=receipt.body,
            outcome="received",
            message_id=message_id,
            document_id=record.document_id,
        )

    def _repeated(self, verified: as4.Verified, known: StoredReceipt) -> Reply:
        message_id = verified.user_message.message_id
        if known.digests != verified.digests:
            return self._refuse(as4.DuplicateContentError(message_id=message_id), message_id)
        return Reply(
            status=200,
            headers=as4.SIGNAL_HEADERS,
            body=known.receipt,
            outcome="duplicate",
            message_id=message_id,
            document_id=known.document_id,
        )

    def _refuse(self, error: GatewayError, message_id: str | None) -> Reply:
        step = ""
        if isinstance(error, as4.AS4Error | as4.SOAPFaultError):
            message_id, step = error.message_id or message_id, f"{error.step}: "
        why = step + " ".join(text for text in (error.detail, error.advice) if text)
        outcome, ours = error.code, error.fault is Fault.US
        if lists_missing(error):  # our trouble: a sender that hears 0101 would give up
            error, ours = as4.DeliveryFailureError("the message cannot be judged now"), True
        reply = self._answer(error, outcome, message_id=message_id)
        return replace(reply, why=why, ours=ours)

    def _answer(
        self, what: as4.Received | GatewayError, outcome: str, *, message_id: str | None
    ) -> Reply:
        signal = as4.answer(
            what,
            signer=self._us.signer,
            message_id=self._message_id(),
            at=self._clock(),
            ref_to_message_id=message_id,
        )
        return Reply(
            status=signal.status,
            headers=signal.headers,
            body=signal.body,
            outcome=outcome,
            message_id=message_id,
        )

    def _message_id(self) -> str:
        return f"{self._ids.uuid()}@{self._us.host}"


def _exhaust(pieces: Iterator[int]) -> None:
    for _ in pieces:
        pass
