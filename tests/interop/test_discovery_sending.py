# SPDX-License-Identifier: Apache-2.0
"""Access points of others look our participant up in our SMP and deliver to our door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.lifecycle import Inbound
from tests.discovery_builders import pint
from tests.interop.cases import CREDIT_NOTE, INVOICE, SENDER, business_document, canonical
from tests.interop.our_side import OurSide
from tests.interop.our_smp import Publisher, taking
from tests.interop.smp_peers import SMP, LookingSender, Stores

# The first test builds and starts the programs.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300), pytest.mark.xdist_group("senders")]

KIND = INVOICE.document_type
WAY = "look-up"
RECEIVER = ParticipantId(INVOICE.receiver)
MIXED = ParticipantId("9915:Lab-RECEIVER.7")
PHASE4, VEFA = "phase4", "vefa-peppol"
Answer = Callable[[str, object], None]
everything = pytest.mark.everything
each_peer = pytest.mark.parametrize("peer", [PHASE4, pytest.param(VEFA, marks=everything)])
each_slowly = pytest.mark.parametrize(
    "peer", [pytest.param(name, marks=everything) for name in (PHASE4, VEFA)]
)
# Who is redirected by phoss, which keeps what was written: once, and twice.
ONCE = {PHASE4: "0208:0990000231", VEFA: "0208:0990000232"}
TWICE = {PHASE4: "0208:0990000241", VEFA: "0208:0990000242"}
# What they say of a signer of an unknown authority, and of one that has expired; of a record that
# is not there, and of one that redirects again.
UNTRUSTED = {
    PHASE4: "Path does not chain with any of the trust anchors",
    VEFA: "No issuer certificate for certificate in certification path found.",
}
EXPIRED = {PHASE4: "CertificateExpired", VEFA: "does not have a valid expiration date"}
NOT_THERE = {PHASE4: "Failed to resolve SMP endpoint", VEFA: "is not supported"}
REDIRECTED_TWICE = {PHASE4: "failed to select endpoint", VEFA: "Redirect failed"}


@dataclass(frozen=True, slots=True)
class Road:
    """From an access point of others, by way of our SMP, to our door."""

    sender: LookingSender
    file: Path
    smp: SMP
    ours: OurSide
    publisher: Publisher

    async def serve(
        self,
        *kinds: DocumentTypeId,
        participant: ParticipantId = RECEIVER,
        at: SMP | None = None,
    ) -> None:
        """Take these documents for a participant, and tell our SMP so, or another one."""
        taken = taking(participant, *kinds)
        await self.ours.side.store.participants.add(taken)
        leaf, url = self.ours.network.our_leaf, self.ours.url
        await self.publisher.to((at or self.smp).account, leaf=leaf, url=url).publish(taken)

    async def send(
        self,
        document: bytes,
        *,
        receiver: str = RECEIVER.value,
        document_type: DocumentTypeId = KIND,
        at: SMP | None = None,
        trust: Path | None = None,
    ) -> dict[str, Any]:
        """Let the peer look up, in our SMP or another one, and send; what it says."""
        self.file.write_bytes(document)
        return await self.sender.send(
            self.file,
            smp_url=(at or self.smp).url,
            receiver=receiver,
            sender=SENDER,
            document_type=document_type,
            trust=trust,
        )


@pytest.fixture
def road(
    looking_sender: LookingSender,
    tmp_path: Path,
    our_smp: SMP,
    ours: OurSide,
    publisher: Publisher,
) -> Road:
    return Road(looking_sender, tmp_path / "document.xml", our_smp, ours, publisher)


@pytest.mark.cell("participant found, document delivered", way=WAY)
@each_peer
async def test_it_finds_our_participant_and_delivers(road: Road, ours: OurSide) -> None:
    await road.serve(KIND, CREDIT_NOTE.document_type)
    document = INVOICE.document()
    said = await road.send(document)
    assert said["ok"], said
    assert said["receipt"]["signer"] == "POP000111"
    ready = await ours.checked()
    assert (ready.state, ready.message_id) == (Inbound.READY, said["message_id"])
    assert business_document(ours.content(ready)) == canonical(document)


@pytest.mark.cell("upper and lower case of a participant", way=WAY)
@each_slowly
async def test_it_finds_a_participant_in_any_case(road: Road, ours: OurSide) -> None:
    await road.serve(KIND, participant=MIXED)
    said = await road.send(INVOICE.document(), receiver=MIXED.value.upper())
    assert said["ok"], said
    ready = await ours.checked()
    assert ready.routing.receiver == MIXED


@pytest.mark.cell("registration with a wildcard", way=WAY)
@each_slowly
async def test_it_finds_a_registration_with_a_wildcard(road: Road, ours: OurSide) -> None:
    await road.serve(pint("urn:peppol:pint:billing-1*"))
    wanted = pint("urn:peppol:pint:billing-1@nl-1")
    said = await road.send(INVOICE.document(), document_type=wanted)
    assert said["ok"], said
    ready = await ours.checked()
    assert ready.routing.document_type == wanted


@pytest.mark.cell("they refuse an SMP certificate: foreign authority", way=WAY)
@each_slowly
async def test_it_refuses_a_signer_of_another_authority(
    road: Road, ours: OurSide, stores: Stores, peer: str, record_property: Answer
) -> None:
    await road.serve(KIND)
    said = await road.send(INVOICE.document(), trust=stores.foreign_trust)
    assert not said["ok"]
    assert UNTRUSTED[peer] in said["exception"]
    record_property("answer", UNTRUSTED[peer])
    assert await ours.inbox() == ()


@pytest.mark.cell("unknown participant", way=WAY)
@each_slowly
async def test_it_does_not_find_whom_we_do_not_know(
    road: Road, ours: OurSide, peer: str, record_property: Answer
) -> None:
    said = await road.send(INVOICE.document())
    assert not said["ok"]
    assert NOT_THERE[peer] in said["exception"]
    record_property("answer", NOT_THERE[peer])
    assert await ours.inbox() == ()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param((), marks=pytest.mark.cell("unknown document type", way=WAY)),
        pytest.param((KIND,), marks=pytest.mark.cell("endpoint removed", way=WAY)),
    ],
)
@each_slowly
async def test_it_does_not_send_what_is_not_taken(
    road: Road,
    ours: OurSide,
    peer: str,
    before: tuple[DocumentTypeId, ...],
    record_property: Answer,
) -> None:
    await road.serve(CREDIT_NOTE.document_type, *before)
    await road.serve(CREDIT_NOTE.document_type)
    said = await road.send(INVOICE.document())
    assert not said["ok"]
    assert NOT_THERE[peer] in said["exception"]
    record_property("answer", NOT_THERE[peer])
    assert await ours.inbox() == ()


@pytest.mark.cell("they refuse an SMP certificate: expired", way=WAY)
@each_slowly
async def test_it_refuses_an_expired_signer(
    road: Road, ours: OurSide, expired_smp: SMP, peer: str, record_property: Answer
) -> None:
    expired = replace(road, smp=expired_smp)
    await expired.serve(KIND)
    said = await expired.send(INVOICE.document())
    assert not said["ok"]
    assert EXPIRED[peer] in said["exception"]
    record_property("answer", EXPIRED[peer])
    assert await ours.inbox() == ()


@pytest.mark.cell("redirect from our SMP", way=WAY)
@each_slowly
async def test_it_follows_our_redirect(road: Road, ours: OurSide, phoss: SMP) -> None:
    await road.serve(KIND, at=phoss)
    await road.publisher.redirect(road.smp.account, RECEIVER, KIND, to=phoss)
    said = await road.send(INVOICE.document())
    assert said["ok"], said
    assert (await ours.checked()).message_id == said["message_id"]


@pytest.mark.cell("redirect to our SMP", way=WAY)
@each_slowly
async def test_it_follows_a_redirect_to_us(
    road: Road, ours: OurSide, phoss: SMP, peer: str
) -> None:
    participant = ParticipantId(ONCE[peer])
    await road.serve(KIND, participant=participant)
    await road.publisher.redirect(phoss.account, participant, KIND, to=road.smp)
    said = await road.send(INVOICE.document(), receiver=participant.value, at=phoss)
    assert said["ok"], said
    assert (await ours.checked()).message_id == said["message_id"]


@pytest.mark.cell("second redirect", way=WAY)
@each_slowly
async def test_it_does_not_follow_a_second_redirect(
    road: Road, ours: OurSide, phoss: SMP, second_phoss: SMP, peer: str, record_property: Answer
) -> None:
    participant = ParticipantId(TWICE[peer])
    await road.serve(KIND, participant=participant, at=second_phoss)
    await road.publisher.redirect(phoss.account, participant, KIND, to=second_phoss)
    await road.publisher.redirect(road.smp.account, participant, KIND, to=phoss)
    said = await road.send(INVOICE.document(), receiver=participant.value)
    assert not said["ok"]
    assert REDIRECTED_TWICE[peer] in said["exception"]
    record_property("answer", REDIRECTED_TWICE[peer])
    assert await ours.inbox() == ()
