# SPDX-License-Identifier: Apache-2.0
"""A document's way with everything failing that can: crashes between steps, stale workers, peers.

Both sides are ours, with real databases. A crash is an error that nobody catches: the job stays
leased and the document stays where it was, until the lease runs out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from gateway import as4, pki
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.net.as4_transport import AS4Sender, as4_policy
from gateway.net.session import SANDBOX, NetworkPolicy, open_session
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.discovery import Found
from gateway.service.errors import AddressRefusedError, StorageFullError, UnreachableError
from gateway.service.lifecycle import Event, Outbound, StateConflictError
from gateway.service.lookup_errors import DNSLookupError, ParticipantNotRegisteredError
from gateway.service.ports import HTTPAnswer
from gateway.service.receive import Receiver, Reply
from gateway.service.records import Document, Job
from gateway.web import Address, as4_application, listen
from gateway.worker import LEASE, Worker
from tests.functional.connected import INVOICE, RECEIVER, URL, Road, invoice
from tests.pki_fixtures import AT, fresh_pki, shared_key
from tests.road import ORGANISATION, Directory, Side, found_at, open_side
from tests.service_fakes import FailingInbound

TO = ParticipantId(RECEIVER)


class KilledError(Exception):
    """The process died here."""


def killed(_: Reply) -> HTTPAnswer:
    raise KilledError


def lost(_: Reply) -> HTTPAnswer:
    raise UnreachableError("no answer in time", cause="timeout")


def plain(status: int, **headers: str) -> HTTPAnswer:
    lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HTTPAnswer(status=status, headers=lines, body=b"")


def signal(
    error: as4.AS4Error, leaf: IssuedLeaf, *, spoilt: bool = False
) -> Callable[[Reply], HTTPAnswer]:
    """The peer's error in place of what it says; spoilt: with a signature that does not hold."""

    def answer(reply: Reply) -> HTTPAnswer:
        error.message_id = reply.message_id
        made = as4.answer(error, signer=leaf.pair, message_id="s@receiver.example", at=AT)
        body = made.body.replace(b"2026-11", b"2026-10") if spoilt else made.body
        return HTTPAnswer(status=made.status, headers=made.headers, body=body)

    return answer


async def crash(side: Side) -> None:
    """Run what is due and let the process die in it."""
    with pytest.raises(KilledError):
        await side.work()


async def restart(side: Side) -> None:
    """Time goes by until the lease has run out and is given back."""
    side.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert await side.store.jobs.sweep(at=side.clock()) == 1


async def claim(side: Side) -> Job:
    (job,) = await side.store.jobs.claim(["deliver"], limit=1, lease=LEASE, at=side.clock())
    return job


@pytest.mark.parametrize(
    "moment", [KilledError(), killed], ids=["before it was sent", "before the reply was kept"]
)
@pytest.mark.parametrize("attachment", [0, 400_000], ids=["small", "large"])
async def test_killed_while_sending(road: Road, moment: object, attachment: int) -> None:
    pushed = await road.push(attachment=attachment)
    road.here.line.answers = [moment]
    await crash(road.here)
    assert (await road.here.document(pushed.id)).state is Outbound.SENDING
    assert await road.here.work() == 0
    await restart(road.here)
    assert await road.here.work() == 1
    after = await road.here.document(pushed.id)
    assert (after.state, after.attempts) == (Outbound.TRANSMITTED, 2)
    first, second = road.here.line.sent
    assert first == second
    assert len(await road.inbox()) == 1
    attempts = await road.here.store.evidence.attempts(pushed.id)
    assert [one.outcome for one in attempts] == ["unknown", "receipt_verified"]


async def test_killed_between_finding_the_endpoint_and_the_first_byte(road: Road) -> None:
    pushed = await road.push()
    await claim(road.here)
    await road.here.store.submissions.step(pushed.id, Event.ENDPOINT_FOUND, at=AT)
    await restart(road.here)
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert (after.state, after.attempts) == (Outbound.TRANSMITTED, 1)
    assert len(await road.inbox()) == 1


