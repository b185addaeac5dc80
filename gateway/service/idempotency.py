# SPDX-License-Identifier: Apache-2.0
"""Makes a repeated request give its first answer again, and a different one under its key fail.

The unique constraint of the store decides between processes; the set of running keys only gives an
early answer inside one. Source: draft-ietf-httpapi-idempotency-key-header-07, section 2.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.errors import Fault, GatewayError
from gateway.service.errors import IdempotencyKeyTakenError
from gateway.service.ports import Clock, IdempotencyStore
from gateway.service.records import IdempotentAnswer

KEPT_DAYS = 30
NOT_STORED = frozenset({401, 403, 408, 413, 429})
_SERVER_FAULT = 500  # from here on the key is free again: the same request can succeed later

_VISIBLE = re.compile(r"[!-~]{1,255}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


class BadIdempotencyKeyError(GatewayError):
    """The header holds no usable key."""

    code = "malformed_request"
    fault = Fault.CALLER


class IdempotencyKeyReusedError(GatewayError):
    """The key was used before for another request."""

    code = "idempotency_key_reused"
    fault = Fault.CALLER

    def __init__(self) -> None:
        super().__init__(
            "this idempotency key was used for another request",
            advice="Take a new key for a new request; a repeat must be the same to the byte.",
        )


def parse_key(header: str) -> str:
    """The key out of its header, quoted as the draft has it or bare as many clients send it."""
    text = header.strip()
    if quoted := _QUOTED.fullmatch(text):
        text = re.sub(r'\\(["\\])', r"\1", quoted.group(1))
    if not _VISIBLE.fullmatch(text):
        raise BadIdempotencyKeyError("the idempotency key must be 1 to 255 visible characters")
    return text


class Fingerprint:
    """What makes two requests the same, fed in the one pass over the body.

    The parts of a form count without their order and without the boundary between them.
    """

    def __init__(self, *, method: str, path: str, organisation: str, content_type: str) -> None:
        self._head = [method, path, organisation, content_type]
        self._body = hashlib.sha256()
        self._parts: list[str] = []

    def update(self, chunk: bytes) -> None:
        """More bytes of the body, or of the part at hand."""
        self._body.update(chunk)

    def end_part(self, name: str, content_type: str) -> None:
        """A part of a form ended here."""
        self._parts.append("\0".join((name, content_type, self._body.hexdigest())))
        self._body = hashlib.sha256()

    def hexdigest(self) -> str:
        """The digest over everything."""
        lines = [*self._head, *sorted(self._parts), self._body.hexdigest()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One request's hold on its key; `key` is None when the caller sent none."""

    organisation: str
    key: str | None


class Idempotency:
    """Keeps the answers of one process's requests under their keys."""

    def __init__(self, *, store: IdempotencyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running: set[tuple[str, str]] = set()

    @asynccontextmanager
    async def claim(self, organisation: str, header: str | None) -> AsyncIterator[Claim]:
        """Hold the key for the length of one request.

        Raises `IdempotencyKeyTakenError` while another request holds it.
        """
        if header is None:
            yield Claim(organisation=organisation, key=None)
            return
        name = (organisation, parse_key(header))
        if name in self._running:
            raise IdempotencyKeyTakenError("a request with this idempotency key still runs")
        self._running.add(name)
        try:
            yield Claim(organisation=organisation, key=name[1])
        finally:
            self._running.discard(name)

    async def replay(self, claim: Claim, fingerprint: Fingerprint) -> IdempotentAnswer | None:
        """The answer that this request got before, or None if it is new.

        Raises `IdempotencyKeyReusedError` when the key belongs to another request.
        """
        if claim.key is None:
            return None
        stored = await self._store.find(claim.organisation, claim.key)
        if stored is not None and stored.fingerprint != fingerprint.hexdigest():
            raise IdempotencyKeyReusedError
        return stored

    def answer(
        self,
        claim: Claim,
        fingerprint: Fingerprint,
        *,
        status: int,
        headers: dict[str, str],
        body: bytes,
    ) -> IdempotentAnswer | None:
        """The answer as it is to be stored with its effect; None without a key."""
        if claim.key is None or status in NOT_STORED or status >= _SERVER_FAULT:
            return None
        return IdempotentAnswer(
            organisation=claim.organisation,
            key=claim.key,
            fingerprint=fingerprint.hexdigest(),
            status=status,
            headers=headers,
            body=body,
            at=self._clock(),
        )

    async def remember(self, answer: IdempotentAnswer | None) -> None:
        """Store an answer that had no effect of its own to be stored with."""
        if answer is not None:
            await self._store.remember(answer)
