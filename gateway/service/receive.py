# SPDX-License-Identifier: Apache-2.0
"""The inbound story: receive, unpack, verify, decrypt, envelope, store, receipt.

Nothing is promised before it is kept: the receipt is built, stored together with the message in
one commit, and only then answered. Whether a message is a repeat is decided by the store's unique
constraint, not by a look before. Sources: as4.md 8 and 10; Peppol AS4 profile 2.0.3.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from gateway import as4, pki, sbdh
from gateway.errors import GatewayError
from gateway.service.access_point import AccessPoint
from gateway.service.intake import Intake, Message
from gateway.service.ports import (
    Clock,
    IdMaker,
    InboundStore,
    ParticipantStore,
    PayloadStore,
    Spool,
)
from gateway.service.records import (
    Content,
    Direction,
    Evidence,
    InboundMessage,
    ReportingRow,
    Routing,
    StoredReceipt,
    Wire,
)
from gateway.service.serving import ServedHere

# Below these a message is handled on the event loop; handing 1 to 3 ms of work over costs more.
INLINE_WIRE = 256 * 1024
INLINE_PAYLOAD = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back on the same connection; `outcome` is a word for the log."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    outcome: str
    message_id: str | None = None
    document_id: str | None = None


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
            known = await self._read(intake, body)
            if known is not None:
                return self._repeat(intake, known)
            message = intake.message()
            if message.envelope is None:
                return self._answer(message.received, outcome="ping")
            return await self._keep(headers, message, message.envelope, spool)
        except GatewayError as error:
            return self._answer(error, outcome=error.code, message_id=intake.message_id)
        finally:
            spool.discard()

    async def _read(self, intake: Intake, body: AsyncIterable[bytes]) -> StoredReceipt | None:
        """Feed the body. A known message of more than one chunk is not read to its end."""
        small, size = True, 0
        asked = False
        async for chunk in body:
            size += len(chunk)
            small = small and size <= INLINE_WIRE
            await self._advance(intake.feed(chunk), inline=small)
            if intake.verified is not None and not small and not asked:
                asked = True
                known = await self._known(intake.verified)
                if known is not None:
                    return known
        await self._advance(intake.close(), inline=small)
        return None

    async def _advance(self, pieces: Iterator[int], *, inline: bool) -> None:
        """Run the engine: on the loop while there is little to unpack, else in a thread."""
        unpacked = 0
        if inline:
            for size in pieces:
                unpacked += size
                if unpacked > INLINE_PAYLOAD:
                    break
            else:
                return
        await asyncio.get_running_loop().run_in_executor(self._threads, _exhaust, pieces)

    async def _known(self, verified: as4.Verified) -> StoredReceipt | None:
        header = verified.user_message
        return await self._store.receipt_of(header.sending_ap, header.message_id)

    async def _keep(
        self, headers: as4.Headers, message: Message, envelope: sbdh.Envelope, spool: Spool
    ) -> Reply:
        content = await self._payloads.keep(spool, gzip=message.received.parts[0].compressed)
        at = self._clock()
        receipt = as4.answer(
            message.received, signer=self._us.signer, message_id=self._message_id(), at=at
        )
        record = self._record(headers, message.received, envelope, content, receipt=receipt, at=at)
        earlier = await self._store.accept(record)
        if earlier is not None:
            await self._payloads.delete(content)
            return self._repeated(message.received.verified, earlier)
        return Reply(
            status=receipt.status,
            headers=receipt.headers,
            body=receipt.body,
            outcome="received",
            message_id=record.message_id,
            document_id=record.document_id,
        )

    def _record(
        self,
        headers: as4.Headers,
        received: as4.Received,
        envelope: sbdh.Envelope,
        content: Content,
        *,
        receipt: as4.Signal,
        at: datetime,
    ) -> InboundMessage:
        verified = received.verified
        header = verified.user_message
        participant = self._participants.served(envelope.receiver)
        organisation = participant.organisation if participant else ""
        return InboundMessage(
            document_id=self._ids.prefixed("doc"),
            exchange_id=self._ids.prefixed("msg"),
            organisation=organisation,
            sending_ap=header.sending_ap,
            receiving_ap=header.receiving_ap,
            message_id=header.message_id,
            conversation_id=header.conversation_id,
            sent_at=header.sent_at,
            received_at=at,
            routing=Routing(
                sender=envelope.sender,
                receiver=envelope.receiver,
                document_type=envelope.document_type,
                process=envelope.process,
                country_c1=envelope.country_c1,
            ),
            instance_id=envelope.instance_id,
            mls_to=envelope.mls_to,
            mls_type=envelope.mls_type,
            content=content,
            content_media_type=envelope.media_type,
            wire=Wire(
                http_headers=header_lines(headers),
                soap=verified.soap,
                part_headers=received.parts[0].headers,
            ),
            digests=verified.digests,
            receipt=receipt.body,
            receipt_message_id=receipt.message_id,
            evidence=(certificate_evidence(verified.signer), *self._crls(verified.signer)),
            revocation=verified.revocation,
            reporting=ReportingRow(
                direction=Direction.INBOUND,
                exchanged_at=header.sent_at,
                other_ap=header.sending_ap,
                document_type=envelope.document_type,
                process=envelope.process,
                country_c1=envelope.country_c1,
                country_c4=participant.country if participant else None,
                end_user=organisation or envelope.receiver.folded,
            ),
        )

    def _crls(self, signer: pki.Certificate) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(kind="crl", sha256=crl.sha256, data=crl.der)
            for crl in self._us.revocation().evidence(signer)
        )

    def _repeat(self, intake: Intake, known: StoredReceipt) -> Reply:
        assert intake.verified is not None
        return self._repeated(intake.verified, known)

    def _repeated(self, verified: as4.Verified, known: StoredReceipt) -> Reply:
        header = verified.user_message
        if known.digests != verified.digests:
            error = as4.DuplicateContentError(message_id=header.message_id)
            return self._answer(error, outcome="duplicate_content", message_id=header.message_id)
        return Reply(
            status=200,
            headers=as4.SIGNAL_HEADERS,
            body=known.receipt,
            outcome="duplicate",
            message_id=header.message_id,
            document_id=known.document_id,
        )

    def _answer(
        self, what: as4.Received | GatewayError, *, outcome: str, message_id: str | None = None
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


def certificate_evidence(certificate: pki.Certificate) -> Evidence:
    """A certificate as a piece of evidence."""
    return Evidence(kind="certificate", sha256=certificate.sha256, data=certificate.der)


def header_lines(headers: as4.Headers) -> bytes:
    """HTTP headers as lines, as they are kept for evidence."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "replace")


def _exhaust(pieces: Iterator[int]) -> None:
    for _ in pieces:
        pass
