# SPDX-License-Identifier: Apache-2.0
"""The door for other access points over real connections: caps, clocks, cuts and early answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.receive import Receiver
from gateway.service.records import Direction, DocumentFilter
from gateway.web import Address, as4_application, listen
from gateway.web.bodies import BodyLimits
from gateway.web.connections import ConnectionLimits
from tests import builders
from tests.as4_exchange import Message
from tests.pki_fixtures import AT
from tests.road import ORGANISATION, Clock, Side, open_side
from tests.service_fakes import FailingInbound, Records, logged
from tests.service_messages import Post, large, pieces, served

MAX_BODY = 3_000_000
BIG = b"".join(large(1_200_000))


class Connection:
    """A client that writes what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The next answer on the connection."""
        async with asyncio.timeout(10):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers, body

    async def ended(self) -> bool:
        """Whether the other side closes, and sends nothing more before it does."""
        async with asyncio.timeout(10):
            try:
                return await self._reader.read(100) == b""
            except ConnectionError:
                return True

    async def close(self) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


@dataclass
class House:
    """A listening access point."""

    side: Side
    store: FailingInbound
    address: Address
    post: Post
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        return f"http://{self.address}/as4"

    async def connect(self) -> Connection:
        made = await asyncio.open_connection(self.address.host, self.address.port)
        connection = Connection(*made)
        self.stack.push_async_callback(connection.close)
        return connection

    async def inbox(self) -> int:
        wanted = DocumentFilter(organisation="org_1", direction=Direction.INBOUND)
        page = await self.side.store.documents.page(
            wanted, limit=50, after=None, newest_first=False
        )
        return len(page.documents)

    def message(self, number: int = 1, document: bytes | None = None) -> Message:
        post = self.post.but(message_id=f"m{number}@sender.example")
        return (post if document is None else post.but(document=document)).message()


def head(message: Message, *lines: str, length: int | None = None) -> bytes:
    """The head of a POST; `length` in place of the true one, -1 for none."""
    headers, body = message
    all_lines = ["POST /as4 HTTP/1.1", "Host: x"]
    all_lines += [f"{name}: {value}" for name, value in headers]
    if length != -1:
        all_lines.append(f"Content-Length: {len(body) if length is None else length}")
    return ("\r\n".join([*all_lines, *lines]) + "\r\n\r\n").encode()


@pytest.fixture
async def house(
    tmp_path: Path, local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        clock = Clock(AT)
        side = await stack.enter_async_context(
            open_side(tmp_path / "there", receiver_leaf, local_pki, clock)
        )
        await side.store.accounts.add_organisation(ORGANISATION)
        await side.store.participants.add(served())
        store = FailingInbound(side.store.inbound)
        receiver = Receiver(
            store=store,
            payloads=side.store.payloads,
            participants=side.store.participants,
            access_point=side.access_point,
            clock=clock,
            ids=side.ids,
            threads=side.threads,
        )
        application = as4_application(
            receiver,
            path="/as4",
            max_body_bytes=MAX_BODY,
            max_in_flight=2,
            limits=BodyLimits(piece_seconds=0.3, total_seconds=5.0),
        )
        listening = await listen(
            application,
            [Address("127.0.0.1", 0)],
            limits=ConnectionLimits(lingering_seconds=0.05, shutdown_seconds=1.0),
        )
        stack.push_async_callback(listening.close)
        yield House(
            side=side,
            store=store,
            address=listening.addresses[0],
            post=Post(sender=sender_leaf.pair, recipient=receiver_leaf.certificate),
            stack=stack,
        )


@pytest.fixture
def log() -> Iterator[Records]:
    with logged("gateway.as4") as records:
        yield records


async def test_a_message_and_its_receipt(house: House, log: Records) -> None:
    headers, body = house.message()
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.url, headers=dict(headers), data=body) as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/soap+xml; charset=UTF-8"
        assert b"Receipt" in await response.read()
    assert await house.inbox() == 1
    facts = log.one("message_received")
    assert facts["as4_message"] == "m1@sender.example"
    assert (facts["outcome"], facts["status"], facts["bytes"]) == ("received", 200, len(body))
    assert facts["document"].startswith("doc_")
    assert "why" in facts


async def test_a_refusal_says_why_in_the_log_and_not_that_it_was_received(
    house: House, log: Records
) -> None:
    await house.side.store.participants.remove(builders.RECEIVER)
    message = house.message()
    connection = await house.connect()
    await connection.write(head(message) + message[1])
    status, _, body = await connection.answer()
    assert status == 200
    assert b"PEPPOL:NOT_SERVICED" in body
    facts = log.one("message_refused")
    assert (facts["outcome"], facts["as4_message"]) == ("not_serviced", "m1@sender.example")
    assert facts["why"].startswith("serviced: ")


async def test_a_chunked_body(house: House) -> None:
    headers, body = house.message(document=BIG)
    async with (
        aiohttp.ClientSession() as session,
        session.post(house.url, headers=dict(headers), data=pieces(body)) as response,
    ):
        assert response.status == 200
        assert b"Receipt" in await response.read()


async def test_many_messages_on_one_connection(house: House, log: Records) -> None:
    connection = await house.connect()
    for number in range(3):
        message = house.message(number)
        await connection.write(head(message) + message[1])
        status, headers, _ = await connection.answer()
        assert (status, headers.get("connection")) == (200, None)
    assert await house.inbox() == 3
    assert log.events == ["message_received"] * 3


async def test_each_request_has_its_own_correlation(house: House, log: Records) -> None:
    connection = await house.connect()
    for number in (1, 2):
        message = house.message(number)
        await connection.write(head(message) + message[1])
        await connection.answer()
    await connection.write(head(((), b""), "Content-Encoding: br") + b"")
    assert (await connection.answer())[0] == 415
    seen = [vars(record)["correlation"] for record in log.records]
    assert seen == ["m1@sender.example", "m2@sender.example", None]


async def test_a_client_that_waits_to_be_asked_for_its_body(house: House) -> None:
    message = house.message()
    connection = await house.connect()
    await connection.write(head(message, "Expect: 100-continue"))
    assert (await connection.answer())[0] == 100
    await connection.write(message[1])
    assert (await connection.answer())[0] == 200


@pytest.mark.parametrize(
    ("method", "status"), [("GET", 200), ("HEAD", 200), ("PUT", 405), ("DELETE", 405)]
)
async def test_other_methods(house: House, method: str, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, house.url) as response,
    ):
        assert response.status == status
        if method == "GET":
            assert "AS4" in await response.text()


async def test_more_messages_than_there_is_room_for_are_put_off(house: House, log: Records) -> None:
    message = house.message()
    waiting = [await house.connect() for _ in range(2)]
    for connection in waiting:
        await connection.write(head(message) + message[1][:1000])
    late = await house.connect()
    status = 0
    while status != 503:  # until both others were let in
        third = house.message(3)
        late = await house.connect()
        await late.write(head(third) + third[1])
        status, headers, _ = await late.answer()
    assert headers["retry-after"] == "10"
    assert headers["connection"] == "close"
    assert await late.ended()
    assert "message_put_off" in log.events
    for connection in waiting:
        await connection.write(message[1][1000:])
        assert (await connection.answer())[0] == 200
    again = await house.connect()
    await again.write(head(message) + message[1])
    assert (await again.answer())[0] == 200


async def test_an_early_answer_closes_the_connection(house: House) -> None:
    """What comes behind it must not be taken for a next request."""
    await house.side.store.participants.remove(builders.RECEIVER)
    message = house.message(document=BIG)
    connection = await house.connect()
    await connection.write(head(message) + message[1][:100_000])
    status, headers, body = await connection.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert b"PEPPOL:NOT_SERVICED" in body
    assert await connection.ended()


async def test_a_known_large_message_is_answered_early(house: House) -> None:
    message = house.message(document=BIG)
    first = await house.connect()
    await first.write(head(message) + message[1])
    _, _, receipt = await first.answer()
    again = await house.connect()
    await again.write(head(message) + message[1][:600_000])
    assert (await again.answer())[2] == receipt
    assert await again.ended()
    assert await house.inbox() == 1


async def test_a_body_that_stalls(house: House, log: Records) -> None:
    message = house.message()
    connection = await house.connect()
    await connection.write(head(message) + message[1][:1000])
    status, headers, _ = await connection.answer()
    assert (status, headers["connection"]) == (408, "close")
    assert await connection.ended()
    assert log.one("request_refused")["status"] == 408


async def test_a_sender_that_goes_away_leaves_nothing_and_frees_its_place(house: House) -> None:
    message = house.message()
    for _ in range(4):  # twice as many as there is room for
        connection = await house.connect()
        await connection.write(head(message) + message[1][:-200])
        await connection.close()
    connection = await house.connect()
    for _ in range(200):
        await connection.write(head(message) + message[1])
        status, _, _ = await connection.answer()
        if status == 200:
            break
        connection = await house.connect()
        await asyncio.sleep(0.01)
    assert status == 200
    assert await house.inbox() == 1
    assert list(house.side.store.payloads._unfinished.iterdir()) == []


async def test_a_body_that_says_that_it_is_too_large(house: House) -> None:
    message = house.message()
    connection = await house.connect()
    await connection.write(head(message, length=MAX_BODY + 1) + message[1])
    status, headers, _ = await connection.answer()
    assert (status, headers["connection"]) == (413, "close")


async def test_a_body_that_turns_out_too_large(house: House, log: Records) -> None:
    message = house.message(document=b"".join(large(2 * MAX_BODY)))
    assert len(message[1]) > MAX_BODY
    headers, body = message
    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(
                house.url, headers=dict(headers), data=pieces(body)
            ) as response:
                assert response.status == 413
        except aiohttp.ClientConnectionError:
            pass  # it was closed while we were still writing
    assert log.one("request_refused")["status"] == 413
    assert await house.inbox() == 0


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Content-Type: text/xml"], 415),
        (["Content-Type: multipart/related"], 400),
        (['Content-Type: multipart/related; boundary="x"', "Content-Encoding: gzip"], 415),
        ([], 415),
    ],
)
async def test_what_http_alone_refuses(house: House, lines: list[str], status: int) -> None:
    connection = await house.connect()
    await connection.write(head(((), b"<xml/>"), *lines) + b"<xml/>")
    assert (await connection.answer())[0] == status


async def test_a_bug_asks_the_sender_to_try_again(house: House, log: Records) -> None:
    house.store.failures = [ZeroDivisionError("secret")]
    message = house.message()
    connection = await house.connect()
    await connection.write(head(message) + message[1])
    status, _, body = await connection.answer()
    assert status == 200
    assert b"EBMS:0202" in body
    assert b"secret" not in body
    assert log.one("message_failed")["exc_info"] is not None
    await connection.write(head(message) + message[1])
    assert b"Receipt" in (await connection.answer())[2]


async def test_hostile_header_bytes_are_kept_as_they_are(house: House) -> None:
    message = house.message()
    connection = await house.connect()
    lines = head(message, "X-Odd: caf\u00e9").replace("é".encode(), b"\xe9\xff")
    await connection.write(lines + message[1])
    assert (await connection.answer())[0] == 200
