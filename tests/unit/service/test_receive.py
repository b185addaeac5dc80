# SPDX-License-Identifier: Apache-2.0
"""The inbound story with stores that fail, repeats of every kind, and messages of every size."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from gateway import as4, pki
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.errors import StorageFullError, StoreUnavailableError
from gateway.service.records import Participant
from tests import builders
from tests.as4_exchange import Exchange, Forgery, swap
from tests.fakes import MemoryParticipants
from tests.pki_fixtures import AT, fresh_pki, shared_key
from tests.service_messages import Counted, Desk, envelope, large, pieces, ping, served
from tests.service_messages import desk as desk_of

FULL = StorageFullError("the disk has no room")
BIG = b"".join(large(1_200_000))
THREAD_WIRE = 256 * 1024


class CountingThreads(Executor):
    """A thread pool that counts what is handed to it."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self.jobs = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += 1
        return self._inner.submit(fn, *args, **kwargs)


@pytest.fixture
def counting(threads: ThreadPoolExecutor) -> CountingThreads:
    return CountingThreads(threads)


@pytest.fixture
def counted_desk(
    local_pki: LocalPKI,
    sender_leaf: IssuedLeaf,
    receiver_leaf: IssuedLeaf,
    counting: CountingThreads,
) -> Desk:
    return desk_of(local_pki, sender_leaf, receiver_leaf, counting)


def ebms(signal: as4.Receipt | as4.ErrorSignal) -> tuple[str, str]:
    assert isinstance(signal, as4.ErrorSignal)
    assert signal.authenticated
    return signal.ebms_code, signal.detail


async def test_a_message_is_stored_before_its_receipt_goes(desk: Desk) -> None:
    reply, receipt = await desk.exchange(desk.post)
    assert isinstance(receipt, as4.Receipt)
    assert (reply.status, reply.outcome, reply.taken) == (200, "received", True)
    (message,) = desk.inbound.messages.values()
    assert reply.document_id == message.document_id
    assert message.receipt == reply.body
    assert message.organisation == "org_1"
    assert message.routing.receiver == builders.RECEIVER
    assert message.reporting.exchanged_at == message.sent_at == AT
    assert (message.reporting.end_user, message.reporting.country_c4) == ("org_1", "NL")
    assert {one.kind for one in message.evidence} == {"certificate", "crl"}
    assert b"content-type" in message.wire.http_headers.lower()


@pytest.mark.parametrize("size", [1, 37, 4096, 10**9])
async def test_however_the_body_is_cut(desk: Desk, size: int) -> None:
    assert (await desk.take(desk.post.message(), size)).outcome == "received"


async def test_a_small_message_needs_no_thread(
    counted_desk: Desk, counting: CountingThreads
) -> None:
    assert (await counted_desk.take(counted_desk.post.message())).outcome == "received"
    assert counting.jobs == 0


async def test_a_large_message_goes_through_threads(
    counted_desk: Desk, counting: CountingThreads
) -> None:
    message = counted_desk.post.but(document=BIG).message()
    assert len(message[1]) > THREAD_WIRE
    assert (await counted_desk.take(message)).outcome == "received"
    assert counting.jobs > 1


@pytest.mark.parametrize("size", [700, 64 * 1024])
async def test_a_small_message_that_unpacks_to_much_is_handed_to_a_thread(
    counted_desk: Desk, counting: CountingThreads, size: int
) -> None:
    document = builders.invoice(note="a note " * 500_000)
    message = counted_desk.post.but(document=document).message()
    assert len(message[1]) < 64 * 1024
    assert (await counted_desk.take(message, size)).outcome == "received"
    assert counting.jobs > 0


async def test_a_repeat_gets_the_same_receipt_and_stores_nothing(desk: Desk) -> None:
    message = desk.post.message()
    first = await desk.take(message)
    again = await desk.take(message)
    assert (again.status, again.outcome, again.taken) == (200, "duplicate", True)
    assert (again.body, again.document_id) == (first.body, first.document_id)
    assert desk.payloads.deleted == 1


async def test_a_known_id_with_other_content_is_refused(desk: Desk) -> None:
    await desk.take(desk.post.message())
    other = desk.post.but(document=builders.invoice("2026-2"))
    reply, signal = await desk.exchange(other)
    assert ebms(signal) == ("EBMS:0004", "duplicate MessageId with different content")
    assert not reply.taken
    assert len(desk.inbound.messages) == 1
    assert desk.payloads.deleted == 1


async def test_a_known_large_message_is_answered_without_reading_on(desk: Desk) -> None:
    headers, body = desk.post.but(document=BIG).message()
    first = await desk.take((headers, body))
    counted = Counted(body)
    again = await desk.receiver.receive(headers, counted)
    assert (again.outcome, again.body) == ("duplicate", first.body)
    assert counted.taken < counted.count / 2
    assert (desk.store.accepted, desk.payloads.kept) == (1, 1)


