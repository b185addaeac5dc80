# SPDX-License-Identifier: Apache-2.0
"""One exchange over a wire of our own: what goes out, and what each kind of answer becomes."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, Callable, Sequence
from typing import Any

import pytest

from gateway import as4, pki
from gateway.errors import GatewayError
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.access_point import AccessPoint
from gateway.service.errors import AddressRefusedError, UnreachableError
from gateway.service.evidence import header_lines
from gateway.service.exchange import Exchange, Outcome
from gateway.service.lifecycle import Event
from gateway.service.ports import HTTPAnswer
from gateway.service.receive import Reply
from gateway.service.records import Content, OutboundMessage, Problem, Wire
from gateway.service.verdict import RECEIPT_WITHOUT_PROOF
from tests import builders
from tests.fakes import FixedClock, MemoryPayloads
from tests.pki_fixtures import AT
from tests.service_messages import Desk, pieces

URL = "http://ap2.example/as4"
Answer = HTTPAnswer | GatewayError | Callable[[Reply], HTTPAnswer] | None


class Wired:
    """The port `AS4Transport`: hands the request to a desk, or answers in its place."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.instead: Answer = None
        self.sent: list[tuple[str, Sequence[tuple[str, str]], int, bytes]] = []

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        data = b"".join([chunk async for chunk in body])
        self.sent.append((url, headers, length, data))
        if isinstance(self.instead, GatewayError):
            raise self.instead
        if isinstance(self.instead, HTTPAnswer):
            return self.instead
        reply = await self._desk.receiver.receive(tuple(headers), pieces(data))
        if self.instead is not None:
            return self.instead(reply)
        return HTTPAnswer(status=reply.status, headers=reply.headers, body=reply.body)


class Sender:
    """Our side: an exchange and one message that is stored already."""

    def __init__(self, desk: Desk, *, inline: bool = True, lists: Any = None) -> None:
        self.wired, payloads = Wired(desk), MemoryPayloads()
        pair = desk.post.sender
        self.exchange = Exchange(
            payloads=payloads,
            transport=self.wired,
            access_point=AccessPoint(
                signer=pair,
                keys=(pair,),
                trust=desk.trust,
                revocation=lists or (lambda: desk.revocation),
                host="sender.example",
            ),
            clock=FixedClock(AT),
        )
        composed, self.whole = desk.post.made()
        body = self.whole[len(composed.head) : -len(composed.tail)]
        digest = hashlib.sha256(body).hexdigest()
        payloads.kept[digest] = body
        content = Content(size=len(body), sha256=digest, gzip=False, key="k")
        if inline:
            content = Content(size=len(body), sha256=digest, gzip=False, inline=body)
        self.message = OutboundMessage(
            exchange_id="msg_1",
            document_id="doc_1",
            message_id=composed.sent.message_id,
            conversation_id=composed.conversation_id,
            instance_id="instance-1",
            sent_at=AT,
            receiving_ap=composed.sent.receiving_ap,
            url=URL,
            sent=composed.sent.to_bytes(),
            http_headers=composed.headers,
            wire=Wire(
                http_headers=header_lines(composed.headers),
                soap=composed.soap,
                part_headers=composed.part_headers,
            ),
            head=composed.head,
            body=content,
            tail=composed.tail,
            signed=content,
        )

    async def run(self, instead: Answer = None, *, before: Problem | None = None) -> Outcome:
        self.wired.instead = instead
        return await self.exchange.run(self.message, before=before)


@pytest.mark.parametrize("inline", [True, False])
async def test_what_is_stored_goes_out_and_a_receipt_comes_back(
    desk: Desk, receiver_leaf: IssuedLeaf, inline: bool
) -> None:
    sender = Sender(desk, inline=inline)
    outcome = await sender.run()
    ((url, headers, length, data),) = sender.wired.sent
    assert (url, headers) == (URL, sender.message.http_headers)
    assert data == sender.whole
    assert length == len(data)
    assert outcome.verdict.event is Event.RECEIPT_VERIFIED
    assert outcome.receipt is not None
    assert outcome.receipt.signer == receiver_leaf.certificate
    assert outcome.answer is not None
    assert outcome.answer.status == 200


