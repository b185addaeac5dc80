# SPDX-License-Identifier: Apache-2.0
"""The values of an eb:UserMessage. Source: ebMS 3.0 Core 5.2; reading them is `ebms.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.as4.const import PEPPOL_PMODE
from gateway.identifiers import PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A message or part property."""

    name: str
    type: str | None
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInfo:
    """What the header says of one payload part; `mime_type` is the type before compression."""

    href: str
    content_id: str
    mime_type: str
    compressed: bool
    character_set: str | None
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    """The eb:UserMessage of a request. Participants and types are as written, not yet judged."""

    message_id: str
    sent_at: datetime
    conversation_id: str
    sending_ap: PartyId
    receiving_ap: PartyId
    service: str
    service_type: str | None
    action: str
    original_sender: str
    original_sender_type: str
    final_recipient: str
    final_recipient_type: str
    parts: tuple[PartInfo, ...]
    properties: tuple[Property, ...]

    @property
    def ping(self) -> bool:
        """Whether this is a message to the test service (ebMS 3.0 Core 5.2.2)."""
        return (self.service, self.action) == (
            PEPPOL_PMODE.test_service,
            PEPPOL_PMODE.test_action,
        )