async def test_a_known_id_with_other_large_content_is_refused_early(desk: Desk) -> None:
    await desk.take(desk.post.message())
    headers, body = desk.post.but(document=BIG).message()
    counted = Counted(body)
    reply = await desk.receiver.receive(headers, counted)
    assert (reply.outcome, reply.why) == (
        "ebms_error",
        "duplicate: duplicate MessageId with different content",
    )
    assert counted.taken < counted.count


async def test_a_new_large_message_asks_the_store_once(desk: Desk) -> None:
    await desk.take(desk.post.but(document=BIG).message(), 16 * 1024)
    assert desk.store.asked == 1


@pytest.mark.parametrize("document", [builders.invoice(), BIG], ids=["small", "large"])
async def test_two_copies_at_the_same_instant_leave_one(desk: Desk, document: bytes) -> None:
    message = desk.post.but(document=document).message()
    replies = await asyncio.gather(*[desk.take(message) for _ in range(4)])
    assert len({reply.body for reply in replies}) == 1
    assert sorted(reply.outcome for reply in replies) == ["duplicate"] * 3 + ["received"]
    assert len(desk.inbound.messages) == 1


async def test_a_message_whose_first_processing_failed_is_taken_anew(desk: Desk) -> None:
    desk.store.failures = [StoreUnavailableError("no"), FULL]
    message = desk.post.message()
    composed, body = desk.post.made()
    for _ in range(2):
        reply = await desk.take((composed.headers, body))
        assert ebms(desk.read(reply, composed.sent))[0] == "EBMS:0202"
        assert reply.message_id == composed.sent.message_id
        assert reply.outcome == "dependency_unavailable"
    assert desk.inbound.messages == {}
    assert (await desk.take(message)).outcome == "received"


async def test_a_bug_is_no_receipt(desk: Desk) -> None:
    desk.store.failures = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await desk.take(desk.post.message())
    reply = desk.receiver.unable()
    assert (reply.status, reply.taken) == (200, False)
    assert b"EBMS:0202" in reply.body
    assert (await desk.take(desk.post.message())).outcome == "received"


@pytest.mark.parametrize("document", [builders.invoice(), BIG], ids=["small", "large"])
@pytest.mark.parametrize("place", ["spool", "keep"])
async def test_a_full_disk_stores_nothing_and_the_next_try_works(
    desk: Desk, document: bytes, place: str
) -> None:
    if place == "spool":
        desk.payloads.room = [(100, FULL)]
    else:
        desk.payloads.keep_failures = [FULL]
    composed, body = desk.post.but(document=document).made()
    reply = await desk.take((composed.headers, body))
    assert ebms(desk.read(reply, composed.sent)) == (
        "EBMS:0202",
        "the message cannot be processed now",
    )
    assert (desk.store.accepted, desk.payloads.kept) == (0, 0)
    assert all(spool.discarded for spool in desk.payloads.spools)
    assert (await desk.take((composed.headers, body))).outcome == "received"


async def test_a_receiver_that_is_not_ours_is_refused_before_its_payload(desk: Desk) -> None:
    await desk.participants.remove(builders.RECEIVER)
    composed, body = desk.post.but(document=BIG).made()
    counted = Counted(body)
    reply = await desk.receiver.receive(composed.headers, counted)
    signal = desk.read(reply, composed.sent)
    assert ebms(signal) == ("EBMS:0004", "PEPPOL:NOT_SERVICED")
    assert (reply.outcome, reply.message_id) == ("not_serviced", composed.sent.message_id)
    assert counted.taken == 1


OTHER_TYPE = builders.INVOICE.__class__.parse(
    f"urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote##{builders.BIS3}::2.1"
)
OTHER_PROCESS = builders.BILLING.__class__("urn:peppol:other")


@pytest.mark.parametrize(
    "offered",
    [
        ((OTHER_TYPE, builders.BILLING),),
        ((builders.INVOICE, OTHER_PROCESS),),
        (),
    ],
    ids=["other document type", "other process", "nothing"],
)
async def test_a_receiver_that_takes_something_else_is_not_serviced(
    desk: Desk, offered: tuple[Any, ...]
) -> None:
    await desk.participants.add(served(document_types=offered))
    _, signal = await desk.exchange(desk.post)
    assert ebms(signal) == ("EBMS:0004", "PEPPOL:NOT_SERVICED")
    assert desk.inbound.messages == {}


