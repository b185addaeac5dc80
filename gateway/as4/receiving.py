# SPDX-License-Identifier: Apache-2.0
"""The inbound story: one AS4 request, from its first byte to the last, without I/O.

The story is a generator that asks for more bytes by yielding None. It opens the frame, verifies
the SOAP part before any payload byte is looked at, then takes the parts in one pass. Order of the
checks: as4.md 8. Limits: `limits.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import pki
from gateway.as4 import const
from gateway.as4.encryption import unwrap_key
from gateway.as4.errors import AS4Error, HTTPRefusedError, MimeInconsistencyError, Step
from gateway.as4.limits import DEFAULT_LIMITS, MAX_EARLY_PART_BYTES, MAX_SOAP_BYTES, Limits
from gateway.as4.mime import Framing, PartHeaders, read_framing
from gateway.as4.parts import PartBytes, PartReceiver, ReceivedPart
from gateway.as4.splitter import Mark, PartData, SplitEvent, Splitter
from gateway.as4.transfer import transfer_decoder
from gateway.as4.verifying import PartPlan, Verified, verify_request
from gateway.errors import GatewayError

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message of which everything holds: its receipt may be given once it is stored."""

    verified: Verified
    parts: tuple[ReceivedPart, ...]


Event = Verified | PartBytes | Received


class Reader:
    """One request: `feed` its body, then `close`. Each gives the events that became known.

    `Verified` comes first, `Received` last and only from `close`. Errors come as `AS4Error`,
    `SOAPFaultError` or `HTTPRefusedError`, also those of the headers, and stay: after one of them
    every further call raises it again. The events of a call are made while they are taken; what
    is not taken waits for the next call.
    """

    def __init__(
        self,
        headers: Headers,
        *,
        keys: Sequence[pki.Unwrapper],
        trust: pki.TrustPolicy,
        revocation: pki.Revocation,
        at: datetime,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._headers = tuple(headers)
        self._keys = tuple(keys)
        self._trust = trust
        self._revocation = revocation
        self._at = at
        self._limits = limits
        self._input: deque[bytes] = deque()
        self._closed = False
        self._size = 0
        self._verified: Verified | None = None
        self._error: GatewayError | None = None
        self._story = self._tell()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take the next bytes of the body."""
        self._input.append(chunk)
        return self._advance()

    def close(self) -> Iterator[Event]:
        """The body ends here."""
        self._closed = True
        return self._advance()

    def _advance(self) -> Iterator[Event]:
        if self._error is not None:
            raise self._error
        try:
            for event in self._story:
                if event is None:
                    return
                yield event
        except GatewayError as error:
            self._error = error
            if isinstance(error, AS4Error) and self._verified is not None:
                error.message_id = self._verified.user_message.message_id
            raise

    def _tell(self) -> Generator[Event | None, None, None]:
        framing = read_framing(self._headers)
        if framing.boundary is None:
            verified, _ = self._verify((yield from self._plain_soap()))
            yield verified
            if verified.user_message.parts:
                raise _missing_part()
            yield Received(verified=verified, parts=())
            return
        splitter = Splitter(framing.boundary)
        collected = _EarlyParts()
        soap_part = yield from self._find_soap(splitter, framing, collected)
        verified, plan = self._verify(soap_part)
        yield verified
        parts = _Parts(verified, plan, keys=self._keys, limits=self._limits)
        yield from parts.replay(collected)
        yield from self._read_parts(splitter, parts)
        yield Received(verified=verified, parts=parts.results())

    def _verify(self, soap_part: bytes) -> tuple[Verified, PartPlan]:
        verified, plan = verify_request(
            soap_part, keys=self._keys, trust=self._trust, revocation=self._revocation, at=self._at
        )
        self._verified = verified
        return verified, plan

    def _plain_soap(self) -> Generator[None, None, bytes]:
        soap = bytearray()
        while (chunk := (yield from self._more())) is not None:
            soap += chunk
            _refuse_large_soap(len(soap))
        return bytes(soap)

    def _find_soap(
        self, splitter: Splitter, framing: Framing, early: _EarlyParts
    ) -> Generator[None, None, bytes]:
        """The SOAP part: the first one, or the one that `start` names; others before it wait."""
        while True:
            event = yield from self._next(splitter)
            if not isinstance(event, PartHeaders):
                raise MimeInconsistencyError("there is no SOAP part", step=Step.MIME)
            early.note(event)
            if framing.start is None or event.content_id == framing.start:
                return (yield from self._soap_part(splitter, event))
            data = bytearray()
            while isinstance(piece := (yield from self._next(splitter)), PartData):
                early.count(len(piece.data))
                data += piece.data
            early.keep(event, bytes(data))

    def _soap_part(
        self, splitter: Splitter, headers: PartHeaders
    ) -> Generator[None, None, bytes]:
        if headers.media_type != const.SOAP_TYPE:
            raise MimeInconsistencyError("the first part is not SOAP 1.2", step=Step.MIME)
        decoder = transfer_decoder(headers.transfer_encoding)
        soap = bytearray()
        while isinstance(piece := (yield from self._next(splitter)), PartData):
            soap += decoder.feed(piece.data)
            _refuse_large_soap(len(soap))
        return bytes(soap + decoder.close())

    def _read_parts(
        self, splitter: Splitter, parts: _Parts
    ) -> Generator[PartBytes | None, None, None]:
        while (event := (yield from self._next(splitter))) is not Mark.BODY_END:
            assert isinstance(event, PartHeaders)
            receiver = parts.open(event)
            while isinstance(piece := (yield from self._next(splitter)), PartData):
                if receiver is not None:
                    yield from receiver.feed(piece.data)
            if receiver is not None:
                yield from parts.complete(receiver)
        # What follows is ignored, but counts for the ceiling.
        while (yield from self._more()) is not None:
            pass

    def _next(self, splitter: Splitter) -> Generator[None, None, SplitEvent]:
        while (event := splitter.next_event()) is None:
            chunk = yield from self._more()
            if chunk is None:
                raise MimeInconsistencyError(
                    "the multipart body has no closing boundary", step=Step.MIME
                )
            splitter.feed(chunk)
        return event

    def _more(self) -> Generator[None, None, bytes | None]:
        """The next chunk of the body; None at its end."""
        while not self._input:
            if self._closed:
                return None
            yield None
        chunk = self._input.popleft()
        self._size += len(chunk)
        if self._size > self._limits.max_body_bytes:
            raise HTTPRefusedError("the request is too large", status=413)
        return chunk


class _EarlyParts:
    """Parts that came before the SOAP part, held in memory under a ceiling."""

    def __init__(self) -> None:
        self.content_ids: set[str] = set()
        self.parts: list[tuple[PartHeaders, bytes]] = []
        self._size = 0

    def note(self, headers: PartHeaders) -> None:
        """Refuse a Content-ID that stands there twice."""
        if headers.content_id is None:
            return
        if headers.content_id in self.content_ids:
            raise MimeInconsistencyError("two parts have the same Content-ID", step=Step.MIME)
        self.content_ids.add(headers.content_id)

    def count(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EARLY_PART_BYTES:
            raise MimeInconsistencyError(
                "too much stands before the SOAP part: send it first", step=Step.MIME
            )

    def keep(self, headers: PartHeaders, data: bytes) -> None:
        self.parts.append((headers, data))
