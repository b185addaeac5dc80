# SPDX-License-Identifier: Apache-2.0
"""Who is served, and how the SMP hears of it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gateway import smp
from gateway.identifiers import DocumentTypeId, ProcessId
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.metadata_publisher import (
    PublishFailedError,
    PublishRefusedError,
    RESTPublisher,
)
from gateway.service.participants import (
    NotPublishedError,
    ParticipantRefusedError,
    Participants,
)
from gateway.service.ports import HTTPAnswer
from gateway.service.records import Organisation, Participant
from tests.discovery_builders import (
    BILLING,
    CREDIT_NOTE,
    INVOICE,
    OTHER_PROCESS,
    RECEIVER,
    pint,
)
from tests.discovery_fakes import (
    MemoryOrganisations,
    MemoryParticipants,
    RecordingManagement,
)

ACME = Organisation(id="org_1", name="Acme", country="NL")


class CountingIds:
    """Identifiers in order."""

    def __init__(self) -> None:
        self.given = 0

    def prefixed(self, prefix: str) -> str:
        self.given += 1
        return f"{prefix}_new{self.given}"

    def uuid(self) -> str:
        raise AssertionError("nobody asks for one")


class SMPDouble:
    """Answers as an SMP does."""

    def __init__(self, *listed: DocumentTypeId, status: int = 200) -> None:
        self.listed = listed
        self.status = status
        self.bodies: list[bytes] = []

    def __call__(self, method: str, path: str, body: bytes | None) -> HTTPAnswer:
        if body is not None:
            self.bodies.append(body)
        answer = b"no\n  entry"
        if method == "GET":
            group = smp.ServiceGroup(participant=RECEIVER, document_types=self.listed)
            answer = smp.build_service_group(group, base_url="https://smp.example")
        return HTTPAnswer(status=self.status, headers=(), body=answer)


def publisher(double: SMPDouble, leaf: IssuedLeaf) -> tuple[RESTPublisher, RecordingManagement]:
    management = RecordingManagement(double)
    made = RESTPublisher(
        transport=management,
        endpoint_url="https://ap.example.org/as4",
        certificate=leaf.certificate,
        technical_contact="mailto:a@example.org",
    )
    return made, management


PARTICIPANT = Participant(
    id=RECEIVER,
    organisation="org_1",
    document_types=((INVOICE, BILLING), (INVOICE, OTHER_PROCESS), (INVOICE, BILLING)),
    country="NL",
)


async def test_publishing_writes_what_is_taken_and_deletes_the_rest(
    receiver_leaf: IssuedLeaf,
) -> None:
    double = SMPDouble(INVOICE, CREDIT_NOTE)
    made, management = publisher(double, receiver_leaf)
    await made.publish(PARTICIPANT)
    group = smp.group_path(RECEIVER)
    assert management.calls == [
        ("PUT", group),
        ("PUT", smp.metadata_path(RECEIVER, INVOICE)),
        ("GET", group),
        ("DELETE", smp.metadata_path(RECEIVER, CREDIT_NOTE)),
    ]
    record = smp.parse_service_metadata(double.bodies[1], strict=True)
    assert isinstance(record, smp.ServiceInformation)
    assert [process.id for process in record.processes] == [BILLING, OTHER_PROCESS]
    assert record.processes[0].endpoints[0].address == "https://ap.example.org/as4"


async def test_what_an_smp_lists_twice_is_deleted_twice_and_put_anew(
    receiver_leaf: IssuedLeaf,
) -> None:
    double = SMPDouble(INVOICE, INVOICE, CREDIT_NOTE, CREDIT_NOTE)
    made, management = publisher(double, receiver_leaf)
    await made.publish(PARTICIPANT)
    invoice, credit_note = (smp.metadata_path(RECEIVER, k) for k in (INVOICE, CREDIT_NOTE))
    assert management.calls[3:] == [
        ("DELETE", invoice),
        ("DELETE", invoice),
        ("PUT", invoice),
        ("DELETE", credit_note),
        ("DELETE", credit_note),
    ]
    assert double.bodies[-1] == double.bodies[1]


@pytest.mark.parametrize(("status", "retry"), [(400, False), (403, False), (500, True)])
async def test_an_smp_that_refuses(status: int, retry: bool, receiver_leaf: IssuedLeaf) -> None:
    made, _ = publisher(SMPDouble(status=status), receiver_leaf)
    with pytest.raises(PublishRefusedError) as caught:
        await made.publish(PARTICIPANT)
    assert caught.value.retry == retry
    assert isinstance(caught.value, PublishFailedError) == retry
    assert "no entry" in caught.value.detail


async def test_a_list_that_cannot_be_read_is_tried_again(receiver_leaf: IssuedLeaf) -> None:
    double = SMPDouble()
    management = RecordingManagement(lambda *_: HTTPAnswer(status=200, headers=(), body=b"?"))
    made, _ = publisher(double, receiver_leaf)
    made._transport = management
    with pytest.raises(PublishFailedError):
        await made.publish(PARTICIPANT)


async def test_withdrawing_what_is_gone_is_fine(receiver_leaf: IssuedLeaf) -> None:
    made, management = publisher(SMPDouble(status=404), receiver_leaf)
    await made.withdraw(RECEIVER)
    assert management.calls == [("DELETE", smp.group_path(RECEIVER))]


class Office:
    """The use case with stores in memory and an SMP that takes everything."""

    def __init__(self, leaf: IssuedLeaf) -> None:
        self.store = MemoryParticipants()
        self.accounts = MemoryOrganisations(ACME)
        self.double = SMPDouble()
        made, self.management = publisher(self.double, leaf)
        self.participants = Participants(
            store=self.store, accounts=cast("Any", self.accounts), publisher=made, ids=CountingIds()
        )


@pytest.fixture
def office(receiver_leaf: IssuedLeaf) -> Office:
    return Office(receiver_leaf)


async def test_adding_serves_and_publishes(office: Office) -> None:
    added = await office.participants.add(RECEIVER, organisation="Acme", country="NL")
    assert added.organisation == "org_1"
    assert len(added.document_types) == 4
    assert office.store.served(RECEIVER) == added
    assert sum(method == "PUT" for method, _ in office.management.calls) == 5
    assert await office.participants.all() == [added]


async def test_an_organisation_by_id_or_by_a_new_name(office: Office) -> None:
    add = office.participants.add
    assert (await add(RECEIVER, organisation="org_1", country="NL")).organisation == "org_1"
    await office.participants.remove(RECEIVER)
    added = await add(RECEIVER, organisation="Bakkerij", country="BE")
    assert (await office.participants.organisations())[added.organisation] == Organisation(
        id="org_new1", name="Bakkerij", country="BE"
    )
    again = await add(RECEIVER, organisation="Bakkerij", country="BE")
    assert again.organisation == added.organisation


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "nl"},
        {"country": "NLD"},
        {"organisation": "org_2"},
        {"organisation": " "},
        {"document_types": ()},
    ],
)
async def test_what_is_refused(office: Office, wrong: dict[str, Any]) -> None:
    with pytest.raises(ParticipantRefusedError):
        await office.participants.add(
            RECEIVER, **({"organisation": "Acme", "country": "NL"} | wrong)
        )
    assert office.store.kept == {}


async def test_odd_wildcards_are_refused(office: Office) -> None:
    with pytest.raises(smp.RegistrationRefusedError):
        await office.participants.add(
            RECEIVER,
            organisation="Acme",
            country="NL",
            document_types=[(pint("a@*"), ProcessId("x"))],
        )


async def test_a_participant_has_one_organisation(office: Office) -> None:
    await office.participants.add(RECEIVER, organisation="Acme", country="NL")
    with pytest.raises(ParticipantRefusedError):
        await office.participants.add(RECEIVER, organisation="Other", country="NL")


async def test_two_organisations_of_one_name(office: Office) -> None:
    await office.accounts.add_organisation(Organisation(id="org_2", name="Acme", country="NL"))
    with pytest.raises(ParticipantRefusedError):
        await office.participants.add(RECEIVER, organisation="Acme", country="NL")


async def test_what_failed_may_be_repeated(office: Office) -> None:
    office.double.status = 500
    with pytest.raises(NotPublishedError, match="is served here, but is not published"):
        await office.participants.add(RECEIVER, organisation="Acme", country="NL")
    assert office.store.served(RECEIVER) is not None
    with pytest.raises(PublishFailedError):
        await office.participants.remove(RECEIVER)
    assert office.store.served(RECEIVER) is not None
    office.double.status = 200
    await office.participants.add(RECEIVER, organisation="Acme", country="NL")
    assert await office.participants.publish_all() == 1
    assert await office.participants.remove(RECEIVER)
    assert not await office.participants.remove(RECEIVER)