async def test_killed_again_and_again(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [killed, KilledError(), killed]
    for _ in range(3):
        await crash(road.here)
        await restart(road.here)
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert (after.state, after.attempts) == (Outbound.TRANSMITTED, 4)
    assert len(set(road.here.line.sent)) == 1
    assert len(await road.inbox()) == 1


class Gated(Directory):
    """A lookup whose first asker waits at a gate."""

    def __init__(self, inner: Directory) -> None:
        super().__init__(found=inner.found)
        self.gate = asyncio.Event()
        self.reached = asyncio.Event()

    async def resolve(
        self, participant: ParticipantId, document_type: DocumentTypeId, process: ProcessId
    ) -> Found:
        if not self.reached.is_set():
            self.reached.set()
            await self.gate.wait()
        return await super().resolve(participant, document_type, process)


@pytest.fixture
async def gated(road: Road) -> tuple[Side, Gated]:
    """The sending side of the road once more, over the same store, with a gate in its lookup."""
    gate = Gated(road.here.directory)
    return road.here.with_directory(gate), gate


@pytest.mark.parametrize(
    ("answer", "state"),
    [(None, Outbound.TRANSMITTED), (lost, Outbound.WAITING_RETRY)],
    ids=["the other has delivered it", "the other does not know"],
)
async def test_a_worker_that_was_away_sends_no_message_of_its_own(
    road: Road, gated: tuple[Side, Gated], answer: object, state: Outbound
) -> None:
    """Two messages with two ids would be two invoices for the receiver."""
    slow, gate = gated
    pushed = await road.push()
    job = await claim(road.here)
    away = asyncio.create_task(slow.delivery.attempt(job))
    await gate.reached.wait()
    await restart(road.here)
    road.here.line.answers = [answer]
    assert await road.here.work() == 1
    assert (await road.here.document(pushed.id)).state is state
    gate.gate.set()
    await away
    assert len(road.here.line.sent) == 1
    road.clock.forward(minutes=6)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert len(set(road.here.line.sent)) == 1
    assert len(await road.inbox()) == 1


async def test_a_receipt_that_was_lost_and_a_peer_that_calls_it_a_duplicate(
    road: Road, receiver_leaf: IssuedLeaf
) -> None:
    pushed = await road.push()
    road.here.line.answers = [lost, signal(as4.DuplicateContentError(), receiver_leaf)]
    await road.here.work()
    road.clock.forward(minutes=2)
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert (after.state, after.problem) == (Outbound.TRANSMITTED, None)
    assert after.receipt_note == "missing_duplicate_reported"
    assert len(await road.inbox()) == 1


async def test_a_peer_that_puts_a_message_off_and_calls_its_repeat_a_duplicate(
    road: Road, receiver_leaf: IssuedLeaf
) -> None:
    pushed = await road.push()
    road.here.line.answers = [
        signal(as4.DeliveryFailureError("later"), receiver_leaf),
        signal(as4.DuplicateContentError(), receiver_leaf),
    ]
    for minutes in (2, 6):
        await road.here.work()
        assert (await road.here.document(pushed.id)).state is Outbound.WAITING_RETRY
        road.clock.forward(minutes=minutes)
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert (after.state, after.receipt_note) == (Outbound.TRANSMITTED, None)
    first, repeated, fresh = road.here.line.sent
    assert first == repeated != fresh


async def test_a_duplicate_at_the_first_try_gets_a_new_id_when_its_user_tries_again(
    road: Road, receiver_leaf: IssuedLeaf
) -> None:
    pushed = await road.push()
    road.here.line.answers = [signal(as4.DuplicateContentError(), receiver_leaf)]
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.FAILED
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert (after.state, after.receipt_note) == (Outbound.TRANSMITTED, None)
    assert road.here.line.sent[0] != road.here.line.sent[1]


@pytest.mark.parametrize(
    "error",
    [
        as4.DuplicateContentError(),
        as4.NotServicedError(),
        as4.OtherError("no", step="envelope"),
        as4.FailedAuthenticationError("no", step="signer"),
    ],
)
async def test_an_error_that_anybody_could_have_written_ends_nothing(
    road: Road, receiver_leaf: IssuedLeaf, error: as4.AS4Error
) -> None:
    pushed = await road.push()
    road.here.line.answers = [signal(error, receiver_leaf, spoilt=True)] * 2
    for _ in range(2):
        await road.here.work()
        assert (await road.here.document(pushed.id)).state is Outbound.WAITING_RETRY
        road.clock.forward(minutes=10)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert len(set(road.here.line.sent)) == 1


async def test_an_error_of_another_access_point_is_only_a_hint(
    road: Road, sender_leaf: IssuedLeaf
) -> None:
    pushed = await road.push()
    road.here.line.answers = [signal(as4.OtherError("no", step="envelope"), sender_leaf)]
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.WAITING_RETRY


async def test_a_receipt_that_is_wrong_twice_is_the_end_and_a_retry_finds_it_delivered(
    road: Road,
) -> None:
    pushed = await road.push()

    def spoilt(reply: Reply) -> HTTPAnswer:
        body = reply.body.replace(b"2026-11", b"2026-10", 1)
        assert body != reply.body
        return HTTPAnswer(status=200, headers=reply.headers, body=body)

    road.here.line.answers = [spoilt, spoilt]
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert waiting.problem is not None
    assert (waiting.state, waiting.problem.ebms_code) == (Outbound.WAITING_RETRY, "EBMS:0302")
    assert waiting.problem.retryable
    assert waiting.problem.at == road.clock()
    road.clock.forward(minutes=2)
    await road.here.work()
    failed = await road.here.document(pushed.id)
    assert failed.problem is not None
    assert (failed.state, failed.problem.repeated) == (Outbound.FAILED, 2)
    assert not failed.problem.retryable
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert len(await road.inbox()) == 1


async def test_a_receiver_whose_disk_is_full(road: Road) -> None:
    there = road.there
    full = StorageFullError("no room")
    store = FailingInbound(there.store.inbound, failures=[full, full])
    road.here.line.receiver = Receiver(
        store=store,
        payloads=there.store.payloads,
        participants=there.store.participants,
        access_point=there.access_point,
        clock=road.clock,
        ids=there.ids,
        threads=there.threads,
    )
    pushed = await road.push()
    for minutes in (2, 6):
        await road.here.work()
        waiting = await road.here.document(pushed.id)
        assert waiting.problem is not None
        assert (waiting.state, waiting.problem.ebms_code) == (
            Outbound.WAITING_RETRY,
            "EBMS:0202",
        )
        assert await road.inbox() == ()
        road.clock.forward(minutes=minutes)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert len(await road.inbox()) == 1
    assert len(set(road.here.line.sent)) == 1


async def test_dns_that_is_away_and_comes_back(road: Road) -> None:
    pushed = await road.push()
    road.here.directory.problem = DNSLookupError("no answer", cause="timeout", report={})
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert waiting.problem is not None
    assert (waiting.state, waiting.problem.code) == (Outbound.WAITING_RETRY, "dns_unavailable")
    assert waiting.next_attempt_at == AT + timedelta(minutes=1)
    assert waiting.attempts == 0
    road.here.directory.problem = None
    road.clock.forward(minutes=2)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_a_receiver_that_is_not_registered_and_then_is(road: Road) -> None:
    pushed = await road.push()
    road.here.directory.problem = ParticipantNotRegisteredError("no", cause="nxdomain", report={})
    await road.here.work()
    nowhere = await road.here.document(pushed.id)
    assert nowhere.problem is not None
    assert (nowhere.state, nowhere.settled) == (Outbound.UNROUTABLE, True)
    assert nowhere.problem.code == "not_registered"
    assert await road.here.work() == 0
    road.here.directory.problem = None
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_a_lookup_that_fails_holds_back_no_message(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [lost]
    await road.here.work()
    road.here.directory.problem = ParticipantNotRegisteredError("no", cause="nxdomain", report={})
    road.clock.forward(minutes=2)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert road.here.line.sent[0] == road.here.line.sent[1]


async def test_an_address_that_moves_takes_the_message_along(
    road: Road, receiver_leaf: IssuedLeaf
) -> None:
    pushed = await road.push()
    road.here.line.answers = [UnreachableError("no connection")]
    await road.here.work()
    assert road.here.directory.forgotten == [TO]
    road.here.directory.found[TO] = found_at(
        "http://new.example/as4", receiver_leaf.certificate, INVOICE, AT
    )
    road.clock.forward(minutes=2)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert road.here.line.urls == [URL, "http://new.example/as4"]
    assert road.here.line.sent[0] == road.here.line.sent[1]
    attempts = await road.here.store.evidence.attempts(pushed.id)
    assert [one.url for one in attempts] == road.here.line.urls


async def test_what_was_refused_is_sent_anew_when_its_user_tries_again(
    road: Road, receiver_leaf: IssuedLeaf
) -> None:
    """The refused id is spent: a peer may call it a duplicate, and that would look delivered."""
    pushed = await road.push()
    road.here.line.answers = [signal(as4.OtherError("no", step="envelope"), receiver_leaf)]
    await road.here.work()
    refused = await road.here.document(pushed.id)
    assert refused.state is Outbound.REFUSED
    assert await road.here.store.submissions.message_of(pushed.id) is not None  # still to be seen
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    after = await road.here.document(pushed.id)
    assert after.state is Outbound.TRANSMITTED
    assert after.message_id != refused.message_id
    assert len(set(road.here.line.sent)) == 2


async def test_a_receiver_that_moved_to_another_access_point_before_its_user_tries_again(
    road: Road, local_pki: LocalPKI, receiver_leaf: IssuedLeaf
) -> None:
    old = local_pki.issue(pki.Role.AP, "POP000113", at=AT, key=shared_key("left behind"))
    new = road.here.directory.found[TO]
    road.here.directory.found[TO] = found_at("http://old.example/as4", old.certificate, INVOICE, AT)
    pushed = await road.push()
    road.here.line.answers = [plain(404)] * 3
    for _ in range(3):
        await road.here.work()
        road.clock.forward(minutes=20)
    assert (await road.here.document(pushed.id)).state is Outbound.FAILED
    road.here.directory.found[TO] = new
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert road.here.line.urls == ["http://old.example/as4"] * 3 + [URL]


async def test_an_address_that_we_do_not_connect_to_is_given_up(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [AddressRefusedError("the address lies inside a private network")]
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.FAILED


async def test_a_gateway_that_was_down_past_the_deadline_sends_nothing(road: Road) -> None:
    pushed = await road.push()
    road.clock.forward(hours=30)
    await road.here.work()
    late = await road.here.document(pushed.id)
    assert late.problem is not None
    assert (late.state, late.problem.code) == (Outbound.EXPIRED, "expired")
    assert road.here.line.sent == []
    await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_cancelled_while_it_waits(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [UnreachableError("no connection")]
    await road.here.work()
    await road.here.store.submissions.step(pushed.id, Event.CANCEL, at=road.clock())
    road.clock.forward(minutes=2)
    assert await road.here.work() == 1
    assert (await road.here.document(pushed.id)).state is Outbound.CANCELLED
    assert len(road.here.line.sent) == 1
    road.clock.forward(hours=3)
    assert await road.here.work() == 0


async def test_what_is_being_sent_cannot_be_cancelled(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [KilledError()]
    await crash(road.here)
    with pytest.raises(StateConflictError):
        await road.here.store.submissions.step(pushed.id, Event.CANCEL, at=road.clock())


async def test_cancelled_during_the_lookup(road: Road, gated: tuple[Side, Gated]) -> None:
    slow, gate = gated
    pushed = await road.push()
    job = await claim(road.here)
    trying = asyncio.create_task(slow.delivery.attempt(job))
    await gate.reached.wait()
    await road.here.store.submissions.step(pushed.id, Event.CANCEL, at=road.clock())
    gate.gate.set()
    await trying
    assert (await road.here.document(pushed.id)).state is Outbound.CANCELLED
    assert road.here.line.sent == []
    road.clock.forward(seconds=2)
    assert await road.here.work() == 1  # the job has a look and ends
    assert await road.here.work() == 0


async def test_a_busy_peer_decides_when_to_come_again(road: Road) -> None:
    pushed = await road.push()
    road.here.line.answers = [plain(503, Retry_After="600"), plain(429, Retry_After="9" * 8000)]
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert waiting.next_attempt_at == AT + timedelta(minutes=10)
    road.clock.forward(minutes=11)
    await road.here.work()
    waiting = await road.here.document(pushed.id)
    assert (waiting.state, waiting.next_attempt_at) == (
        Outbound.WAITING_RETRY,
        AT + timedelta(hours=24),
    )
    road.clock.at = AT + timedelta(hours=24, seconds=3)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_a_sender_whose_certificate_was_revoked(tmp_path: Path, road: Road) -> None:
    local = fresh_pki("road faults")
    ours = local.issue(pki.Role.AP, "POP000111", at=AT, key=shared_key("sender"))
    theirs = local.issue(pki.Role.AP, "POP000112", at=AT, key=shared_key("receiver"))
    local.revoke(ours.certificate)
    async with AsyncExitStack() as stack:
        strict = await stack.enter_async_context(
            open_side(tmp_path / "strict", theirs, local, road.clock)
        )
        sender = await stack.enter_async_context(
            open_side(tmp_path / "revoked", ours, local, road.clock)
        )
        await sender.store.accounts.add_organisation(ORGANISATION)
        await sender.store.participants.add(*await road.here.store.participants.all())
        sender.line.receiver = strict.receiver
        sender.directory.found[TO] = found_at(URL, theirs.certificate, INVOICE, AT)
        pushed = await sender.push(invoice())
        await sender.work()
        after = await sender.document(pushed.id)
        assert after.problem is not None
        assert (after.state, after.problem.ebms_code) == (Outbound.REFUSED, "EBMS:0101")
        assert sender.directory.forgotten == [TO]


async def test_a_worker_runs_the_whole_road_by_itself(road: Road) -> None:
    worker = Worker(
        jobs=road.here.store.jobs,
        handlers={"deliver": road.here.delivery.attempt},
        clock=road.clock,
    )
    running = asyncio.create_task(worker.run())
    pushed = [await road.push(f"2026-{number}") for number in range(5)]
    for one in pushed:
        document = one
        while not document.settled:
            await road.here.store.documents.wait_for_change(
                one.id, after=document.sequence, seconds=5
            )
            document = await road.here.document(one.id)
        assert document.state is Outbound.TRANSMITTED
    worker.stop()
    await running
    assert len(await road.inbox()) == 5


class Wire:
    """A road whose sender uses real connections, and the address where it must go."""

    def __init__(self, road: Road, stack: AsyncExitStack, leaf: IssuedLeaf) -> None:
        self.road, self._stack, self._leaf = road, stack, leaf

    async def serve(self, application: web.Application) -> str:
        listening = await listen(application, [Address("127.0.0.1", 0)])
        self._stack.push_async_callback(listening.close)
        return f"http://{listening.addresses[0]}/as4"

    def lead_to(self, url: str) -> None:
        self.road.here.directory.found[TO] = found_at(url, self._leaf.certificate, INVOICE, AT)

    async def answering(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Lead to a server that answers everything with this."""

        async def answer(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(status=status, body=body, headers=headers)

        application = web.Application(client_max_size=10**8)
        application.add_routes([web.post("/as4", answer)])
        self.lead_to(await self.serve(application))

    async def send(self) -> Document:
        pushed = await self.road.push()
        await self.road.here.work()
        return await self.road.here.document(pushed.id)


@pytest.fixture
async def wire(road: Road, receiver_leaf: IssuedLeaf) -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        policy = as4_policy(SANDBOX)
        session = await stack.enter_async_context(open_session(policy))
        road.here = road.here.with_transport(AS4Sender(session=session, policy=policy))
        yield Wire(road, stack, receiver_leaf)


def door(road: Road) -> web.Application:
    return as4_application(road.there.receiver, path="/as4", max_body_bytes=10**8, max_in_flight=8)


@pytest.mark.parametrize("attachment", [0, 3_000_000], ids=["small", "large"])
async def test_over_a_real_connection(road: Road, wire: Wire, attachment: int) -> None:
    wire.lead_to(await wire.serve(door(road)))
    pushed = await road.push(attachment=attachment)
    await road.here.work()
    assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
    assert len(await road.inbox()) == 1


async def test_the_length_is_announced_and_our_headers_are_what_goes_out(wire: Wire) -> None:
    seen: list[tuple[str | None, str | None, str | None, int]] = []

    async def look(request: web.Request) -> web.Response:
        body = await request.read()
        headers = request.headers
        seen.append(
            (
                headers.get("Content-Length"),
                headers.get("Transfer-Encoding"),
                headers.get("Content-Type"),
                len(body),
            )
        )
        return web.Response(status=500)

    application = web.Application()
    application.add_routes([web.post("/as4", look)])
    wire.lead_to(await wire.serve(application))
    await wire.send()
    ((length, encoding, content_type, size),) = seen
    assert (length, encoding) == (str(size), None)
    assert content_type is not None
    assert content_type.startswith("multipart/related;")


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, "receipt_missing"), (204, "http_error"), (404, "http_error"), (500, "http_error")],
)
async def test_answers_without_a_signal(wire: Wire, status: int, code: str) -> None:
    await wire.answering(status)
    after = await wire.send()
    assert after.problem is not None
    assert (after.state, after.problem.code) == (Outbound.WAITING_RETRY, code)


async def test_a_redirect_is_not_followed(road: Road, wire: Wire) -> None:
    target = await wire.serve(door(road))
    await wire.answering(307, Location=target)
    after = await wire.send()
    assert after.problem is not None
    assert (after.state, after.problem.code) == (Outbound.WAITING_RETRY, "http_error")
    assert await road.inbox() == ()


async def test_an_answer_without_end_is_cut_off(wire: Wire) -> None:
    await wire.answering(200, b"x" * (1024 * 1024 + 1))
    after = await wire.send()
    assert after.problem is not None
    assert (after.state, after.problem.code) == (Outbound.WAITING_RETRY, "connection_failed")


async def test_nobody_listens(wire: Wire) -> None:
    wire.lead_to("http://127.0.0.1:9/as4")
    after = await wire.send()
    assert after.problem is not None
    assert (after.state, after.problem.code) == (Outbound.WAITING_RETRY, "connection_failed")


async def test_no_tls_where_tls_should_be(road: Road, wire: Wire) -> None:
    wire.lead_to((await wire.serve(door(road))).replace("http:", "https:"))
    after = await wire.send()
    assert after.problem is not None
    assert (after.state, after.problem.code) == (Outbound.WAITING_RETRY, "tls_failed")


@pytest.mark.parametrize("url", ["http://ap.example/as4", "https://127.0.0.1/as4", "ftp://x/"])
async def test_addresses_that_the_real_network_refuses(url: str) -> None:
    policy = as4_policy(NetworkPolicy())

    async def body() -> AsyncIterator[bytes]:
        yield b""

    async with open_session(policy) as session:
        sender = AS4Sender(session=session, policy=policy)
        with pytest.raises(AddressRefusedError):
            await sender.send(url, headers=(), length=0, body=body())


def test_the_patience_of_as4() -> None:
    policy = as4_policy(SANDBOX)
    assert (policy.connect_seconds, policy.read_seconds) == (10.0, 120.0)
    assert policy.allow_http is SANDBOX.allow_http
