# SPDX-License-Identifier: Apache-2.0
"""Our side for a peer: a real store, the AS4 door on a port of 127.0.0.1, the real HTTP client.

A peer looks at its machine's clock, so the PKI is made for the present moment; our own clock
stands there.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway import safexml
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.net.as4_transport import AS4Sender, as4_policy
from gateway.net.session import SANDBOX, open_session
from gateway.pki import Role
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.issuing import Authority
from gateway.sandbox.pki import IssuedLeaf, LocalPKI, make_pki
from gateway.sandbox.samples import SampleKind, sample
from gateway.service.contents import plain_chunks
from gateway.service.errors import UnreachableError
from gateway.service.ports import HTTPAnswer
from gateway.service.records import Direction, Document, DocumentFilter, Participant
from gateway.store.evidence import StoredExchange
from gateway.web import Address, as4_application, listen
from tests.pki_fixtures import CRL_BASE_URL, key_source, shared_key
from tests.road import BILLING, ORGANISATION, Clock, Side, found_at, open_side

PATH = "/as4"
MAX_BODY = 32 * 1024 * 1024
SENDER = "0106:11112222"
NOBODY = "0106:99998888"
NAMES = ("Bäckerei Żółć & Zonen <日本> 𝄞", "Café «Ðe Ÿ» — Ελλάς")

_EN_16931 = "urn:cen.eu:en16931:2017#compliant#"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of document, with a receiver of the country that it is for."""

    kind: SampleKind
    document_type: DocumentTypeId
    receiver: str
    number: str

    def document(self, *, names: tuple[str, str] = NAMES, attachment: int = 0) -> bytes:
        """The document itself."""
        pieces = sample(
            self.kind,
            number=self.number,
            issue_date=datetime.now(UTC).date(),
            sender=ParticipantId(SENDER),
            receiver=ParticipantId(self.receiver),
            seller_name=names[0],
            buyer_name=names[1],
            attachment_bytes=attachment,
        )
        return b"".join(pieces)


INVOICE = Case(
    SampleKind.BIS3_INVOICE,
    DocumentTypeId.parse(
        f"{_UBL}Invoice-2::Invoice##{_EN_16931}urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
    ),
    "0208:0990000014",
    "2026-71",
)
CREDIT_NOTE = Case(
    SampleKind.SI_UBL_CREDIT_NOTE,
    DocumentTypeId.parse(
        f"{_UBL}CreditNote-2::CreditNote##{_EN_16931}urn:fdc:nen.nl:nlcius:v1.0::2.1"
    ),
    "0106:33334444",
    "2026-72-C",
)
CASES = (INVOICE, CREDIT_NOTE)
RECEIVERS = [case.receiver for case in CASES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The PKI, our access point, the peer's, and one with the peer's name of another PKI."""

    at: datetime
    pki: LocalPKI
    our_leaf: IssuedLeaf
    their_leaf: IssuedLeaf
    outsider_leaf: IssuedLeaf

    @classmethod
    def make(cls) -> Network:
        """One that is valid now."""
        at = datetime.now(UTC)
        pki = make_pki(at, crl_base_url=CRL_BASE_URL, keys=key_source("local", 3))
        return cls(
            at=at,
            pki=pki,
            our_leaf=pki.issue(Role.AP, "POP000111", at=at, key=shared_key("sender")),
            their_leaf=pki.issue(Role.AP, "POP000112", at=at, key=shared_key("receiver")),
            outsider_leaf=pki.issue(
                Role.AP, "POP000112", at=at, flaw=Flaw.FOREIGN, key=shared_key("rolled over")
            ),
        )


@dataclass
class Wire:
    """The HTTP client; answers on their way to us can be made to get lost."""

    client: AS4Sender
    lose: int = 0
    answers: list[HTTPAnswer] = field(default_factory=list)

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        answer = await self.client.send(url, headers=headers, length=length, body=body)
        self.answers.append(answer)
        if self.lose:
            self.lose -= 1
            raise UnreachableError("no answer in time", cause="timeout")
        return answer


@dataclass(frozen=True, slots=True)
class OurSide:
    """Our access point, reachable under `url`."""

    side: Side
    wire: Wire
    url: str
    network: Network

    async def send(self, case: Case, document: bytes, *, url: str) -> Document:
        """Push a document to the peer under `url` and make the first try."""
        self.reach(case, self.network.their_leaf, url)
        pushed = await self.side.push(document)
        assert await self.side.work() == 1
        return await self.side.document(pushed.id)

    def reach(self, case: Case, leaf: IssuedLeaf, url: str) -> None:
        """Make the lookup of the case's receiver give this endpoint."""
        self.side.directory.found[ParticipantId(case.receiver)] = found_at(
            url, leaf.certificate, case.document_type, self.network.at
        )

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
        assert await self.side.work() == 1
        return await self.side.document(received.id)

    def content(self, document: Document) -> bytes:
        """A document as we keep it, in its envelope."""
        return b"".join(plain_chunks(self.side.store.payloads, document.content))

    async def exchange(self, document: Document) -> StoredExchange:
        """The one AS4 message of a document."""
        (exchange,) = await self.side.store.evidence.exchanges(document.id)
        return exchange


@asynccontextmanager
async def open_our_side(folder: Path, network: Network) -> AsyncIterator[OurSide]:
    """Our access point, open for the peer; it serves the receivers of `CASES`."""
    policy = as4_policy(SANDBOX)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(policy))
        wire = Wire(AS4Sender(session=session, policy=policy))
        side = await stack.enter_async_context(
            open_side(
                folder / "gateway", network.our_leaf, network.pki, Clock(network.at), transport=wire
            )
        )
        await side.store.accounts.add_organisation(ORGANISATION)
        for participant in (SENDER, *RECEIVERS):
            await side.store.participants.add(_taking_all(participant))
        door = as4_application(side.receiver, path=PATH, max_body_bytes=MAX_BODY, max_in_flight=8)
        listening = await listen(door, [Address("127.0.0.1", 0)])
        stack.push_async_callback(listening.close)
        yield OurSide(side, wire, f"http://{listening.addresses[0]}{PATH}", network)


def pem(holder: IssuedLeaf | Authority) -> str:
    """The certificate of a leaf or an authority, as text."""
    return holder.certificate.pem.decode("ascii")


def identity(leaf: IssuedLeaf) -> dict[str, str]:
    """Who a peer is to be, as it stands in an order."""
    return {
        "party": leaf.certificate.common_name,
        "certificate": pem(leaf),
        "key": leaf.key_pem.decode("ascii"),
    }


def base64(data: bytes) -> str:
    """Bytes as they stand in an order."""
    return b64encode(data).decode("ascii")


def canonical(document: bytes) -> bytes:
    """A document in canonical form: equal for equal XML, however it was written."""
    return safexml.canonicalise(safexml.parse(document))


def business_document(envelope: bytes) -> bytes:
    """The canonical form of what an envelope holds beside its header."""
    return safexml.canonicalise(safexml.parse(envelope)[-1])


def _taking_all(participant: str) -> Participant:
    return Participant(
        id=ParticipantId(participant),
        organisation=ORGANISATION.id,
        document_types=tuple((case.document_type, BILLING) for case in CASES),
        country="NL",
    )
