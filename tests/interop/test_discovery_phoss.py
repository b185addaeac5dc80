# SPDX-License-Identifier: Apache-2.0
"""We look participants up in phoss SMP 8.0.11, which the management calls of others filled."""

from __future__ import annotations

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.lookup import LookupFailedError
from tests.discovery_builders import pint
from tests.interop.cases import CREDIT_NOTE
from tests.interop.network import Network
from tests.interop.registering import AP_URL, KIND, Finder, Registrar
from tests.interop.smp_peers import PHOSS_SMP, SMP
from tests.road import BILLING

# The first test builds and starts the programs.
pytestmark = [
    pytest.mark.interop,
    pytest.mark.everything,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("phoss-smp"),
]

WAY = "look-up"


@pytest.mark.cell("participant found, signature verified", way=WAY, peer=PHOSS_SMP)
async def test_we_find_what_was_written(
    registrar: Registrar, finder: Finder, phoss: SMP, network: Network
) -> None:
    participant = ParticipantId("0106:10000001")
    await registrar.put(phoss, participant, KIND)
    found = await finder.find(participant)
    assert (found.url, found.certificate) == (AP_URL, network.their_leaf.certificate)
    assert (found.document_type, found.process) == (KIND, BILLING)
    assert found.signer == phoss.leaf.certificate
    assert found.report["smp"]["signature"] == "valid"
    assert not found.report["smp"]["redirected"]


@pytest.mark.cell("several document types", way=WAY, peer=PHOSS_SMP)
async def test_we_read_all_that_a_participant_takes(
    registrar: Registrar, finder: Finder, phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000002")
    await registrar.put(phoss, participant)
    report = await finder.lookup.survey(participant)
    assert report["outcome"] == "reachable"
    assert [one["outcome"] for one in report["document_types"]] == ["reachable"] * 3
    endpoints = [one["processes"][0]["endpoint"]["url"] for one in report["document_types"]]
    assert endpoints == [AP_URL] * 3


@pytest.mark.cell("upper and lower case of a participant", way=WAY, peer=PHOSS_SMP)
async def test_we_find_a_participant_in_any_case(
    registrar: Registrar, finder: Finder, phoss: SMP
) -> None:
    written = ParticipantId("9915:Lab-RECEIVER.9")
    await registrar.put(phoss, written, KIND)
    for asked in (written.value, written.value.upper(), written.value.lower()):
        found = await finder.lookup.resolve(ParticipantId(asked), KIND, BILLING, fresh=True)
        assert found.url == AP_URL


@pytest.mark.cell("registration with a wildcard", way=WAY, peer=PHOSS_SMP)
async def test_we_find_a_registration_with_a_wildcard(
    registrar: Registrar, finder: Finder, phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000011")
    wildcard = pint("urn:peppol:pint:billing-1*")
    await registrar.put(phoss, participant, wildcard)
    wanted = pint("urn:peppol:pint:billing-1@nl-1")
    found = await finder.lookup.resolve(participant, wanted, BILLING)
    assert (found.url, found.document_type) == (AP_URL, wildcard)


@pytest.mark.cell("unknown participant", way=WAY, peer=PHOSS_SMP)
async def test_it_does_not_know_the_participant(finder: Finder, phoss: SMP) -> None:
    participant = ParticipantId("0106:10000003")
    finder.register(participant, phoss)
    assert await finder.refusal(participant) == (
        "document_type_not_supported",
        "unknown_to_smp",
    )


@pytest.mark.cell("unknown document type", way=WAY, peer=PHOSS_SMP)
async def test_it_lists_what_is_taken_instead(
    registrar: Registrar, finder: Finder, phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000004")
    await registrar.put(phoss, participant, CREDIT_NOTE.document_type)
    with pytest.raises(LookupFailedError) as caught:
        await finder.find(participant)
    assert (caught.value.code, caught.value.cause) == (
        "document_type_not_supported",
        "document_type",
    )
    (offered,) = caught.value.report["document_types"]
    assert offered["value"] == CREDIT_NOTE.document_type.value


@pytest.mark.cell("endpoint removed", way=WAY, peer=PHOSS_SMP)
async def test_what_is_deleted_is_gone_when_we_ask_again(
    registrar: Registrar, finder: Finder, phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000005")
    await registrar.put(phoss, participant, KIND)
    found = await finder.find(participant)
    await registrar.delete(phoss, participant)
    assert (await finder.find(participant)).report["from_cache"]
    finder.clock.at = found.expires_at
    assert await finder.refusal(participant) == (
        "document_type_not_supported",
        "document_type",
    )


@pytest.mark.cell("redirect from their SMP to another", way=WAY, peer=PHOSS_SMP)
async def test_we_follow_a_redirect(
    registrar: Registrar, finder: Finder, phoss: SMP, second_phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000006")
    await registrar.put(second_phoss, participant, KIND)
    await registrar.redirect(phoss, participant, to=second_phoss)
    found = await finder.find(participant)
    assert (found.url, found.signer) == (AP_URL, second_phoss.leaf.certificate)
    assert found.report["smp"]["redirected"]


@pytest.mark.cell("redirect to our SMP", way=WAY, peer=PHOSS_SMP)
async def test_we_follow_its_redirect_to_our_smp(
    registrar: Registrar, finder: Finder, phoss: SMP, our_smp: SMP
) -> None:
    participant = ParticipantId("0106:10000007")
    await registrar.put(our_smp, participant, KIND)
    await registrar.redirect(phoss, participant, to=our_smp)
    found = await finder.find(participant)
    assert (found.url, found.signer) == (AP_URL, our_smp.leaf.certificate)


@pytest.mark.cell("redirect from our SMP", way=WAY, peer=PHOSS_SMP)
async def test_we_follow_our_own_redirect_to_it(
    registrar: Registrar, finder: Finder, phoss: SMP, our_smp: SMP
) -> None:
    participant = ParticipantId("0106:10000008")
    await registrar.put(phoss, participant, KIND)
    await registrar.redirect(our_smp, participant, to=phoss)
    found = await finder.find(participant)
    assert (found.url, found.signer) == (AP_URL, phoss.leaf.certificate)


@pytest.mark.cell("second redirect", way=WAY, peer=PHOSS_SMP)
async def test_we_do_not_follow_a_second_redirect(
    registrar: Registrar,
    finder: Finder,
    phoss: SMP,
    second_phoss: SMP,
    our_smp: SMP,
) -> None:
    participant = ParticipantId("0106:10000009")
    await registrar.put(our_smp, participant, KIND)
    await registrar.redirect(second_phoss, participant, to=our_smp)
    await registrar.redirect(phoss, participant, to=second_phoss)
    assert await finder.refusal(participant) == ("smp_unavailable", "redirect_loop")


@pytest.mark.cell("redirect that names another certificate", way=WAY, peer=PHOSS_SMP)
async def test_we_refuse_a_redirect_to_somebody_else(
    registrar: Registrar, finder: Finder, phoss: SMP, second_phoss: SMP
) -> None:
    participant = ParticipantId("0106:10000010")
    await registrar.put(second_phoss, participant, KIND)
    await registrar.redirect(phoss, participant, to=second_phoss, leaf=phoss.leaf)
    assert await finder.refusal(participant) == (
        "smp_signature_invalid",
        "redirect_certificate",
    )
