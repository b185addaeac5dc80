# SPDX-License-Identifier: Apache-2.0
"""What is given to `compose` and what is kept of it: an order, where bytes go, what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from gateway.as4.signature import SignedReference
from gateway.errors import GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class Sink(Protocol):
    """Where bytes go: a file, a spool, a buffer."""

    def write(self, chunk: bytes, /) -> object:
        """Take the next bytes."""
        ...


class UnusableOrderError(GatewayError):
    """An order that cannot become a message: a fault of ours, not of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send to whom. `payload` is the business message envelope, in pieces."""

    sending_ap: PartyId
    receiving_ap: PartyId
    original_sender: ParticipantId
    final_recipient: ParticipantId
    document_type: DocumentTypeId
    process: ProcessId
    conversation_id: str
    host: str
    payload: Iterable[bytes]

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise UnusableOrderError(
                "the host for message ids is not a host name",
                advice="Set [as4] host to a name such as ap.example.nl.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a reply is judged against; kept beside the message until a receipt is there."""

    message_id: str
    receiving_ap: PartyId
    references: tuple[SignedReference, ...]

    def to_bytes(self) -> bytes:
        """For the store."""
        references = [[r.uri, r.digest_algorithm, r.digest_value.hex()] for r in self.references]
        fields = {
            "message_id": self.message_id,
            "receiving_ap": self.receiving_ap.value,
            "references": references,
        }
        return json.dumps(fields, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Back from the store. Raises `UnusableOrderError` for other bytes."""
        try:
            fields = json.loads(data)
            references = tuple(
                SignedReference(uri=uri, digest_algorithm=name, digest_value=bytes.fromhex(digest))
                for uri, name, digest in fields["references"]
            )
            return cls(
                message_id=fields["message_id"],
                receiving_ap=PartyId(fields["receiving_ap"]),
                references=references,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableOrderError("the record of a sent message is damaged") from error
