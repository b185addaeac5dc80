# SPDX-License-Identifier: Apache-2.0
"""What a peer can do for a test, the same for every one of them, and the values of it.

A peer that sends takes a `Shipment` and says of each file how it ended. A peer that receives has
an address and a certificate, and says what came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway import pki
from gateway.identifiers import DocumentTypeId, ProcessId
from gateway.sandbox.pki import IssuedLeaf


class PeerError(AssertionError):
    """A peer's program ended, or its library raised what its program did not expect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What a peer is to send: each file is one message.

    `by` is who the peer is to be. The ids of envelope and conversation are the peer's own unless
    they are given. `options` are words that only this peer knows.
    """

    url: str
    to: pki.Certificate
    by: IssuedLeaf
    sender: str
    receiver: str
    document_type: DocumentTypeId
    process: ProcessId
    files: tuple[bytes, ...]
    country: str = "NL"
    times: int = 1  # so often every message is sent, the same bytes each time
    instance_id: str | None = None
    conversation_id: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a peer says of one message that it sent.

    `delivered`: it holds a receipt that it verified. `verified` is what it says of the signature
    of the answer; None if it does not say. `request` and `answer` are HTTP bodies, where known.
    """

    delivered: bool
    message_id: str
    code: str | None = None
    detail: str | None = None
    verified: bool | None = None
    status: int | None = None
    request: bytes | None = None
    answer: bytes | None = None

    @property
    def words(self) -> str:
        """Code and detail of a refusal."""
        return " ".join(text for text in (self.code, self.detail) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One message that a peer took; `document` is the SHA-256 of the canonical business document.

    `signer` is the seat in the certificate that it verified the message with.
    """

    message_id: str
    conversation_id: str
    instance_id: str | None
    signer: str
    sender: str
    receiver: str
    document_type: str  # with its scheme
    process: str  # without
    document: str


class SendingPeer(Protocol):
    """A peer that sends."""

    @property
    def name(self) -> str:
        """What the peer is called."""
        ...

    async def send(self, shipment: Shipment) -> Sequence[Outcome]:
        """Send every file; what came of it, in order."""
        ...


class ReceivingPeer(Protocol):
    """A peer that receives."""

    @property
    def name(self) -> str:
        """What the peer is called."""
        ...

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def leaf(self) -> IssuedLeaf:
        """Its certificate."""
        ...

    async def came(self, message_id: str) -> Sequence[Came]:
        """What it took under a message id, once for each time."""
        ...
