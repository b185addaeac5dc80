# SPDX-License-Identifier: Apache-2.0
"""One exchange with another access point: send the stored bytes, read the answer, judge it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway import as4
from gateway.service import verdict
from gateway.service.access_point import AccessPoint
from gateway.service.compose import body_chunks
from gateway.service.errors import AddressRefusedError, UnreachableError
from gateway.service.ports import AS4Transport, Clock, HTTPAnswer, PayloadStore
from gateway.service.records import OutboundMessage, Problem
from gateway.service.threads import pieces_off_loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an exchange gave; `receipt` only if it verified."""

    verdict: verdict.Verdict
    answer: HTTPAnswer | None = None
    receipt: as4.Receipt | None = None


class Exchange:
    """Sends messages; whatever happens on the way is an outcome, not an error."""

    def __init__(
        self,
        *,
        payloads: PayloadStore,
        transport: AS4Transport,
        access_point: AccessPoint,
        clock: Clock,
    ) -> None:
        self._payloads = payloads
        self._transport = transport
        self._us = access_point
        self._clock = clock

    async def run(self, message: OutboundMessage, *, before: Problem | None) -> Outcome:
        """Send once. `before` is how the try before this one ended."""
        try:
            answer = await self._transport.send(
                message.url,
                headers=message.http_headers,
                length=len(message.head) + message.body.size + len(message.tail),
                body=self._body(message),
            )
        except (UnreachableError, AddressRefusedError) as error:
            return Outcome(verdict=verdict.judge_unreachable(error, before=before))
        return self._read(message, answer, before=before)

    def _read(
        self, message: OutboundMessage, answer: HTTPAnswer, *, before: Problem | None
    ) -> Outcome:
        at = self._clock()
        try:
            signal = as4.read_reply(
                answer.status,
                answer.headers,
                answer.body,
                as4.Sent.from_bytes(message.sent),
                trust=self._us.trust,
                revocation=self._us.revocation(),
                at=at,
            )
        except as4.ReplyRejectedError as error:
            ruling = verdict.judge_rejected(error, answer, before=before, at=at)
            return Outcome(verdict=ruling, answer=answer)
        ruling = verdict.judge_signal(
            signal,
            number=message.tries + 1,
            retry_after=verdict.read_retry_after(answer, at=at),
            earlier=message.earlier,
        )
        receipt = signal if isinstance(signal, as4.Receipt) else None
        return Outcome(verdict=ruling, answer=answer, receipt=receipt)

    async def _body(self, message: OutboundMessage) -> AsyncIterator[bytes]:
        chunks = body_chunks(self._payloads, message)
        if message.body.inline is not None:
            yield b"".join(chunks)
            return
        async for chunk in pieces_off_loop(chunks):
            yield chunk
