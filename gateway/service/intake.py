# SPDX-License-Identifier: Apache-2.0
"""One received AS4 message, from its first byte to an opened envelope; no I/O, no clock.

Joins two rooms that do not know each other: `as4.Reader` verifies, decrypts and unpacks,
`sbdh.EnvelopeReader` opens what comes out, in the same pass. What the envelope says is judged only
after the digest of its part was right, whatever was seen on the way.

Rows 1 to 19 of the checks in docs/architecture.md. Source: Peppol AS4 profile 2.0.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway import as4, pki, sbdh
from gateway.errors import GatewayError
from gateway.identifiers import DocumentTypeId, InvalidIdentifierError, ParticipantId, ProcessId


class Served(Protocol):
    """Who is received here."""

    def serves(
        self,
        receiver: ParticipantId,
        document_type: DocumentTypeId | None = None,
        process: ProcessId | None = None,
    ) -> bool:
        """Whether the participant is ours, and takes this document in this process."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that passed every check; `envelope` is None for the test service."""

    received: as4.Received
    envelope: sbdh.Envelope | None


class Intake:
    """Feeds one message through both rooms.

    `sink` gets the signed bytes of the envelope's part as they are decrypted; until `message`
    returns nothing in it is proved. `as4.AS4Error` says what is wrong, with its step.
    """

    def __init__(
        self,
        headers: as4.Headers,
        *,
        keys: Sequence[pki.Unwrapper],
        trust: pki.TrustPolicy,
        revocation: pki.Revocation,
        served: Served,
        at: datetime,
        sink: as4.Sink,
        limits: as4.Limits = as4.DEFAULT_LIMITS,
    ) -> None:
        self._reader = as4.Reader(
            headers, keys=keys, trust=trust, revocation=revocation, at=at, limits=limits
        )
        self._served = served
        self._sink = sink
        self._envelope = sbdh.EnvelopeReader()
        self._envelope_error: GatewayError | None = None
        self._received: as4.Received | None = None
        self.verified: as4.Verified | None = None

    @property
    def message_id(self) -> str | None:
        """The id of the message, once its header was verified."""
        return self.verified.user_message.message_id if self.verified else None

    def feed(self, chunk: bytes) -> Iterator[int]:
        """Take the next bytes; yields how many were unpacked, piece by piece.

        Raises `as4.AS4Error`, also for a receiver that is not served, before its payload is read.
        """
        for event in self._reader.feed(chunk):
            yield self._take(event)

    def close(self) -> Iterator[int]:
        """The body ended. Yields like `feed`; afterwards `message` has the outcome."""
        for event in self._reader.close():
            yield self._take(event)

    def message(self) -> Message:
        """The whole message, checked. Raises `as4.AS4Error` for what its envelope lacks."""
        if self._received is None:
            raise as4.DeliveryFailureError("the message was not read to its end")
        if self._received.verified.ping:
            return Message(received=self._received, envelope=None)
        return Message(received=self._received, envelope=self._open_envelope())

    def _take(self, event: as4.Verified | as4.PartBytes | as4.Received) -> int:
        match event:
            case as4.Verified():
                self.verified = event
                self._refuse_unserved(event)
            case as4.PartBytes() if event.index == 0:
                self._sink.write(event.signed)
                self._read_envelope(event.payload)
                return len(event.payload)
            case as4.PartBytes():
                return len(event.payload)
            case as4.Received():
                self._received = event
        return 0

    def _refuse_unserved(self, verified: as4.Verified) -> None:
        try:
            receiver = ParticipantId(verified.user_message.final_recipient)
        except InvalidIdentifierError:
            return  # it cannot equal the envelope's receiver, which is compared at the end
        if not verified.ping and not self._served.serves(receiver):
            raise as4.NotServicedError(message_id=verified.user_message.message_id)

    def _read_envelope(self, payload: bytes) -> None:
        if self._envelope_error is None and payload:
            try:
                self._envelope.feed(payload)
            except GatewayError as error:
                self._envelope_error = error

    def _open_envelope(self) -> sbdh.Envelope:
        assert self.verified is not None
        header = self.verified.user_message
        try:
            if self._envelope_error is not None:
                raise self._envelope_error
            envelope = self._envelope.close()
            sbdh.match(
                envelope,
                original_sender=header.original_sender,
                original_sender_type=header.original_sender_type,
                final_recipient=header.final_recipient,
                final_recipient_type=header.final_recipient_type,
                service=header.service,
                service_type=header.service_type,
                action=header.action,
            )
        except GatewayError as error:
            raise as4.OtherError(
                error.detail, step="envelope", message_id=header.message_id
            ) from error
        if not self._served.serves(envelope.receiver, envelope.document_type, envelope.process):
            raise as4.NotServicedError(message_id=header.message_id)
        return envelope