async def test_a_wildcard_registration_serves_what_it_covers(desk: Desk) -> None:
    pint = "urn:peppol:pint:billing-1@eu-1"
    kind = builders.INVOICE.__class__
    root = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice"
    registered = kind("peppol-doctype-wildcard", f"{root}##{pint}*::2.1")
    sent = kind("peppol-doctype-wildcard", f"{root}##{pint}@nl::2.1")
    await desk.participants.add(served(document_types=((registered, builders.BILLING),)))
    post = desk.post.but(
        envelope=envelope(
            document_type=sent,
            standard=sent.namespace,
            type_name=sent.local_name,
            type_version=sent.version,
        ),
        order={"document_type": sent},
    )
    reply = await desk.take(post.message())
    assert (reply.outcome, reply.why) == ("received", None)


class Leaving(MemoryParticipants):
    """A participant that is served when the message begins and not any more when it ends."""

    asked = 0

    def served(self, participant: Any) -> Participant | None:
        self.asked += 1
        return served() if self.asked < 3 else None


async def test_a_receiver_taken_away_in_between_is_not_serviced(
    threads: ThreadPoolExecutor,
    local_pki: LocalPKI,
    sender_leaf: IssuedLeaf,
    receiver_leaf: IssuedLeaf,
) -> None:
    """Else the document would belong to nobody, under a receipt."""
    at_desk = desk_of(local_pki, sender_leaf, receiver_leaf, threads, Leaving())
    _, signal = await at_desk.exchange(at_desk.post)
    assert ebms(signal) == ("EBMS:0004", "PEPPOL:NOT_SERVICED")
    assert at_desk.payloads.kept == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"sender": builders.RECEIVER},
        {"process": OTHER_PROCESS},
        {"receiver": builders.SENDER},
    ],
)
async def test_an_envelope_that_differs_from_the_header_is_refused(
    desk: Desk, changed: dict[str, Any]
) -> None:
    reply, signal = await desk.exchange(desk.post.but(envelope=envelope(**changed)))
    assert ebms(signal)[0] == "EBMS:0004"
    assert reply.why is not None
    assert reply.why.startswith("envelope: ")
    assert desk.inbound.messages == {}


@pytest.mark.parametrize("payload", [b"<Invoice/>", b"no XML", b"", b"<a" * 500])
async def test_a_payload_that_is_no_envelope_is_refused(desk: Desk, payload: bytes) -> None:
    _, signal = await desk.exchange(desk.post.but(payload=payload))
    assert ebms(signal)[0] == "EBMS:0004"


