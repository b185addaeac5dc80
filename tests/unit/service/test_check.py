# SPDX-License-Identifier: Apache-2.0
"""After the receipt: whatever a document is like, it reaches the inbox; our trouble waits."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import AsyncIterable
from dataclasses import replace
from typing import Any

import pytest

from gateway import sbdh
from gateway.errors import GatewayError
from gateway.identifiers import ParticipantId
from gateway.service import validation
from gateway.service.check import Check
from gateway.service.errors import StoreUnavailableError
from gateway.service.lifecycle import Event, Inbound
from gateway.service.records import Content, Direction, Document, Routing, Summary
from gateway.service.validator import ValidationOutcome
from tests import builders
from tests.fakes import AT, FixedClock, FixedValidator, MemoryPayloads
from tests.service_fakes import MemoryDocuments, MemoryInbound, MemoryJobs, job_of, logged
from tests.service_messages import envelope

ENVELOPE = b"".join(sbdh.wrap(envelope(), [builders.invoice()]))


class BrokenValidator:
    """Implements `Validator` and raises."""

    def __init__(self, error: GatewayError) -> None:
        self._error = error

    async def validate(self, document: AsyncIterable[bytes], **_: Any) -> ValidationOutcome:
        raise self._error


class Bench:
    """A check with one received document."""

    def __init__(
        self, stored: bytes = ENVELOPE, validator: Any = None, *, reject_invalid: bool = False
    ) -> None:
        packed = gzip.compress(stored)
        digest = hashlib.sha256(packed).hexdigest()
        self.payloads = MemoryPayloads()
        self.payloads.kept[digest] = packed
        self.document = received(Content(size=len(packed), sha256=digest, gzip=True, key="k"))
        self.documents = MemoryDocuments(self.document)
        self.inbound, self.jobs = MemoryInbound(), MemoryJobs()
        self.check = Check(
            inbound=self.inbound,
            documents=self.documents,
            jobs=self.jobs,
            payloads=self.payloads,
            validator=validator or FixedValidator(),
            clock=FixedClock(),
            reject_invalid=reject_invalid,
        )

    async def run(self, ref: str = "doc_1", *, attempts: int = 1) -> None:
        await self.check.attempt(job_of(ref, queue="check", attempts=attempts))


def received(content: Content) -> Document:
    return Document(
        id="doc_1",
        direction=Direction.INBOUND,
        organisation="org_1",
        state=Inbound.RECEIVED,
        settled=False,
        state_since=AT,
        sequence=1,
        routing=Routing(
            sender=builders.SENDER,
            receiver=builders.RECEIVER,
            document_type=builders.INVOICE,
            process=builders.BILLING,
            country_c1="NL",
        ),
        summary=Summary(),
        content=content,
        content_media_type="application/xml",
        validation="not_validated",
        created_at=AT,
        updated_at=AT,
    )


async def test_a_document_is_read_judged_and_made_ready() -> None:
    validator = FixedValidator("invalid", "BR-01")
    bench = Bench(validator=validator)
    await bench.run()
    ((document, event, summary, outcome, detail),) = bench.inbound.checks
    assert (document, event, outcome) == ("doc_1", Event.CHECKED, "invalid")
    assert (summary.number, summary.kind, summary.payable_amount) == ("2026-1", "invoice", "121.00")
    assert (detail["rule_set"], detail["errors"]) == ("org.example:invoice:1", 1)
    assert validation.read_report(detail) == validator.verdict.report
    assert validator.asked == [{"at": AT}]
    assert b"<cbc:ID>2026-1</cbc:ID>" in validator.seen
    assert b"StandardBusinessDocument" not in validator.seen


@pytest.mark.parametrize("stored", [b"", b"no XML", b"<a/>", ENVELOPE[:-30]])
async def test_a_document_that_cannot_be_read_is_delivered(stored: bytes) -> None:
    bench = Bench(stored)
    await bench.run()
    ((_, event, summary, _, _),) = bench.inbound.checks
    assert event is Event.CHECKED
    assert (summary.kind, summary.number) == (None, None)


WRAPPED = (
    b'<BinaryContent xmlns="http://peppol.eu/xsd/ticc/envelope/1.0"'
    b' mimeType="application/pdf" encoding="Base64Binary">%s</BinaryContent>'
)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"<a>cut"], ids=["no XML", "cut off"])
async def test_what_is_no_xml_at_all_is_delivered_too(content: bytes) -> None:
    start, end = ENVELOPE.index(b"<Invoice"), ENVELOPE.index(b"</Invoice >") + len(b"</Invoice >")
    wrapped = WRAPPED % base64.b64encode(content)
    validator = FixedValidator("not_judged")
    bench = Bench(ENVELOPE[:start] + wrapped + ENVELOPE[end:], validator)
    await bench.run()
    ((_, event, summary, _, _),) = bench.inbound.checks
    assert (event, summary.kind) == (Event.CHECKED, None)
    assert validator.seen == content


async def test_a_validator_that_cannot_read_it_does_not_hold_it_back() -> None:
    bench = Bench(validator=BrokenValidator(sbdh.EnvelopeError("odd")))
    await bench.run()
    ((_, event, summary, outcome, detail),) = bench.inbound.checks
    assert (event, outcome) == (Event.CHECKED, "not_judged")
    assert detail["reason"] == sbdh.EnvelopeError.code
    assert summary.number == "2026-1"


async def test_a_store_that_cannot_be_read_now_costs_no_summary() -> None:
    class Away(MemoryPayloads):
        def chunks(self, content: Content) -> Any:
            raise StoreUnavailableError("no")

    bench = Bench()
    bench.check = Check(
        inbound=bench.inbound,
        documents=bench.documents,
        jobs=bench.jobs,
        payloads=Away(),
        validator=FixedValidator("valid"),
        clock=FixedClock(),
    )
    with pytest.raises(StoreUnavailableError):
        await bench.run()
    assert bench.inbound.checks == []


async def test_a_validator_that_is_away_is_asked_again() -> None:
    bench = Bench(validator=BrokenValidator(StoreUnavailableError("no")))
    with pytest.raises(StoreUnavailableError):
        await bench.run()
    assert bench.inbound.checks == []


async def test_a_validator_that_stays_away_does_not_hold_it_back_for_ever() -> None:
    bench = Bench(validator=BrokenValidator(validation.ValidationUnavailableError()))
    with pytest.raises(validation.ValidationUnavailableError):
        await bench.run(attempts=4)
    await bench.run(attempts=5)
    ((_, event, _, outcome, detail),) = bench.inbound.checks
    assert (event, outcome) == (Event.CHECKED, "not_judged")
    assert detail["reason"] == "validation_unavailable"


@pytest.mark.parametrize("outcome", ["valid", "invalid", "not_judged"])
async def test_the_policy_reject_keeps_only_the_invalid_out(outcome: str) -> None:
    bench = Bench(validator=FixedValidator(outcome), reject_invalid=True)
    with logged("gateway.check") as records:
        await bench.run()
    ((_, event, _, _, _),) = bench.inbound.checks
    rejected = outcome == "invalid"
    assert event is (Event.REJECT if rejected else Event.CHECKED)
    assert records.events == ["document_rejected" if rejected else "document_ready"]


async def test_an_envelope_of_other_people_is_a_finding() -> None:
    """The rules had nothing to say, and the document is invalid all the same."""
    bench = Bench(validator=FixedValidator("valid"), reject_invalid=True)
    routing = replace(bench.document.routing, sender=ParticipantId("0106:99999999"))
    bench.documents.put(replace(bench.document, routing=routing))
    await bench.run()
    ((_, event, _, outcome, detail),) = bench.inbound.checks
    assert (event, outcome, detail["errors"]) == (Event.REJECT, "invalid", 1)
    report = validation.read_report(detail)
    assert report is not None
    assert [one.rule_id for one in report.findings] == ["SBDH-SENDER"]
    assert report.release == "1"


async def test_what_is_gone_or_checked_already_ends_its_job() -> None:
    bench = Bench()
    await bench.run("doc_2")
    bench.documents.put(replace(bench.document, state=Inbound.READY))
    await bench.run()
    assert [done.job.ref for done in bench.jobs.finished] == ["doc_2", "doc_1"]
    assert bench.inbound.checks == []
