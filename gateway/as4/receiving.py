# SPDX-License-Identifier: Apache-2.0
"""The inbound story: one AS4 request, from its first byte to its last, without I/O.

The story is a generator that yields None where it needs more bytes. The SOAP part is verified
before any payload byte is looked at; then the parts go through in one pass. Order of the checks:
docs/architecture.md. Limits: `limits.py`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import pki
from gateway.as4.body import Body
from gateway.as4.encryption import unwrap_key
from gateway.as4.errors import AS4Error, MimeInconsistencyError, Step, UnprotectedPartError
from gateway.as4.limits import DEFAULT_LIMITS, Limits
from gateway.as4.mime import PartHeaders, read_framing
from gateway.as4.parts import PartBytes, PartReceiver, ReceivedPart
from gateway.as4.splitter import Mark, PartData
from gateway.as4.verifying import PartPlan, Verified, verify_request

Headers = Sequence[tuple[str, str]]

_MISSING = "a payload part is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message of which everything holds; its receipt may be given once it is stored."""

    verified: Verified
    parts: tuple[ReceivedPart, ...]


Event = Verified | PartBytes | Received


class Reader:
    """One request: `feed` its body, then `close`; each gives the events that became known.

    `Verified` comes first; `Received` comes last, and only from `close`. Errors come as `AS4Error`,
    `SOAPFaultError` or `HTTPRefusedError`, also those of the headers; after one of them there are
    no events any more. Events are made while they are taken; what a caller does not take waits
    for the next call.
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
        self._body = Body(max_bytes=limits.max_body_bytes)
        self._verified: Verified | None = None
        self._story = self._tell()

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take the next bytes of the body."""
        self._body.feed(chunk)
        return self._advance()

    def close(self) -> Iterator[Event]:
        """The body ends here."""
        self._body.close()
        return self._advance()

    def _advance(self) -> Iterator[Event]:
        try:
            for event in self._story:
                if event is None:
                    return
                yield event
        except AS4Error as error:
            if self._verified is not None:
                error.message_id = self._verified.user_message.message_id
            raise

    def _tell(self) -> Generator[Event | None, None, None]:
        framing = read_framing(self._headers)  # 1
        soap_part = yield from self._body.soap_part(framing)  # 2
        try:
            verified, plan = verify_request(  # 3 to 13
                soap_part,
                keys=self._keys,
                trust=self._trust,
                revocation=self._revocation,
                at=self._at,
            )
        except UnprotectedPartError as error:
            yield from self._refuse_missing(error)  # 7 comes first
            raise
        self._verified = verified
        yield verified  # whoever takes the events looks for duplicates now (14)
        parts = yield from self._read_parts(verified, plan)  # 7, 15, 16, 17
        yield from self._body.skip_epilogue()
        yield Received(verified=verified, parts=parts)

    def _read_parts(
        self, verified: Verified, plan: PartPlan
    ) -> Generator[PartBytes | None, None, tuple[ReceivedPart, ...]]:
        infos = verified.user_message.parts
        wanted = {info.content_id: index for index, info in enumerate(infos)}
        key = unwrap_key(plan.key, self._keys) if plan.key else b""
        received: dict[int, ReceivedPart] = {}
        first = True
        while isinstance(headers := (yield from self._body.next_event()), PartHeaders):
            index = next((wanted[name] for name in headers.names if name in wanted), None)
            if first and infos and index != 0:
                raise _inconsistent("the first payload is not the first part after the SOAP part")
            first = False
            if index in received:
                raise _inconsistent("two parts answer to the same name")
            if index is None:  # not named in PayloadInfo: not processed (ebMS 3.0 Core 5.2.2.12)
                yield from self._skip_part()
                continue
            receiver = PartReceiver(
                infos[index],
                headers,
                index=index,
                key=key,
                mime_type=plan.mime_types[infos[index].content_id],
                digest=plan.digests[infos[index].content_id],
                limits=self._limits,
            )
            yield from self._read_part(receiver)
            received[index] = receiver.result()
        if len(received) != len(infos):
            raise _inconsistent(_MISSING)
        return tuple(received[index] for index in range(len(infos)))

    def _read_part(self, receiver: PartReceiver) -> Generator[PartBytes | None, None, None]:
        while isinstance(event := (yield from self._body.next_event()), PartData):
            yield from receiver.feed(event.data)
        yield from receiver.close()

    def _refuse_missing(self, error: UnprotectedPartError) -> Generator[None, None, None]:
        missing = set(error.unprotected)
        while missing and isinstance(part := (yield from self._body.next_event()), PartHeaders):
            missing.difference_update(part.names)
            yield from self._skip_part()
        if missing:
            raise MimeInconsistencyError(
                _MISSING, step=Step.PARTS, message_id=error.message_id
            ) from error

    def _skip_part(self) -> Generator[None, None, None]:
        while (yield from self._body.next_event()) is not Mark.PART_END:
            pass


def receive(
    headers: Headers,
    body: bytes,
    *,
    keys: Sequence[pki.Unwrapper],
    trust: pki.TrustPolicy,
    revocation: pki.Revocation,
    at: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Received, tuple[bytes, ...]]:
    """Read a whole request at once and give its payloads too; for small messages and tests."""
    reader = Reader(headers, keys=keys, trust=trust, revocation=revocation, at=at, limits=limits)
    payloads: dict[int, list[bytes]] = {}
    received: Received | None = None
    for events in (reader.feed(body), reader.close()):
        for event in events:
            if isinstance(event, PartBytes):
                payloads.setdefault(event.index, []).append(event.payload)
            elif isinstance(event, Received):
                received = event
    assert received is not None  # close() ends with it or raises
    count = len(received.parts)
    return received, tuple(b"".join(payloads.get(index, [])) for index in range(count))


def _inconsistent(detail: str) -> MimeInconsistencyError:
    return MimeInconsistencyError(detail, step=Step.PARTS)
