# SPDX-License-Identifier: Apache-2.0
"""The whole way of a document between two access points, and everything that goes wrong on it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway import as4
from gateway.identifiers import ParticipantId
from gateway.sandbox.pki import LocalPKI
from gateway.service.contents import plain_chunks
from gateway.service.errors import UnreachableError
from gateway.service.lifecycle import Inbound, Outbound
from gateway.service.ports import HTTPAnswer
from gateway.service.receive import Reply
from tests.functional.connected import INVOICE, RECEIVER, URL, Road, invoice
from tests.pki_fixtures import AT, shared_key
from tests.road import found_at


@pytest.mark.parametrize("attachment", [0, 3_000_000])
async def test_an_invoice_travels_from_push_to_inbox(road: Road, attachment: int) -> None:
    document = invoice("2026-7", attachment)
    pushed = await road.here.push(document)
    assert pushed.state is Outbound.ACCEPTED
    assert await road.here.work() == 1
    sent = await road.here.document(pushed.id)
    assert (sent.state, sent.attempts, sent.problem) == (Outbound.TRANSMITTED, 1, None)

    (received,) = await road.inbox()
    assert received.state is Inbound.RECEIVED
    assert await road.there.work() == 1
    ready = await road.there.document(received.id)
    assert (ready.state, ready.validation) == (Inbound.READY, "valid")
    assert (ready.summary.number, ready.summary.kind) == ("2026-7", "invoice")
    assert ready.routing == sent.routing
    assert ready.message_id == sent.message_id

    envelope = b"".join(plain_chunks(road.there.store.payloads, ready.content))
    assert document.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>').strip() in envelope


async def test_a_lost_receipt_costs_a_try_and_no_double(road: Road) -> None:
    pushed = await road.push()

    def lost(_: Reply) -> HTTPAnswer:
        raise UnreachableError("no answer in time", cause="timeout")

    road.here.line.answers = [lost]
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    assert waiting.problem.code == "receiver_timeout"
    assert waiting.next_attempt_at == AT + timedelta(minutes=1)

    assert await road.here.work() == 0
    road.clock.forward(minutes=2)
    assert await road.here.work() == 1
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert road.here.line.sent[0] == road.here.line.sent[1]
    assert len(await road.inbox()) == 1


async def test_a_receiver_that_nobody_serves_is_refused_and_said_so(road: Road) -> None:
    await road.there.store.participants.remove(ParticipantId(RECEIVER))
    pushed = await road.push()
    await road.here.work()
    refused = await road.here.document(pushed.id)
    assert refused.state is Outbound.REFUSED
    assert refused.problem is not None
    assert (refused.problem.code, refused.problem.ebms_detail) == (
        "not_serviced",
        "PEPPOL:NOT_SERVICED",
    )
    assert road.here.directory.forgotten == [ParticipantId(RECEIVER)]
    assert await road.inbox() == ()


async def test_an_endpoint_that_moved_gets_a_new_message(road: Road, local_pki: LocalPKI) -> None:
    """The SMP names a new certificate meanwhile: 0102 is not the end."""
    other = local_pki.issue("ap", "POP000112", at=AT, key=shared_key("rolled over"))
    receiver = ParticipantId(RECEIVER)
    right = road.here.directory.found[receiver]
    road.here.directory.found[receiver] = found_at(URL, other.certificate, INVOICE, AT)
    pushed = await road.push()

    def moved(reply: Reply) -> HTTPAnswer:
        road.here.directory.found[receiver] = right
        return HTTPAnswer(status=reply.status, headers=reply.headers, body=reply.body)

    road.here.line.answers = [moved]
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert waiting.state is Outbound.WAITING_RETRY
    assert waiting.problem is not None
    assert waiting.problem.ebms_code == "EBMS:0102"
    road.clock.forward(seconds=2)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert road.here.line.sent[0] != road.here.line.sent[1]
    assert len(await road.inbox()) == 1


async def test_a_repeat_with_other_content_is_refused(road: Road) -> None:
    await road.push("2026-1")
    await road.here.work()
    message = road.here.line.sent[0]
    reply = await road.there.take(message, _headers_of(message))
    assert reply.outcome == "duplicate"
    assert len(await road.inbox()) == 1


def _headers_of(message: bytes) -> tuple[tuple[str, str], ...]:
    boundary = message.split(b"\r\n", 1)[0].removeprefix(b"--").decode()
    kind = f'multipart/related; type="application/soap+xml"; boundary="{boundary}"'
    return (("Content-Type", kind),)


@pytest.mark.parametrize(
    ("answer", "state", "problem"),
    [
        (HTTPAnswer(status=503, headers=(), body=b""), Outbound.WAITING_RETRY, "http_error"),
        (HTTPAnswer(status=200, headers=(), body=b""), Outbound.WAITING_RETRY, "receipt_missing"),
        (
            HTTPAnswer(
                status=502, headers=(("Content-Type", "text/html"),), body=b"<html>bad</html>"
            ),
            Outbound.WAITING_RETRY,
            "http_error",
        ),
        (HTTPAnswer(status=404, headers=(), body=b""), Outbound.WAITING_RETRY, "http_error"),
        (UnreachableError("no connection"), Outbound.WAITING_RETRY, "connection_failed"),
        (UnreachableError("no TLS", cause="tls"), Outbound.WAITING_RETRY, "tls_failed"),
    ],
)
async def test_what_may_pass_is_tried_again(
    road: Road, answer: object, state: Outbound, problem: str
) -> None:
    pushed = await road.push()
    road.here.line.answers = [answer]
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert after.state is state
    assert after.problem is not None
    assert after.problem.code == problem
    road.clock.forward(minutes=2)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_a_wrong_address_is_given_up_after_three_refusals(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [HTTPAnswer(status=404, headers=(), body=b"")] * 3
    for _ in range(3):
        await road.here.work()
        road.clock.forward(minutes=20)
    assert (await road.here.document(pushed.id)).state is Outbound.FAILED


async def test_the_deadline_ends_the_tries(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [UnreachableError("no connection")] * 20
    for _ in range(20):
        await road.here.work()
        road.clock.forward(hours=3)
    after = await road.here.document(pushed.id)
    assert after.state is Outbound.EXPIRED
    assert after.settled


async def test_a_receipt_for_something_else_is_no_receipt(road: Road) -> None:
    first = await road.push("2026-1")
    await road.here.work()
    second = await road.push("2026-2")
    receipts: list[Reply] = []

    def other(reply: Reply) -> HTTPAnswer:
        receipts.append(reply)
        return HTTPAnswer(status=200, headers=as4.SIGNAL_HEADERS, body=b"<x/>")

    road.here.line.answers = [other, other]
    await road.here.work()
    assert (await road.here.document(first.id)).state is Outbound.TRANSMITTED
    assert (await road.here.document(second.id)).state is Outbound.WAITING_RETRY
    assert len(receipts) == 1


async def test_bytes_that_are_no_message_get_a_signed_error(road: Road) -> None:
    reply = await road.there.take(b"--x\r\n\r\nno\r\n--x--\r\n", _headers_of(b"--x\r\n"))
    assert reply.status == 400
    assert b"EBMS:000" in reply.body
    assert b"SignatureValue" in reply.body
