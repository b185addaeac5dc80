# SPDX-License-Identifier: Apache-2.0
"""Documents as their organisation reads and steers them: state, lists, bytes, cancel and retry.

Another organisation's document is not there. The bytes of a document are given back as they came;
out of a received envelope the document is cut without a change.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from gateway.service.contents import document_chunks, plain_chunks
from gateway.service.errors import NotFoundError
from gateway.service.lifecycle import OUTBOUND, Event, Outbound, StateConflictError
from gateway.service.ports import Clock, DocumentIndex, PayloadStore, SubmissionStore
from gateway.service.records import (
    Caller,
    Content,
    Direction,
    Document,
    DocumentFilter,
    Page,
    Problem,
)
from gateway.service.threads import pieces_off_loop

MAX_WAIT_SECONDS = 30
MAX_PAGE = 200

_ACTIONS = ((Event.CANCEL, "cancel"), (Event.RETRY, "retry"))


class ActionConflictError(StateConflictError):
    """The action is not possible now; carries where the document stands and what is possible."""

    def __init__(self, document: Document, action: str) -> None:
        super().__init__(
            f"a document that is {document.state} cannot be stopped or tried again by {action}",
            advice="See next_actions.",
        )
        self.document = document


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """Bytes on their way out; size and digest where they are known before reading."""

    media_type: str
    chunks: AsyncIterator[bytes]
    size: int | None = None
    sha256: str | None = None


class Documents:
    """The use case: an organisation looks after its documents."""

    def __init__(
        self,
        *,
        index: DocumentIndex,
        submissions: SubmissionStore,
        payloads: PayloadStore,
        clock: Clock,
    ) -> None:
        self._index = index
        self._submissions = submissions
        self._payloads = payloads
        self._clock = clock

    async def get(self, caller: Caller, document_id: str) -> Document:
        """One document. Raises `NotFoundError`."""
        document = await self._index.get(document_id, organisation=caller.organisation.id)
        if document is None:
            raise NotFoundError("there is no such document")
        return document

    async def wait(
        self, caller: Caller, document_id: str, *, seconds: float, known: int | None = None
    ) -> Document:
        """The document as soon as it changed from what the caller knows, or when time is over.

        `known` is the sequence that the caller has seen; without it, the present one.
        """
        document = await self.get(caller, document_id)
        after = document.sequence if known is None else known
        if document.settled or document.sequence > after or seconds <= 0:
            return document
        await self._index.wait_for_change(
            document_id, after=after, seconds=min(seconds, MAX_WAIT_SECONDS)
        )
        return await self.get(caller, document_id)

    async def page(
        self, wanted: DocumentFilter, *, limit: int, after: str | None, newest_first: bool
    ) -> Page:
        """One page of a list."""
        return await self._index.page(
            wanted, limit=min(limit, MAX_PAGE), after=after, newest_first=newest_first
        )

    async def content(self, caller: Caller, document_id: str) -> Download:
        """The business document alone, byte for byte."""
        document = await self.get(caller, document_id)
        stored = document.content
        if document.direction is Direction.OUTBOUND:
            return Download(
                media_type=document.content_media_type,
                chunks=_read(plain_chunks(self._payloads, stored), stored),
                size=None if stored.gzip else stored.size,
                sha256=None if stored.gzip else stored.sha256,
            )
        return Download(
            media_type=document.content_media_type,
            chunks=_read(document_chunks(self._payloads, stored), stored),
        )

    async def envelope(self, caller: Caller, document_id: str) -> Download:
        """The business message envelope as it was received, or sent. Raises `NotFoundError`."""
        document = await self.get(caller, document_id)
        stored = document.content
        if document.direction is Direction.OUTBOUND:
            message = await self._submissions.message_of(document_id)
            if message is None:
                raise NotFoundError(
                    "the envelope is not there",
                    advice="It is made when the document is first sent; ask again then.",
                )
            stored = message.signed
        return Download(
            media_type="application/xml",
            chunks=_read(plain_chunks(self._payloads, stored), stored),
        )

    async def cancel(self, caller: Caller, document_id: str) -> Document:
        """Stop a document before it is sent. Raises `ActionConflictError`."""
        problem = Problem(code="cancelled", detail="cancelled by its sender", at=self._clock())
        return await self._act(caller, document_id, Event.CANCEL, problem)

    async def retry(self, caller: Caller, document_id: str) -> Document:
        """Try a document again that was given up. Raises `ActionConflictError`."""
        return await self._act(caller, document_id, Event.RETRY, None)

    async def _act(
        self, caller: Caller, document_id: str, event: Event, problem: Problem | None
    ) -> Document:
        document = await self.get(caller, document_id)
        if event not in _possible(document):
            raise ActionConflictError(document, event)
        try:
            await self._submissions.step(document_id, event, at=self._clock(), problem=problem)
        except StateConflictError as error:  # it moved between the look and the step
            raise ActionConflictError(await self.get(caller, document_id), event) from error
        return await self.get(caller, document_id)


def next_actions(document: Document) -> tuple[str, ...]:
    """What the organisation may do with the document now."""
    if document.direction is Direction.INBOUND:
        return ("acknowledge",) if document.state.value in ("ready", "leased") else ()
    return tuple(word for event, word in _ACTIONS if event in _possible(document))


def _possible(document: Document) -> frozenset[Event]:
    if not isinstance(document.state, Outbound):
        return frozenset()
    return frozenset(OUTBOUND[document.state])


async def _read(chunks: Iterator[bytes], stored: Content) -> AsyncIterator[bytes]:
    """Pieces without blocking the loop; what is small is read at once, in place."""
    if stored.inline is not None and not stored.gzip:
        for chunk in chunks:
            yield chunk
        return
    async for piece in pieces_off_loop(chunks):
        if piece:
            yield piece
