# SPDX-License-Identifier: Apache-2.0
"""Two access points with the rules between them: what is received, and what is judged late."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.identifiers import ParticipantId
from gateway.pool import PooledValidator
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.admission import AdmissionPolicy
from gateway.service.lifecycle import Event, Inbound, Outbound
from gateway.service.order import Order, ValidationPolicy
from gateway.service.validation import read_report
from tests.functional.connected import RECEIVER, SENDER, open_road
from tests.functional.validation.documents import bad, good

pytestmark = pytest.mark.asyncio(loop_scope="package")

FORCED = Order(validation=ValidationPolicy.WARN)
GOOD = good(sender=ParticipantId(SENDER), receiver=ParticipantId(RECEIVER))


@pytest.fixture
def leaves(sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> tuple[IssuedLeaf, IssuedLeaf]:
    return sender_leaf, receiver_leaf


@pytest.mark.parametrize("reject", [False, True])
async def test_an_invalid_document_is_shown_with_findings_or_rejected(
    tmp_path: Path,
    local_pki: LocalPKI,
    leaves: tuple[IssuedLeaf, IssuedLeaf],
    validator: PooledValidator,
    reject: bool,
) -> None:
    async with open_road(
        tmp_path, local_pki, leaves, validator=validator, reject_invalid=reject
    ) as road:
        pushed = await road.here.push(bad(GOOD), FORCED)
        assert pushed.validation == "invalid"
        await road.here.work()
        assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED
        await road.there.work()
        (received,) = await road.inbox()
        assert received.state is (Inbound.REJECTED if reject else Inbound.READY)
        assert (received.validation, received.errors) == ("invalid", 1)
        assert received.rule_set == "org.simplerinvoicing:invoice:2.0.3-13"
        detail = await road.there.store.documents.validation_detail(received.id)
        report = read_report(detail)
        assert report is not None
        assert [one.rule_id for one in report.findings] == ["BR-NL-3"]


@pytest.mark.parametrize("broken", [False, True])
async def test_nothing_is_sent_before_it_is_judged(
    tmp_path: Path,
    local_pki: LocalPKI,
    leaves: tuple[IssuedLeaf, IssuedLeaf],
    validator: PooledValidator,
    broken: bool,
) -> None:
    """A request that does not wait at all: accepted, judged by the job, then sent or not."""
    policy = AdmissionPolicy(sync_seconds=0)
    async with open_road(
        tmp_path, local_pki, leaves, validator=validator, admission_policy=policy
    ) as road:
        pushed = await road.here.push(bad(GOOD) if broken else GOOD)
        assert (pushed.state, pushed.validation) == (Outbound.ACCEPTED, "not_validated")
        assert await road.here.work() == 1
        assert road.here.line.sent == []
        judged = await road.here.document(pushed.id)
        if broken:
            assert (judged.state, judged.validation) == (Outbound.INVALID, "invalid")
            assert judged.problem is not None
            assert judged.problem.code == "document_invalid"
            assert await road.here.work() == 0
            return
        assert (judged.state, judged.validation) == (Outbound.VALIDATED, "valid")
        assert await road.here.work() == 1
        assert (await road.here.document(pushed.id)).state is Outbound.TRANSMITTED


async def test_a_document_that_was_given_up_unjudged_is_judged_before_it_is_sent(
    tmp_path: Path,
    local_pki: LocalPKI,
    leaves: tuple[IssuedLeaf, IssuedLeaf],
    validator: PooledValidator,
) -> None:
    policy = AdmissionPolicy(sync_seconds=0)
    unknown = GOOD.replace(b"urn:fdc:nen.nl:nlcius:v1.0", b"urn:fdc:example.org:own")
    async with open_road(
        tmp_path, local_pki, leaves, validator=validator, admission_policy=policy
    ) as road:
        pushed = await road.here.push(unknown)
        await road.here.work()
        failed = await road.here.document(pushed.id)
        assert failed.state is Outbound.FAILED
        assert failed.problem is not None
        assert failed.problem.code == "rules_unknown"
        await road.here.store.submissions.step(pushed.id, Event.RETRY, at=road.clock())
        assert (await road.here.document(pushed.id)).state is Outbound.QUEUED
        await road.here.work()
        assert (await road.here.document(pushed.id)).state is Outbound.FAILED
        assert road.here.line.sent == []