async def test_a_ping_is_answered_and_not_stored(
    desk: Desk, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> None:
    reply = await desk.take(ping(sender_leaf.pair, receiver_leaf.certificate))
    assert (reply.status, reply.outcome, reply.taken) == (200, "ping", True)
    assert reply.message_id is not None
    assert b"Receipt" in reply.body
    assert desk.inbound.messages == {}


@pytest.mark.parametrize(("cut", "status"), [(10, 400), (3000, 400), (-1000, 200), (-3, 200)])
async def test_a_body_that_is_cut_off_is_refused(desk: Desk, cut: int, status: int) -> None:
    """With 200 as soon as the message id is known: some senders read a signal with that only."""
    headers, body = desk.post.message()
    reply = await desk.take((headers, body[:cut]))
    assert (reply.taken, reply.status) == (False, status)
    assert (reply.message_id is None) == (status == 400)
    assert b"EBMS:0" in reply.body
    assert b"SignatureValue" in reply.body
    assert desk.inbound.messages == {}
    assert (await desk.take((headers, body))).outcome == "received"


async def test_no_body_at_all(desk: Desk) -> None:
    headers, _ = desk.post.message()
    assert b"EBMS:0007" in (await desk.take((headers, b""))).body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((("Content-Type", "text/xml"),), 415),
        ((), 415),
        ((("Content-Type", "multipart/related"), ("Content-Encoding", "gzip")), 415),
        ((("Content-Type", "multipart/related"),), 400),
    ],
)
async def test_a_request_that_http_alone_refuses(
    desk: Desk, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    assert (await desk.take((headers, b"x"))).status == status


@pytest.mark.parametrize(
    "flaw", [Flaw.EXPIRED, Flaw.NOT_YET, Flaw.REVOKED, Flaw.FOREIGN, Flaw.WRONG_UNIT]
)
async def test_a_signer_that_is_not_trusted_is_refused(
    threads: ThreadPoolExecutor, flaw: Flaw
) -> None:
    local = fresh_pki("receive")
    odd = local.issue(pki.Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key("sender"))
    good = local.issue(pki.Role.AP, "POP000112", at=AT, key=shared_key("receiver"))
    at_desk = desk_of(local, odd, good, threads)
    reply, signal = await at_desk.exchange(at_desk.post)
    assert ebms(signal) == ("EBMS:0101", "the signer's certificate is not acceptable")
    assert reply.why is not None
    assert reply.why.startswith("signer: ")
    assert len(reply.why) > len("signer: the signer's certificate is not acceptable")
    assert at_desk.inbound.messages == {}


async def test_a_certificate_that_was_revoked_meanwhile(
    desk: Desk, threads: ThreadPoolExecutor
) -> None:
    local = fresh_pki("receive")
    leaf = local.issue(pki.Role.AP, "POP000111", at=AT, key=shared_key("sender"))
    good = local.issue(pki.Role.AP, "POP000112", at=AT, key=shared_key("receiver"))
    known = [local.revocation(AT)]
    at_desk = desk_of(local, leaf, good, threads, revocation=lambda: known[-1])
    assert (await at_desk.take(at_desk.post.message())).outcome == "received"
    local.revoke(leaf.certificate)
    known.append(local.revocation(AT))
    other = at_desk.post.but(message_id="other@sender.example")
    assert b"EBMS:0101" in (await at_desk.take(other.message())).body


async def test_lists_that_we_lack_are_our_trouble(
    threads: ThreadPoolExecutor,
    local_pki: LocalPKI,
    sender_leaf: IssuedLeaf,
    receiver_leaf: IssuedLeaf,
) -> None:
    """0101 would make the sender give up, and nothing is wrong with it."""
    at_desk = desk_of(
        local_pki, sender_leaf, receiver_leaf, threads, revocation=pki.Revocation.none
    )
    composed, body = at_desk.post.made()
    reply = await at_desk.take((composed.headers, body))
    assert ebms(at_desk.read(reply, composed.sent)) == (
        "EBMS:0202",
        "the message cannot be judged now",
    )
    assert reply.message_id == composed.sent.message_id
    assert reply.why is not None
    assert "revocation list" in reply.why


async def test_another_signer_than_the_header_names(
    desk: Desk, local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> None:
    exchange = Exchange.of(local_pki, sender_leaf, receiver_leaf, AT)
    message = Forgery(exchange=exchange, signer=receiver_leaf.pair).message()
    reply = await desk.take(message)
    assert b"EBMS:0101" in reply.body
    assert reply.message_id is not None  # the header could be read, and so the log tells which


async def test_a_message_for_another_access_point(desk: Desk, sender_leaf: IssuedLeaf) -> None:
    _, signal = await desk.exchange(desk.post.but(recipient=sender_leaf.certificate))
    assert isinstance(signal, as4.ErrorSignal)
    assert signal.ebms_code == "EBMS:0010"


async def test_a_final_recipient_that_is_no_identifier(
    desk: Desk, local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> None:
    exchange = Exchange.of(local_pki, sender_leaf, receiver_leaf, AT)
    forged = Forgery(exchange=exchange, messaging=swap("0106:87654321", "nobody"))
    reply = await desk.take(forged.message())
    assert b"EBMS:0004" in reply.body
    assert b"NOT_SERVICED" not in reply.body


async def test_a_fault_of_soap_itself(desk: Desk, local_pki: LocalPKI) -> None:
    soap = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'
    reply = await desk.take(((("Content-Type", "application/soap+xml"),), soap))
    assert (reply.status, reply.taken) == (500, False)
    assert b"VersionMismatch" in reply.body


async def test_a_body_that_raises_is_nobodys_answer(desk: Desk) -> None:
    """What the door raises while reading belongs to the door, and nothing is left behind."""
    headers, body = desk.post.message()
    desk.payloads.room = [(10**9, FULL)]

    async def broken() -> AsyncIterator[bytes]:
        yield body[: len(body) // 2]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await desk.receiver.receive(headers, broken())
    assert desk.payloads.spools[0].discarded


class SlowThreads(ThreadPoolExecutor):
    """Threads that wait for a sign before they begin."""

    def __init__(self) -> None:
        super().__init__(1)
        self.go = threading.Event()
        self.entered = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        def work() -> Any:
            self._loop.call_soon_threadsafe(self.entered.set)
            self.go.wait(5)
            return fn(*args, **kwargs)

        return super().submit(work)


async def test_a_request_that_is_cancelled_waits_for_its_thread(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> None:
    """The thread writes into the spool that the cancelled request is about to throw away."""
    with SlowThreads() as slow:
        at_desk = desk_of(local_pki, sender_leaf, receiver_leaf, slow)
        at_desk.payloads.room = [(10**9, FULL)]
        headers, body = at_desk.post.but(document=BIG).message()
        request = asyncio.create_task(at_desk.receiver.receive(headers, pieces(body)))
        await slow.entered.wait()
        request.cancel()
        await asyncio.sleep(0.01)
        (spool,) = at_desk.payloads.spools
        assert not request.done()
        assert not spool.discarded
        slow.go.set()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert spool.discarded


async def test_the_clock_of_the_sender_may_be_off(desk: Desk) -> None:
    reply = await desk.take(desk.post.but(at=AT + timedelta(days=3)).message())
    assert reply.outcome == "received"
