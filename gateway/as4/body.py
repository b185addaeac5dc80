# SPDX-License-Identifier: Apache-2.0
"""The body of a request as it arrives: which part is SOAP, and the other parts in their order.

Its generators yield None where they need more bytes. Sources: RFC 2387 (`start`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

from gateway.as4 import const
from gateway.as4.errors import HTTPRefusedError, InvalidHeaderError, MimeInconsistencyError, Step
from gateway.as4.limits import EVENT_COST, MAX_EARLY_PART_BYTES, MAX_SOAP_BYTES
from gateway.as4.mime import Framing, PartHeaders
from gateway.as4.splitter import Mark, PartData, SplitEvent, Splitter
from gateway.as4.transfer import transfer_decoder


class Body:
    """Bytes in by `feed` and `close`; the SOAP part and the events of the other parts out."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._input: deque[bytes] = deque()
        self._closed = False
        self._size = 0
        self._splitter: Splitter | None = None
        self._early: deque[SplitEvent] = deque()
        self._content_ids: set[str] = set()

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes."""
        self._input.append(chunk)

    def close(self) -> None:
        """There are no more."""
        self._closed = True

    def soap_part(self, framing: Framing) -> Generator[None, None, bytes]:
        """The SOAP part, transfer encoding undone: the whole body, the first part, or the one
        that `start` names. Parts before it wait in memory, under a ceiling.
        """
        if framing.boundary is None:
            return (yield from self._collect_all())
        self._splitter = Splitter(framing.boundary)
        early_bytes = 0
        while isinstance(headers := (yield from self._next_live(self._splitter)), PartHeaders):
            if framing.start in (None, headers.content_id):
                return (yield from self._collect_soap(self._splitter, headers))
            self._early.append(headers)
            while (event := (yield from self._next_live(self._splitter))) is not Mark.PART_END:
                early_bytes += EVENT_COST + (len(event.data) if isinstance(event, PartData) else 0)
                if early_bytes > MAX_EARLY_PART_BYTES:
                    raise _broken("too much stands before the SOAP part: send it first")
                self._early.append(event)
            self._early.append(event)
        raise _broken("there is no SOAP part")

    def next_event(self) -> Generator[None, None, SplitEvent]:
        """The next event of the parts that are not SOAP, until `Mark.BODY_END`."""
        if self._early:
            return self._early.popleft()
        if self._splitter is None:
            return Mark.BODY_END
        return (yield from self._next_live(self._splitter))

    def skip_epilogue(self) -> Generator[None, None, None]:
        """Take what follows the closing boundary; it is ignored but counts for the ceiling."""
        while (yield from self._more()) is not None:
            pass

    def _next_live(self, splitter: Splitter) -> Generator[None, None, SplitEvent]:
        while (event := splitter.next_event()) is None:
            chunk = yield from self._more()
            if chunk is None:
                raise _broken("the multipart body has no closing boundary")
            splitter.feed(chunk)
        if isinstance(event, PartHeaders) and event.content_id is not None:
            if event.content_id in self._content_ids:
                raise _broken("two parts have the same Content-ID")
            self._content_ids.add(event.content_id)
        return event

    def _collect_soap(
        self, splitter: Splitter, headers: PartHeaders
    ) -> Generator[None, None, bytes]:
        if headers.media_type != const.SOAP_TYPE:
            raise _broken("the root part is not SOAP 1.2")
        decoder = transfer_decoder(headers.transfer_encoding)
        soap = bytearray()
        while isinstance(event := (yield from self._next_live(splitter)), PartData):
            soap += decoder.feed(event.data)
            _refuse_large_soap(len(soap))
        return bytes(soap + decoder.close())

    def _collect_all(self) -> Generator[None, None, bytes]:
        soap = bytearray()
        while (chunk := (yield from self._more())) is not None:
            soap += chunk
            _refuse_large_soap(len(soap))
        return bytes(soap)

    def _more(self) -> Generator[None, None, bytes | None]:
        """The next chunk; None at the end of the body."""
        while not self._input:
            if self._closed:
                return None
            yield None
        chunk = self._input.popleft()
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise HTTPRefusedError("the request is too large", status=413)
        return chunk


def _refuse_large_soap(size: int) -> None:
    if size > MAX_SOAP_BYTES:
        raise InvalidHeaderError("the SOAP part is too large", step=Step.XML)


def _broken(detail: str) -> MimeInconsistencyError:
    return MimeInconsistencyError(detail, step=Step.MIME)
