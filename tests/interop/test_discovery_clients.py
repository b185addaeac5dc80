# SPDX-License-Identifier: Apache-2.0
"""The client of peppol-commons looks our participants up in our SMP and verifies what it signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.identifiers import DocumentTypeId, ParticipantId
from tests.discovery_builders import pint
from tests.interop.cases import CREDIT_NOTE, INVOICE
from tests.interop.labs import Lab
from tests.interop.our_side import OurSide
from tests.interop.our_smp import Publisher, taking
from tests.interop.smp_peers import CLIENT, SMP, Stores, client_look_up

# The first test builds and starts the programs.
pytestmark = [
    pytest.mark.interop,
    pytest.mark.everything,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("phoss-smp"),
]

Answer = Callable[[str, object], None]
KIND = INVOICE.document_type
WAY = "look-up"
# What it says of a signer that it does not trust, and of one that a redirect does not name.
NO_KEY = "cannot find validation key"
OTHER_NAME = "The certificate UID of the redirect did not match"
RECEIVER = ParticipantId(INVOICE.receiver)
UNKNOWN = "0208:0000000097"
MIXED = ParticipantId("9915:Lab-RECEIVER.7")
WILDCARD = pint("urn:peppol:pint:billing-1*")


@dataclass(frozen=True, slots=True)
class Asking:
    """The client of peppol-commons, and what it can find: participants at our door."""

    lab: Lab
    smp: SMP
    stores: Stores
    publisher: Publisher
    ours: OurSide

    async def publish(
        self,
        *kinds: DocumentTypeId,
        participant: ParticipantId = RECEIVER,
        at: SMP | None = None,
    ) -> None:
        """Tell our SMP, or another one, what a participant takes."""
        leaf, url = self.ours.network.our_leaf, self.ours.url
        writing = self.publisher.to((at or self.smp).account, leaf=leaf, url=url)
        await writing.publish(taking(participant, *kinds))

    async def ask(
        self,
        participant: str = RECEIVER.value,
        kind: DocumentTypeId = KIND,
        *,
        at: SMP | None = None,
        trust: Path | None = None,
    ) -> dict[str, Any]:
        """What the client says, having asked our SMP or another one."""
        url = (at or self.smp).url
        trusted = trust or self.stores.smp_trust
        return await client_look_up(self.lab, url, participant, kind, trust=trusted)


@pytest.fixture
def asking(
    phoss_lab: Lab, our_smp: SMP, stores: Stores, publisher: Publisher, ours: OurSide
) -> Asking:
    return Asking(phoss_lab, our_smp, stores, publisher, ours)


@pytest.mark.cell("participant found, signature verified", way=WAY, peer=CLIENT)
async def test_peppol_commons_finds_our_participant(asking: Asking) -> None:
    kinds = (KIND, CREDIT_NOTE.document_type)
    await asking.publish(*kinds)
    said = await asking.ask()
    assert (said["ok"], said["error"]) == (True, None)
    assert said["endpoint_url"] == asking.ours.url
    assert said["certificate_sha256"] == asking.ours.network.our_leaf.certificate.sha256
    assert said["doctypes"] == len(kinds)


@pytest.mark.cell("they refuse an SMP certificate: foreign authority", way=WAY, peer=CLIENT)
async def test_peppol_commons_refuses_a_signer_of_another_authority(
    asking: Asking, stores: Stores, record_property: Answer
) -> None:
    await asking.publish(KIND)
    said = await asking.ask(trust=stores.foreign_trust)
    assert not said["ok"]
    assert NO_KEY in said["error"]
    assert (said["doctypes"], said["endpoint_url"]) == (1, None)  # only the record is signed
    record_property("answer", NO_KEY)


@pytest.mark.cell("they refuse an SMP certificate: expired", way=WAY, peer=CLIENT)
async def test_peppol_commons_refuses_an_expired_signer(
    asking: Asking, expired_smp: SMP, record_property: Answer
) -> None:
    await asking.publish(KIND, at=expired_smp)
    said = await asking.ask(at=expired_smp)
    assert not said["ok"]
    assert NO_KEY in said["error"]
    record_property("answer", NO_KEY)


@pytest.mark.cell("unknown participant", way=WAY, peer=CLIENT)
async def test_peppol_commons_is_told_that_there_is_no_such_participant(
    asking: Asking, record_property: Answer
) -> None:
    said = await asking.ask(UNKNOWN)
    assert (said["ok"], said["doctypes"]) == (False, -1)
    assert said["error"] == "IllegalStateException: no service group"
    record_property("answer", said["error"])


@pytest.mark.cell("unknown document type", way=WAY, peer=CLIENT)
async def test_peppol_commons_is_told_that_the_document_type_is_not_taken(
    asking: Asking, record_property: Answer
) -> None:
    await asking.publish(CREDIT_NOTE.document_type)
    said = await asking.ask()
    assert (said["ok"], said["doctypes"]) == (False, 1)
    assert said["error"] == "IllegalStateException: no service metadata"
    record_property("answer", said["error"])


@pytest.mark.cell("upper and lower case of a participant", way=WAY, peer=CLIENT)
@pytest.mark.parametrize("asked", [MIXED.value.lower(), MIXED.value.upper(), MIXED.value])
async def test_peppol_commons_finds_a_participant_in_any_case(asking: Asking, asked: str) -> None:
    await asking.publish(KIND, participant=MIXED)
    said = await asking.ask(asked)
    assert (said["ok"], said["endpoint_url"]) == (True, asking.ours.url)


@pytest.mark.cell("registration with a wildcard", way=WAY, peer=CLIENT)
async def test_peppol_commons_reads_a_registration_with_a_wildcard(asking: Asking) -> None:
    await asking.publish(WILDCARD, KIND)
    said = await asking.ask(kind=WILDCARD)
    assert (said["ok"], said["endpoint_url"], said["doctypes"]) == (True, asking.ours.url, 2)


@pytest.mark.cell("endpoint removed", way=WAY, peer=CLIENT)
async def test_peppol_commons_sees_what_is_removed(asking: Asking) -> None:
    kinds = (KIND, CREDIT_NOTE.document_type)
    await asking.publish(*kinds)
    assert (await asking.ask())["ok"]
    await asking.publish(CREDIT_NOTE.document_type)
    said = await asking.ask()
    assert (said["error"], said["doctypes"]) == ("IllegalStateException: no service metadata", 1)


@pytest.mark.cell("redirect from our SMP", way=WAY, peer=CLIENT)
async def test_peppol_commons_follows_our_redirect(asking: Asking, phoss: SMP) -> None:
    await asking.publish(KIND, at=phoss)
    await asking.publisher.redirect(asking.smp.account, RECEIVER, KIND, to=phoss)
    said = await asking.ask()
    assert (said["ok"], said["error"]) == (True, None)
    assert said["endpoint_url"] == asking.ours.url


@pytest.mark.cell("redirect to our SMP", way=WAY, peer=CLIENT)
async def test_peppol_commons_follows_a_redirect_to_us(asking: Asking, phoss: SMP) -> None:
    participant = ParticipantId("0208:0990000113")
    await asking.publish(KIND, participant=participant)
    await asking.publisher.redirect(phoss.account, participant, KIND, to=asking.smp)
    said = await asking.ask(participant.value, at=phoss)
    assert (said["ok"], said["endpoint_url"]) == (True, asking.ours.url)


@pytest.mark.cell("second redirect", way=WAY, peer=CLIENT)
async def test_peppol_commons_does_not_follow_a_second_redirect(
    asking: Asking, phoss: SMP, second_phoss: SMP, record_property: Answer
) -> None:
    participant = ParticipantId("0208:0990000114")
    redirect, account = asking.publisher.redirect, asking.smp.account
    await asking.publish(KIND, participant=participant, at=second_phoss)
    await redirect(phoss.account, participant, KIND, to=second_phoss)
    await redirect(account, participant, KIND, to=phoss)
    said = await asking.ask(participant.value)
    assert said["error"] == (
        "IllegalStateException: neither information nor a redirect that was followed"
    )
    record_property("answer", said["error"])


@pytest.mark.cell("redirect that names another certificate", way=WAY, peer=CLIENT)
async def test_peppol_commons_refuses_a_redirect_to_somebody_else(
    asking: Asking, phoss: SMP, record_property: Answer
) -> None:
    await asking.publish(KIND, at=phoss)
    await asking.publisher.redirect(
        asking.smp.account, RECEIVER, KIND, to=phoss, leaf=asking.smp.leaf
    )
    said = await asking.ask()
    assert not said["ok"]
    assert OTHER_NAME in said["error"]
    record_property("answer", OTHER_NAME)