async def test_an_error_signal_is_no_receipt(desk: Desk) -> None:
    await desk.participants.remove(builders.RECEIVER)
    outcome = await Sender(desk).run()
    assert outcome.receipt is None
    assert outcome.verdict.event is Event.PEER_REFUSED
    assert outcome.verdict.look_again
    assert outcome.verdict.problem is not None
    assert outcome.verdict.problem.code == "not_serviced"


@pytest.mark.parametrize(
    ("error", "event", "code"),
    [
        (UnreachableError("no"), Event.DEFERRED, "connection_failed"),
        (UnreachableError("no", cause="timeout"), Event.DEFERRED, "receiver_timeout"),
        (UnreachableError("no", cause="tls"), Event.DEFERRED, "tls_failed"),
        (AddressRefusedError("private"), Event.GAVE_UP, "connection_failed"),
    ],
)
async def test_nobody_there(desk: Desk, error: GatewayError, event: Event, code: str) -> None:
    outcome = await Sender(desk).run(error)
    assert outcome.answer is None
    assert outcome.verdict.event is event
    assert outcome.verdict.problem is not None
    assert outcome.verdict.problem.code == code


def changed(old: bytes, new: bytes) -> Callable[[Reply], HTTPAnswer]:
    def answer(reply: Reply) -> HTTPAnswer:
        assert old in reply.body
        body = reply.body.replace(old, new)
        return HTTPAnswer(status=reply.status, headers=reply.headers, body=body)

    return answer


async def test_a_receipt_that_was_changed_proves_nothing(desk: Desk) -> None:
    sender = Sender(desk)
    forged = changed(b"<eb:Timestamp>2026", b"<eb:Timestamp>2025")
    first = await sender.run(forged)
    assert (first.receipt, first.verdict.event) == (None, Event.DEFERRED)
    assert first.verdict.problem is not None
    assert first.verdict.problem.ebms_code == "EBMS:0302"
    second = await sender.run(forged, before=first.verdict.problem)
    assert second.verdict.event is Event.GAVE_UP


async def test_a_receipt_that_we_cannot_judge_waits_for_our_lists(desk: Desk) -> None:
    sender = Sender(desk, lists=pki.Revocation.none)
    before: Problem | None = None
    for _ in range(3):
        outcome = await sender.run(before=before)
        before = outcome.verdict.problem
        assert outcome.verdict.event is Event.DEFERRED
        assert before is not None
        assert before.code == "revocation_unknown"


async def test_an_error_whose_signature_is_broken_is_only_a_hint(desk: Desk) -> None:
    await desk.participants.remove(builders.RECEIVER)
    outcome = await Sender(desk).run(changed(b"<eb:Timestamp>2026", b"<eb:Timestamp>2025"))
    assert outcome.verdict.event is Event.DEFERRED
    assert outcome.verdict.look_again


async def test_a_receipt_at_an_odd_status_is_a_receipt(desk: Desk) -> None:
    def odd(reply: Reply) -> HTTPAnswer:
        return HTTPAnswer(status=500, headers=reply.headers, body=reply.body)

    assert (await Sender(desk).run(odd)).verdict.event is Event.RECEIPT_VERIFIED


async def test_a_busy_peer_says_how_long(desk: Desk) -> None:
    answer = HTTPAnswer(status=503, headers=(("Retry-After", "77"),), body=b"")
    outcome = await Sender(desk).run(answer)
    assert outcome.verdict.retry_after is not None
    assert outcome.verdict.retry_after.total_seconds() == 77
    assert outcome.answer is answer


@pytest.mark.parametrize(("tries", "event"), [(0, Event.GAVE_UP), (1, Event.RECEIPT_VERIFIED)])
async def test_tries_of_this_message_decide_what_a_duplicate_means(
    desk: Desk, receiver_leaf: IssuedLeaf, tries: int, event: Event
) -> None:
    sender = Sender(desk)
    sender.message = OutboundMessage(
        **{name: getattr(sender.message, name) for name in sender.message.__slots__}
        | {"tries": tries}
    )
    signal = as4.answer(
        as4.DuplicateContentError(message_id=sender.message.message_id),
        signer=receiver_leaf.pair,
        message_id="s@receiver.example",
        at=AT,
    )
    answer = HTTPAnswer(status=200, headers=signal.headers, body=signal.body)
    outcome = await sender.run(answer)
    assert outcome.verdict.event is event
    assert outcome.receipt is None
    assert outcome.verdict.receipt_note == (RECEIPT_WITHOUT_PROOF if tries else None)
