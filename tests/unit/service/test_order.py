# SPDX-License-Identifier: Apache-2.0
"""Words of a submission: their bounds, the routing they settle, the business key."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from gateway import ubl
from gateway.identifiers import ParticipantId
from gateway.service.errors import PointedError
from gateway.service.order import (
    EnvelopeGivenError,
    InvalidOptionError,
    InvalidRoutingError,
    Order,
    RoutingIncompleteError,
    RoutingMismatchError,
    StatusWish,
    business_key,
    settle_routing,
)
from gateway.service.records import Organisation
from tests.builders import BILLING, INVOICE, RECEIVER, SENDER
from tests.fakes import AT

OURS = Organisation(id="org_1", name="One", country="NL")
FACTS = ubl.DocumentFacts(
    namespace=INVOICE.namespace,
    local_name="Invoice",
    kind="invoice",
    document_type=INVOICE,
    process=BILLING,
    sender=SENDER,
    receiver=RECEIVER,
    number="7",
    issue_date=date(2026, 11, 22),
)


def test_everything_may_come_from_the_document() -> None:
    routing = settle_routing(Order(), FACTS, OURS)
    assert (routing.sender, routing.receiver) == (SENDER, RECEIVER)
    assert (routing.document_type, routing.process) == (INVOICE, BILLING)
    assert routing.country_c1 == "NL"


def test_everything_may_come_from_the_caller() -> None:
    bare = ubl.DocumentFacts(namespace="urn:x", local_name="X", kind="X")
    order = Order(
        sender=SENDER.uri,
        receiver=RECEIVER.value,
        document_type=INVOICE.uri,
        process=BILLING.uri,
        c1_country="BE",
    )
    routing = settle_routing(order, bare, OURS)
    assert (routing.sender, routing.receiver) == (SENDER, RECEIVER)
    assert (routing.document_type, routing.process) == (INVOICE, BILLING)
    assert routing.country_c1 == "BE"


def test_participants_agree_without_case_and_keep_the_callers_writing() -> None:
    facts = replace(FACTS, receiver=ParticipantId("0190:abc"))
    assert settle_routing(Order(receiver="0190:ABC"), facts, OURS).receiver.value == "0190:ABC"


@pytest.mark.parametrize("member", ["sender", "receiver", "document_type", "process"])
def test_each_member_is_named_when_wrong(member: str) -> None:
    other = {
        "sender": "0106:11111111",
        "receiver": "0106:11111111",
        "document_type": INVOICE.value.replace("Invoice", "CreditNote"),
        "process": "urn:other",
    }[member]
    gone: dict[str, Any] = {member: None}
    for order, facts, error in (
        (Order(**{member: other}), FACTS, RoutingMismatchError),
        (Order(**{member: "not one"}), FACTS, InvalidRoutingError),
        (Order(**{member: ""}), FACTS, InvalidRoutingError),
    ):
        with pytest.raises(error) as caught:
            settle_routing(order, facts, OURS)
        assert isinstance(caught.value, PointedError)
        assert caught.value.pointer == f"#/routing/{member}"
    missing = ubl.FactsError if member == "document_type" else RoutingIncompleteError
    with pytest.raises(missing):
        settle_routing(Order(), replace(FACTS, **gone), OURS)


def test_an_envelope_is_not_a_document() -> None:
    facts = ubl.DocumentFacts(
        namespace="urn:sbd", local_name="StandardBusinessDocument", kind="StandardBusinessDocument"
    )
    with pytest.raises(EnvelopeGivenError):
        settle_routing(Order(), facts, OURS)


@pytest.mark.parametrize("country", ["nl", "NLD", "N1", ""])
def test_countries_have_two_letters(country: str) -> None:
    with pytest.raises(InvalidRoutingError):
        settle_routing(Order(c1_country=country), FACTS, replace(OURS, country="?"))


def test_texts_have_bounds() -> None:
    Order(reference="x" * 255, custom={str(n): "y" * 255 for n in range(20)})
    words: tuple[dict[str, Any], ...] = (
        {"reference": ""},
        {"reference": "x" * 256},
        {"custom": {str(n): "" for n in range(21)}},
        {"custom": {"k": "y" * 256}},
        {"custom": {"k" * 256: ""}},
    )
    for wrong in words:
        with pytest.raises(InvalidOptionError):
            Order(**wrong)


def test_the_deadline_has_bounds() -> None:
    assert Order().delivery_deadline(AT) == AT + timedelta(hours=24)
    last = AT + timedelta(days=7)
    assert Order(deliver_until=last).delivery_deadline(AT) == last
    for wrong in (AT, AT - timedelta(seconds=1), last + timedelta(seconds=1)):
        with pytest.raises(InvalidOptionError):
            Order(deliver_until=wrong).delivery_deadline(AT)


def test_the_word_of_the_envelope() -> None:
    assert Order().mls_type is None
    assert Order(mls=StatusWish.FAILURE_ONLY).mls_type == "FAILURE_ONLY"
    assert Order(mls=StatusWish.ALWAYS_SEND).mls_type == "ALWAYS_SEND"


def test_the_business_key_tells_documents_apart() -> None:
    routing = settle_routing(Order(), FACTS, OURS)
    key = business_key(routing, FACTS)
    assert key == business_key(routing, replace(FACTS, issue_date=date(2026, 1, 1)))
    others = [
        business_key(routing, replace(FACTS, issue_date=date(2025, 12, 31))),
        business_key(routing, replace(FACTS, number="8")),
        business_key(routing, replace(FACTS, kind="credit_note")),
        business_key(replace(routing, receiver=ParticipantId("0106:1")), FACTS),
        business_key(replace(routing, sender=ParticipantId("0106:1")), FACTS),
        business_key(routing, replace(FACTS, issue_date=None)),
    ]
    assert len({key, *others}) == 7
    assert business_key(routing, replace(FACTS, number=None)) is None
