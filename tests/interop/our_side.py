# SPDX-License-Identifier: Apache-2.0
"""Our side for a peer: a real store, the AS4 door on a port of 127.0.0.1, the real HTTP client.

Our own clock stands at the moment for which the network was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.identifiers import ParticipantId
from gateway.net.as4_transport import AS4Sender, as4_policy
from gateway.net.session import SANDBOX, open_session
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.contents import plain_chunks
from gateway.service.errors import UnreachableError
from gateway.service.ports import HTTPAnswer
from gateway.service.records import Direction, Document, DocumentFilter, Participant
from gateway.store.evidence import StoredExchange
from gateway.web import Address, as4_application, listen
from tests.interop.cases import CASES, RECEIVERS, SENDER, Case
from tests.interop.network import RENEWED, Network
from tests.interop.peer import Shipment
from tests.interop.watched import Calls, Guests
from tests.road import BILLING, ORGANISATION, Clock, Side, delivery_of, found_at, open_side

PATH = "/as4"
MAX_BODY = 32 * 1024 * 1024


@dataclass
class Wire:
    """The HTTP client; answers on their way to us can be made to get lost."""

    client: AS4Sender
    calls: Calls
    lose: int = 0
    answers: list[HTTPAnswer] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)  # the digest of each body

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        digest = hashlib.sha256()
        watched = _watched(body, digest.update)
        answer = await self.client.send(url, headers=headers, length=length, body=watched)
        self.sent.append(digest.digest())
        self.answers.append(answer)
        if self.lose:
            self.lose -= 1
            raise UnreachableError("no answer in time", cause="timeout")
        return answer


async def _watched(
    body: AsyncIterable[bytes], see: Callable[[bytes], object]
) -> AsyncIterator[bytes]:
    async for chunk in body:
        see(chunk)
        yield chunk


@dataclass(frozen=True, slots=True)
class OurSide:
    """Our access point, reachable under `url`; `guests` are those who came to its door."""

    side: Side
    wire: Wire
    url: str
    network: Network
    guests: Guests

    def signing_as(self, leaf: IssuedLeaf) -> OurSide:
        """We as a sender with another certificate."""
        us = replace(self.side.access_point, signer=leaf.pair)
        delivery = delivery_of(
            self.side.store,
            us,
            self.side.directory,
            self.wire,
            clock=self.side.clock,
            ids=self.side.ids,
            threads=self.side.threads,
        )
        return replace(self, side=replace(self.side, access_point=us, delivery=delivery))

    async def send(
        self, case: Case, document: bytes, *, url: str, leaf: IssuedLeaf | None = None
    ) -> Document:
        """Push a document to the peer under `url` and make the first try."""
        self.reach(case, leaf or self.network.their_leaf, url)
        pushed = await self.side.push(document)
        return await self.work_on(pushed)

    def reach(self, case: Case, leaf: IssuedLeaf, url: str) -> None:
        """Make the lookup of the case's receiver give this endpoint."""
        self.side.directory.found[ParticipantId(case.receiver)] = found_at(
            url, leaf.certificate, case.document_type, self.network.at
        )

    async def work_on(self, document: Document, **later: float) -> Document:
        """Do the one job that is due, `later` from now; the document as it is then."""
        self.side.clock.forward(**later)
        assert await self.side.work() == 1
        return await self.side.document(document.id)

    def shipment(self, case: Case, *files: bytes, **changed: Any) -> Shipment:
        """What a peer is to send to us, as far as nothing is changed."""
        usual = Shipment(
            url=self.url,
            to=self.network.our_leaf.certificate,
            by=self.network.their_leaf,
            sender=SENDER,
            receiver=case.receiver,
            document_type=case.document_type,
            process=BILLING,
            files=files or (case.document(),),
        )
        return replace(usual, **changed)

    async def inbox(self) -> tuple[Document, ...]:
        """All that came in."""
        wanted = DocumentFilter(organisation=ORGANISATION.id, direction=Direction.INBOUND)
        page = await self.side.store.documents.page(
            wanted, limit=50, after=None, newest_first=False
        )
        return page.documents

    async def checked(self) -> Document:
        """The one document that came in, after its check."""
        (received,) = await self.inbox()
        return await self.work_on(received)

    def content(self, document: Document) -> bytes:
        """A document as we keep it, in its envelope."""
        return b"".join(plain_chunks(self.side.store.payloads, document.content))

    async def exchange(self, document: Document) -> StoredExchange:
        """The one AS4 message of a document."""
        (exchange,) = await self.side.store.evidence.exchanges(document.id)
        return exchange


@asynccontextmanager
async def open_our_side(
    folder: Path, network: Network, *, patience: float | None = None, renewed: bool = False
) -> AsyncIterator[OurSide]:
    """Our access point, open for the peer; it serves the receivers of `CASES`.

    `patience` is how many seconds we wait for an answer, if not as long as usual. `renewed`: our
    certificate was rolled over, and what is for the old one is still taken.
    """
    leaf = network.ours[RENEWED] if renewed else network.our_leaf
    policy = as4_policy(SANDBOX)
    if patience is not None:
        policy = replace(policy, read_seconds=patience)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(policy))
        wire = Wire(AS4Sender(session=session, policy=policy), Calls.watching(session))
        side = await stack.enter_async_context(
            open_side(
                folder / "gateway",
                leaf,
                network.pki,
                Clock(network.at),
                transport=wire,
                older=[network.our_leaf],
            )
        )
        await side.store.accounts.add_organisation(ORGANISATION)
        for participant in (SENDER, *RECEIVERS):
            await side.store.participants.add(_taking_all(participant))
        door = as4_application(side.receiver, path=PATH, max_body_bytes=MAX_BODY, max_in_flight=8)
        guests = Guests.watching(door)
        listening = await listen(door, [Address("127.0.0.1", 0)])
        stack.push_async_callback(listening.close)
        yield OurSide(side, wire, f"http://{listening.addresses[0]}{PATH}", network, guests)


def _taking_all(participant: str) -> Participant:
    return Participant(
        id=ParticipantId(participant),
        organisation=ORGANISATION.id,
        document_types=tuple((case.document_type, BILLING) for case in CASES),
        country="NL",
    )
