# SPDX-License-Identifier: Apache-2.0
"""Identifiers: what they take, refuse, compare and say of themselves."""

from __future__ import annotations

import json

import pytest

from gateway.identifiers import (
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
    PartyId,
    ProcessId,
    TransportProfile,
)
from tests.shared import shared

BUSDOX = "busdox-docid-qns"
WILDCARD = "peppol-doctype-wildcard"
VALUE = "urn:a:b::Invoice##urn:c#d@e::f::2.1"


def test_participant_compares_without_case_and_keeps_its_writing() -> None:
    one, other = ParticipantId("9915:Test"), ParticipantId("9915:tEST")
    assert one == other
    assert hash(one) == hash(other)
    assert str(one) == "9915:Test"
    assert one.uri == "iso6523-actorid-upis::9915:Test"
    assert (one.icd, one.scheme) == ("9915", "iso6523-actorid-upis")
    assert one != ParticipantId("9915:Tes")


@pytest.mark.parametrize("value", ["0106:1", "9999:" + "a" * 130, "0088:a.b_c~d-E"])
def test_participant_takes(value: str) -> None:
    assert ParticipantId.parse(value).value == value
    assert ParticipantId.parse(f"iso6523-actorid-upis::{value}").value == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0106",
        "0106:",
        "106:1",
        "01060:1",
        "0106:1 2",
        "0106:1\n",
        " 0106:1",
        "0106:1/2",
        "0106:\u0661",
        "\u0660106:1",
        "0106:é",
        "0106:" + "a" * 131,
        "other-scheme::0106:1",
        "ISO6523-actorid-upis::0106:1",
    ],
)
def test_participant_refuses(value: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        ParticipantId.parse(value)


def test_document_type_is_cut_where_the_policy_says() -> None:
    kind = DocumentTypeId(BUSDOX, VALUE)
    assert kind.syntax == "urn:a:b::Invoice"
    assert (kind.namespace, kind.local_name) == ("urn:a:b", "Invoice")
    assert kind.customization_id == "urn:c#d@e::f"
    assert kind.version == "2.1"
    assert str(kind) == kind.uri == f"{BUSDOX}::{VALUE}"


def test_document_type_that_is_not_xml_has_no_names() -> None:
    kind = DocumentTypeId(BUSDOX, "urn:peppol:doctype:pdf+xml##urn:x::D22B")
    assert (kind.namespace, kind.local_name) == ("", "")
    assert (kind.customization_id, kind.version) == ("urn:x", "D22B")


def test_document_type_parses_with_and_without_scheme() -> None:
    assert DocumentTypeId.parse(VALUE) == DocumentTypeId(BUSDOX, VALUE)
    assert DocumentTypeId.parse(f"{WILDCARD}::{VALUE}") == DocumentTypeId(WILDCARD, VALUE)
    assert DocumentTypeId(BUSDOX, VALUE) != DocumentTypeId(WILDCARD, VALUE)
    assert DocumentTypeId(BUSDOX, VALUE) != DocumentTypeId(BUSDOX, VALUE.upper())


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("other", VALUE),
        (BUSDOX.upper(), VALUE),
        (BUSDOX, ""),
        (BUSDOX, "a::b##c"),
        (BUSDOX, "a::b::c"),
        (BUSDOX, "a::b##c d::1"),
        (BUSDOX, "a::b##c\n::1"),
        (BUSDOX, "a::b##é::1"),
        (BUSDOX, "a::b##c*::1"),
        (BUSDOX, "a::b##" + "c" * 500 + "::1"),
    ],
)
def test_document_type_refuses(scheme: str, value: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        DocumentTypeId(scheme, value)


def test_document_type_takes_the_longest() -> None:
    value = "a::b##" + "c" * (500 - 9) + "::1"
    assert len(DocumentTypeId(BUSDOX, value).value) == 500


def test_wildcard_is_for_its_own_scheme() -> None:
    assert DocumentTypeId(WILDCARD, "a::b##c*::1").customization_id == "c*"


def test_process() -> None:
    process = ProcessId.parse("urn:x")
    assert process == ProcessId.parse("cenbii-procid-ubl::urn:x")
    assert (str(process), process.uri) == ("urn:x", "cenbii-procid-ubl::urn:x")
    assert process != ProcessId("URN:X")
    assert ProcessId.parse("urn::x").value == "urn::x"
    assert len(ProcessId("p" * 200).value) == 200


@pytest.mark.parametrize(
    ("value", "scheme"),
    [("", "s"), ("a b", "s"), ("p" * 201, "s"), ("é", "s"), ("a", ""), ("a", "b c")],
)
def test_process_refuses(value: str, scheme: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        ProcessId(value, scheme)


def test_party() -> None:
    assert PartyId("PNL000052").service_provider == "000052"
    assert str(PartyId("POP000001")) == "POP000001"


@pytest.mark.parametrize(
    "value", ["", "PNL00005", "PNL0000052", "pnl000052", "XNL000052", "PNL00005\u0662"]
)
def test_party_refuses(value: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        PartyId(value)


def test_one_transport_profile_is_left() -> None:
    assert list(TransportProfile) == ["peppol-transport-as4-v2_0"]


def test_values_cannot_change() -> None:
    with pytest.raises(AttributeError):
        ParticipantId("0106:1").value = "0106:2"  # type: ignore[misc]


def test_every_document_type_of_the_list_is_one() -> None:
    path = shared("data/codelists/peppol-document-types-v9.7.json")
    rows = json.loads(path.read_bytes())["values"]
    kinds = [DocumentTypeId(row["scheme"], row["value"]) for row in rows]
    assert len(set(kinds)) == len(rows) > 300
    for kind in kinds:
        assert f"{kind.syntax}##{kind.customization_id}::{kind.version}" == kind.value
    for row in rows:
        for process in row["process-ids"]:
            ProcessId(process["value"], process["scheme"])
