# SPDX-License-Identifier: Apache-2.0
"""Which registration serves a document, which endpoint a moment allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway import smp
from gateway.identifiers import DocumentTypeId
from gateway.sandbox.pki import IssuedLeaf
from tests.discovery_builders import (
    AT,
    BILLING,
    CREDIT_NOTE,
    INVOICE,
    OTHER_PROCESS,
    endpoint,
    information,
    pint,
)

TABLE = [  # registered, asked, result: Policy for use of Identifiers 4.4.0, 5.1.2.3
    (["a*"], "a", "a*"),
    (["a*"], "a@b", "a*"),
    (["a*"], "a@b@c@d", "a*"),
    (["a*"], "b@a", None),
    (["a*"], "b", None),
    (["a*"], "ab", None),
    (["a*"], "a0@x", None),
    (["a*", "a@b*"], "a@b@c", "a@b*"),
    (["a*", "a@b*"], "a@b", "a@b*"),
    (["a*", "a@b*"], "a@c", "a*"),
    (["a*", "a@b*"], "a", "a*"),
    (["a*", "a@b"], "a@b", "a@b"),
    (["a*", "a@b"], "a@b@c", "a*"),
    (["a*", "a@b"], "a@c", "a*"),
    (["a@b"], "a@b", "a@b"),
    (["a@b"], "a", None),
    (["a@b"], "a@b@c", None),
    ([], "a", None),
]


@pytest.mark.parametrize(("registered", "asked", "result"), TABLE)
def test_wildcard_table(registered: list[str], asked: str, result: str | None) -> None:
    found = smp.best_match(pint(asked), [pint(text) for text in registered])
    assert found == (None if result is None else pint(result))


def test_candidates_of_a_pint_document() -> None:
    kind = pint("urn:peppol:pint:billing-1@eu-1")
    assert [entry.customization_id for entry in smp.candidates(kind)] == [
        "urn:peppol:pint:billing-1@eu-1",
        "urn:peppol:pint:billing-1@eu-1*",
        "urn:peppol:pint:billing-1*",
    ]


def test_the_exact_scheme_knows_no_parts() -> None:
    kind = DocumentTypeId.parse("busdox-docid-qns::http://x::Y##dico:maintenance@nl-1.0::1.0")
    assert smp.candidates(kind) == (kind,)


def test_a_registration_is_no_document() -> None:
    assert smp.candidates(pint("a*")) == ()


def test_candidates_are_few() -> None:
    assert len(smp.candidates(pint("@".join("abcdefghijklmnop")))) == 8


def test_scheme_syntax_and_version_must_be_equal() -> None:
    other_scheme = DocumentTypeId("busdox-docid-qns", pint("a").value)
    assert smp.best_match(pint("a"), [other_scheme]) is None
    assert smp.best_match(INVOICE, [CREDIT_NOTE]) is None


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("dates", "cause"),
    [
        ({}, None),
        ({"activation": AT, "expiration": AT}, None),
        ({"activation": AT + SECOND}, "not_yet_active"),
        ({"expiration": AT - SECOND}, "expired"),
        ({"activation": AT - SECOND, "expiration": AT + SECOND}, None),
        ({"activation": AT + timedelta(microseconds=400_000)}, None),
    ],
)
def test_dates_of_an_endpoint(
    receiver_leaf: IssuedLeaf, dates: dict[str, Any], cause: str | None
) -> None:
    record = information(endpoint(receiver_leaf, **dates))
    if cause is None:
        assert smp.choose_endpoint(record, BILLING, AT) == record.processes[0].endpoints[0]
        return
    with pytest.raises(smp.EndpointNotActiveError) as caught:
        smp.choose_endpoint(record, BILLING, AT)
    assert caught.value.cause == cause


def test_dates_come_before_the_choice(receiver_leaf: IssuedLeaf) -> None:
    old = endpoint(receiver_leaf, expiration=AT - SECOND)
    new = endpoint(receiver_leaf, activation=AT - SECOND, address="https://new.example/as4")
    assert smp.choose_endpoint(information(old, new), BILLING, AT) is new


def test_only_as4_is_spoken(receiver_leaf: IssuedLeaf) -> None:
    record = information(endpoint(receiver_leaf, transport_profile="busdox-transport-as2-ver2p0"))
    with pytest.raises(smp.NoSupportedTransportError):
        smp.choose_endpoint(record, BILLING, AT)


def test_no_other_process_stands_in(receiver_leaf: IssuedLeaf) -> None:
    with pytest.raises(smp.ProcessNotSupportedError):
        smp.choose_endpoint(information(endpoint(receiver_leaf)), OTHER_PROCESS, AT)


def test_names_for_people() -> None:
    assert smp.display_name(INVOICE) == "Peppol BIS Billing 3 Invoice"
    assert smp.display_name(pint("urn:peppol:pint:billing-1*")) == (
        "Peppol PINT Invoice and its specialisations"
    )
    assert smp.display_name(pint("a")) is None
