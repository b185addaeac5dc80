# SPDX-License-Identifier: Apache-2.0
"""The value, its own checks, and its comparison with an AS4 header."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway import sbdh
from gateway.errors import Fault
from gateway.identifiers import DocumentTypeId, ProcessId
from tests.unit.sbdh.builders import CUSTOMIZATION, INVOICE, PROCESS, VALUE, envelope

HEADER = {
    "original_sender": "0106:12345678",
    "original_sender_type": "iso6523-actorid-upis",
    "final_recipient": "0208:0990000014",
    "final_recipient_type": "iso6523-actorid-upis",
    "service": PROCESS,
    "service_type": "cenbii-procid-ubl",
    "action": f"busdox-docid-qns::{VALUE}",
}


def test_kind_is_filled_from_document_type() -> None:
    made = envelope()
    assert (made.standard, made.type_name, made.type_version) == (INVOICE, "Invoice", "2.1")


def test_kind_given_is_kept() -> None:
    assert envelope(standard="a", type_name="b", type_version="c").type_name == "b"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"created_at": datetime(2026, 11, 20)}, "time zone"),  # noqa: DTZ001
        ({"instance_id": " "}, "instance identifier"),
        ({"country_c1": "nl"}, "COUNTRY_C1"),
        ({"country_c1": "NLD"}, "COUNTRY_C1"),
        ({"process": ProcessId("x", "oioubl-procid-ubl")}, "cannot stand"),
        (
            {"document_type": DocumentTypeId("peppol-doctype-wildcard", "a::b##c*::2.1")},
            "cannot stand",
        ),
        ({"mls_type": "SOMETIMES"}, "MLS_TYPE"),
        ({"mls_to": "0106:12345678"}, "MLS_TO"),
        ({"mls_to": "0242:12345"}, "MLS_TO"),
        ({"mls_to": "0242:12345\u0666"}, "MLS_TO"),
    ],
)
def test_refuses_what_must_not_be_sent(change: dict[str, object], said: str) -> None:
    with pytest.raises(sbdh.InvalidEnvelopeError, match=said) as caught:
        envelope(**change)
    assert caught.value.fault is Fault.US


@pytest.mark.parametrize("value", ["0242:987654", "0242:987654-MLS", "0242:987654-mls.x_y~z"])
def test_takes_service_providers_as_mls_receiver(value: str) -> None:
    assert envelope(mls_to=value).mls_to == value


def test_match_ignores_case_of_participants_only() -> None:
    made = envelope()
    sbdh.match(made, **HEADER)
    sbdh.match(envelope(), **(HEADER | {"original_sender": "0106:12345678".upper()}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"original_sender": "0106:12345679"}, "originalSender"),
        ({"original_sender": "not one"}, "originalSender"),
        ({"original_sender_type": None}, "originalSender"),
        ({"original_sender_type": "ISO6523-actorid-upis"}, "originalSender"),
        ({"final_recipient": "0208:0990000015"}, "finalRecipient"),
        ({"final_recipient_type": ""}, "finalRecipient"),
        ({"service": PROCESS.upper()}, "Service"),
        ({"service_type": None}, "Service"),
        ({"action": VALUE}, "Action"),
        ({"action": f"busdox-docid-qns::{VALUE.upper()}"}, "Action"),
        ({"action": f"peppol-doctype-wildcard::{VALUE}"}, "Action"),
    ],
)
def test_match_names_what_differs(change: dict[str, str | None], said: str) -> None:
    with pytest.raises(sbdh.EnvelopeMismatchError, match=said) as caught:
        sbdh.match(envelope(), **(HEADER | change))  # type: ignore[arg-type]
    assert caught.value.fault is Fault.PEER
    assert CUSTOMIZATION not in caught.value.detail
