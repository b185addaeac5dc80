# SPDX-License-Identifier: Apache-2.0
"""Writing to SMPs: others write to ours with `manage.py`, and we write to phoss SMP 8.0.11."""

from __future__ import annotations

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.metadata_publisher import PublishRefusedError
from tests.discovery_builders import pint
from tests.interop.cases import CREDIT_NOTE
from tests.interop.labs import Lab, LabMissingError, lab_folder
from tests.interop.network import Network
from tests.interop.our_smp import Publisher, taking
from tests.interop.registering import AP_URL, KIND, Finder, Registrar
from tests.interop.smp_peers import (
    MANAGEMENT,
    PHOSS_SMP,
    SMP,
    Account,
    Stores,
    client_look_up,
    done,
    manage,
)

# The first test builds and starts the programs.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300), pytest.mark.xdist_group("phoss-smp")]

WAY = "management"
everything = pytest.mark.everything


@pytest.fixture(autouse=True)
def _the_lab() -> None:
    try:
        lab_folder(PHOSS_SMP)
    except LabMissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.cell("a participant's whole life", way=WAY, peer=MANAGEMENT)
async def test_all_management_calls_come_out_as_they_should(our_smp: SMP, stores: Stores) -> None:
    calls = await done(our_smp.account, "check", "--certificate", stores.receiver, "--no-card")
    assert len(calls) == 42  # the last of them sums up
    made = {call["call"] for call in calls}
    assert {"put-group", "put-endpoint", "put-redirect", "delete-group", "list", "complete"} <= made


@pytest.mark.cell("many participants, four connections", way=WAY, peer=MANAGEMENT)
async def test_many_write_at_once(our_smp: SMP, stores: Stores) -> None:
    many = ("--certificate", stores.receiver, "--participant", "9915:fill", "--count", 25)
    (told,) = await done(our_smp.account, "fill", *many, "--connections", 4)
    assert (told["participants"], told["doctypes"]) == (25, 3)
    for number in (0, 24):
        await done(our_smp.account, "get-group", "--participant", f"9915:fill-{number:06}")


@pytest.mark.cell("wrong password", way=WAY, peer=MANAGEMENT)
async def test_who_has_another_password_writes_nothing(our_smp: SMP, stores: Stores) -> None:
    somebody = Account(url=our_smp.url, user=our_smp.account.user, password="other")
    participant = ("--participant", "9915:nobody")
    (call,) = await manage(somebody, "put-group", *participant)
    assert (call["ok"], call["status"]) == (False, 401)
    (call,) = await manage(our_smp.account, "get-group", *participant)
    assert (call["ok"], call["status"]) == (False, 404)


@pytest.mark.cell("a redirect in place of an endpoint, and back", way=WAY, peer=MANAGEMENT)
async def test_the_last_kind_that_was_written_stands(our_smp: SMP, stores: Stores) -> None:
    which = ("--participant", "9915:either", "--doctype", KIND.uri)
    certified = (*which, "--certificate", stores.receiver)
    await done(our_smp.account, "put-group", *which)
    await done(our_smp.account, "put-endpoint", *certified)
    await done(our_smp.account, "put-redirect", *which)
    (call,) = await manage(our_smp.account, "get-metadata", *certified)
    assert call["error"] == "no ServiceInformation"
    await done(our_smp.account, "put-endpoint", *certified)
    await done(our_smp.account, "get-metadata", *certified)
    await done(our_smp.account, "get-group", *which)


@everything
@pytest.mark.cell("we write, they and we find it", way=WAY, peer=PHOSS_SMP)
async def test_what_we_publish_there_is_found(
    publisher: Publisher,
    phoss: SMP,
    phoss_lab: Lab,
    stores: Stores,
    finder: Finder,
    network: Network,
) -> None:
    participant = ParticipantId("0106:30000001")
    wildcard = pint("urn:peppol:pint:billing-1*")
    writing = publisher.to(phoss.account, leaf=network.our_leaf, url=AP_URL)
    await writing.publish(taking(participant, KIND, CREDIT_NOTE.document_type, wildcard))
    await writing.publish(taking(participant, KIND, wildcard))  # again, with one less
    finder.register(participant, phoss)
    for kind in (KIND, wildcard):
        said = await client_look_up(
            phoss_lab, phoss.url, participant.value, kind, trust=stores.smp_trust
        )
        assert (said["ok"], said["endpoint_url"], said["doctypes"]) == (True, AP_URL, 2)
        assert said["certificate_sha256"] == network.our_leaf.certificate.sha256
    assert (await finder.find(participant)).url == AP_URL

    await writing.withdraw(participant)
    await writing.withdraw(participant)  # which is no harm
    said = await client_look_up(
        phoss_lab, phoss.url, participant.value, KIND, trust=stores.smp_trust
    )
    assert said["error"] == "IllegalStateException: no service group"


@everything
@pytest.mark.cell("wrong password", way=WAY, peer=PHOSS_SMP)
async def test_it_refuses_our_wrong_password(
    publisher: Publisher, phoss: SMP, network: Network
) -> None:
    wrong = Account(url=phoss.url, password="other")
    writing = publisher.to(wrong, leaf=network.our_leaf, url=AP_URL)
    with pytest.raises(PublishRefusedError) as caught:
        await writing.publish(taking(ParticipantId("0106:30000002"), KIND))
    assert not caught.value.retry
    assert caught.value.advice == "Check user and password of the SMP."


@everything
@pytest.mark.cell("a record of ours in place of a redirect", way=WAY, peer=PHOSS_SMP)
async def test_we_take_back_what_was_redirected(
    publisher: Publisher,
    registrar: Registrar,
    phoss: SMP,
    second_phoss: SMP,
    finder: Finder,
    network: Network,
) -> None:
    participant = ParticipantId("0106:30000003")
    await registrar.redirect(phoss, participant, to=second_phoss)
    writing = publisher.to(phoss.account, leaf=network.our_leaf, url=AP_URL)
    await writing.publish(taking(participant, KIND))
    assert (await finder.find(participant)).url == AP_URL
