# SPDX-License-Identifier: Apache-2.0
"""What was received and waits for its organisation: look without a trace, acknowledge one by one.

Acknowledging is by document and says that corner 4 has it; nothing on the sending side can do so,
also where sender and receiver are the same organisation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.errors import PointedError
from gateway.service.lifecycle import Inbound
from gateway.service.ports import Clock, DocumentIndex
from gateway.service.records import (
    Acknowledgement,
    AcknowledgementResult,
    Caller,
    Direction,
    DocumentFilter,
    Page,
)

MAX_ITEMS = 200
MAX_TEXT = 255

_COUNTRY = re.compile(r"[A-Z]{2}")


class Outcome(StrEnum):
    """What corner 4 made of a document."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Which waiting documents are meant; None means all."""

    receiver: ParticipantId | None = None
    document_type: DocumentTypeId | None = None


class Inbox:
    """The use case: an organisation takes what it received."""

    def __init__(self, *, index: DocumentIndex, clock: Clock) -> None:
        self._index = index
        self._clock = clock

    async def waiting(
        self, caller: Caller, wanted: InboxFilter, *, limit: int, after: str | None
    ) -> Page:
        """What is ready, oldest first. Changes nothing."""
        return await self._index.page(
            DocumentFilter(
                organisation=caller.organisation.id,
                direction=Direction.INBOUND,
                states=(Inbound.READY,),
                receiver=wanted.receiver,
                document_type=wanted.document_type,
            ),
            limit=limit,
            after=after,
            newest_first=False,
        )

    async def acknowledge(
        self, caller: Caller, items: Sequence[Acknowledgement]
    ) -> list[AcknowledgementResult]:
        """Acknowledge each; an item that is not there or not ready undoes no other.

        Raises `PointedError` for words out of their range, before anything is done.
        """
        if not 0 < len(items) <= MAX_ITEMS:
            raise PointedError(f"items must hold 1 to {MAX_ITEMS} entries", pointer="#/items")
        for number, item in enumerate(items):
            _check(item, pointer=f"#/items/{number}")
        return await self._index.acknowledge(caller.organisation.id, items, at=self._clock())


def _check(item: Acknowledgement, *, pointer: str) -> None:
    if item.country_c4 is not None and not _COUNTRY.fullmatch(item.country_c4):
        raise PointedError(
            "c4_country is a two-letter code such as NL", pointer=f"{pointer}/c4_country"
        )
    texts = {"reason": item.reason, "external_reference": item.external_reference}
    for name, text in texts.items():
        if text is not None and len(text) > MAX_TEXT:
            raise PointedError(
                f"{name} has at most {MAX_TEXT} characters", pointer=f"{pointer}/{name}"
            )
