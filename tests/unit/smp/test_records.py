# SPDX-License-Identifier: Apache-2.0
"""Service groups and service metadata from and to XML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from gateway import safexml, smp
from gateway.identifiers import ParticipantId
from gateway.sandbox.pki import IssuedLeaf
from gateway.smp.reading import _moment
from tests.discovery_builders import (
    AT,
    CREDIT_NOTE,
    INVOICE,
    RECEIVER,
    endpoint,
    information,
    pint,
)
from tests.shared import shared


def test_a_record_survives_writing_and_reading(receiver_leaf: IssuedLeaf) -> None:
    record = information(
        endpoint(
            receiver_leaf,
            activation=AT,
            expiration=AT + timedelta(days=1),
            minimum_authentication="2",
            technical_information="https://example.org/?a=1&b=2",
            requires_signature=True,
        ),
        endpoint(receiver_leaf, transport_profile="other"),
    )
    written = smp.build_service_metadata(record)
    assert written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert smp.parse_service_metadata(written, strict=True) == record


def test_a_redirect_survives_writing_and_reading() -> None:
    redirect = smp.Redirect(href="https://b.example/x?a&b", certificate_uid='CN=P "x" <y>')
    assert smp.parse_service_metadata(smp.build_service_metadata(redirect)) == redirect


def test_a_group_lists_what_is_taken() -> None:
    kinds = (INVOICE, CREDIT_NOTE, pint("urn:peppol:pint:billing-1*"))
    group = smp.ServiceGroup(participant=RECEIVER, document_types=kinds)
    written = smp.build_service_group(group, base_url="https://smp.example.org/x")
    assert smp.parse_service_group(written) == group
    assert b'href="https://smp.example.org/x/iso6523-actorid-upis%3A%3A0106%3A12345678/' in written


def test_a_group_may_list_a_type_twice() -> None:
    twice = smp.ServiceGroup(participant=RECEIVER, document_types=(INVOICE, CREDIT_NOTE, INVOICE))
    found = smp.parse_service_group(smp.build_service_group(twice, base_url=""))
    assert found.document_types == (INVOICE, CREDIT_NOTE)
    assert found.repeated == {INVOICE}


def test_values_are_written_in_lower_case() -> None:
    group = smp.ServiceGroup(participant=ParticipantId("9944:NL1"), document_types=())
    assert b">9944:nl1<" in smp.build_service_group(group, base_url="")


def test_odd_references_are_left_out() -> None:
    group = (
        '<ServiceGroup xmlns="http://busdox.org/serviceMetadata/publishing/1.0/" '
        'xmlns:i="http://busdox.org/transport/identifiers/1.0/">'
        '<i:ParticipantIdentifier scheme="iso6523-actorid-upis">9915:a</i:ParticipantIdentifier>'
        "<ServiceMetadataReferenceCollection>"
        '<ServiceMetadataReference href="http://h:80/p/services/busdox-docid-qns::n::r##c::2.1"/>'
        '<ServiceMetadataReference href="nonsense"/><ServiceMetadataReference/>'
        '<ServiceMetadataReference href="https://h/p/services/odd%3A%3An##c::1"/>'
        "</ServiceMetadataReferenceCollection></ServiceGroup>"
    )
    found = smp.parse_service_group(group.encode()).document_types
    assert [kind.uri for kind in found] == ["busdox-docid-qns::n::r##c::2.1"]


@pytest.mark.parametrize(
    "name",
    [
        "busdox-servicegroup-0192-991825827.xml",
        "busdox-servicegroup-9915-setcce-test.xml",
        "busdox-servicegroup-docslogistics.xml",
    ],
)
def test_groups_of_others(name: str) -> None:
    data = shared(f"data/smp-samples/vefa-peppol/{name}").read_bytes()
    assert smp.parse_service_group(data).document_types


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-01T00:00:00Z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01T00:00:00.123456789+01:00", datetime(2024, 12, 31, 23, 0, 0, 123456, UTC)),
        ("2025-01-01T00:00:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2022-03-01Z", datetime(2022, 3, 1, tzinfo=UTC)),
        ("2022-03-01+01:00", datetime(2022, 2, 28, 23, tzinfo=UTC)),
        ("2022-03-01", datetime(2022, 3, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_dates(text: str, moment: datetime | None) -> None:
    assert _moment(text) == moment


@pytest.mark.parametrize("text", ["soon", "2025-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_dates_that_are_none(text: str) -> None:
    with pytest.raises(smp.MetadataError):
        _moment(text)


def test_an_endpoint_that_cannot_be_read_is_left_out(receiver_leaf: IssuedLeaf) -> None:
    record = information(
        endpoint(receiver_leaf, activation=AT), endpoint(receiver_leaf, description="second")
    )
    broken = smp.build_service_metadata(record).replace(b"2026-11-22T12:00:00Z", b"soon")
    read = smp.parse_service_metadata(broken)
    assert isinstance(read, smp.ServiceInformation)
    assert [entry.description for entry in read.processes[0].endpoints] == ["second"]
    with pytest.raises(smp.MetadataError):
        smp.parse_service_metadata(broken, strict=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0106:12345678", "no participant"),
        ("iso6523-actorid-upis", "other-scheme"),
        ("busdox-docid-qns", "other-scheme"),
        ("<smp:ProcessList>", "<smp:ProcessList><!-- -->"),
        ("0106:1234", "0106:1<!-- -->234"),
        ("smp:ServiceInformation", "smp:Information"),
        ("<smp:ServiceMetadata ", "<smp:Other "),
        ("<smp:ProcessList>", "<!DOCTYPE x>"),
    ],
)
def test_what_is_no_record(receiver_leaf: IssuedLeaf, old: str, new: str) -> None:
    text = smp.build_service_metadata(information(endpoint(receiver_leaf))).decode()
    changed = text.replace(old, new)
    if "smp:Other" in new:
        changed = changed.replace("</smp:ServiceMetadata>", "</smp:Other>")
    if new.endswith("<!-- -->"):  # a comment between elements means nothing
        smp.parse_service_metadata(changed.encode())
        return
    with pytest.raises(smp.MetadataError):
        smp.parse_service_metadata(changed.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('scheme="cenbii-procid-ubl"', ""),
        (">false<", ">perhaps<"),
        ("<smp:Certificate>", "<smp:Certificate>AA</smp:Certificate><smp:Certificate>"),
        ("wsa:Address>", "wsa:Other>"),
    ],
)
def test_what_is_written_to_us_is_read_strictly(
    receiver_leaf: IssuedLeaf, old: str, new: str
) -> None:
    text = smp.build_service_metadata(information(endpoint(receiver_leaf))).decode()
    changed = text.replace(old, new).encode()
    smp.parse_service_metadata(changed)
    with pytest.raises(smp.MetadataError):
        smp.parse_service_metadata(changed, strict=True)


def test_neither_service_nor_redirect_and_both(receiver_leaf: IssuedLeaf) -> None:
    redirect = smp.build_service_metadata(smp.Redirect(href="https://b", certificate_uid="CN=a"))
    service = smp.build_service_metadata(information(endpoint(receiver_leaf)))
    inner = service[service.index(b"<smp:ServiceInformation>") : service.rindex(b"</smp:Serv")]
    for data in (
        redirect.replace(b"Redirect", b"Nothing"),
        redirect.replace(b"<smp:Redirect", inner + b"<smp:Redirect"),
    ):
        with pytest.raises(smp.MetadataError):
            smp.parse_service_metadata(data)
    with pytest.raises(smp.MetadataError):
        smp.parse_service_group(redirect)


def test_what_we_write_is_valid_for_the_schema(
    receiver_leaf: IssuedLeaf, smp_leaf: IssuedLeaf
) -> None:
    # The schema names its imports by bare file names beside it; nothing is fetched.
    schema = etree.XMLSchema(file=str(shared("data/smp/peppol-smp-types-v1.xsd")))
    record = information(
        endpoint(receiver_leaf, activation=AT, expiration=AT, technical_information="https://a")
    )
    redirect = smp.Redirect(href="https://b", certificate_uid="CN=a")
    group = smp.ServiceGroup(participant=RECEIVER, document_types=(INVOICE,))
    for data in (
        smp.build_service_metadata(record),
        smp.sign(record, smp_leaf.pair),
        smp.sign(redirect, smp_leaf.pair),
        smp.build_service_group(group, base_url="https://smp.example.org"),
    ):
        schema.assertValid(safexml.parse(data))


def test_the_complete_group_and_the_list(receiver_leaf: IssuedLeaf) -> None:
    group = smp.ServiceGroup(participant=RECEIVER, document_types=(INVOICE,))
    whole = smp.build_complete_group(
        group, [information(endpoint(receiver_leaf))], base_url="https://smp.example.org"
    )
    assert whole.count(b"<smp:ServiceMetadata>") == 1
    listed = smp.build_group_list([RECEIVER], base_url="https://smp.example.org")
    assert b"https://smp.example.org/iso6523-actorid-upis%3A%3A0106%3A12345678" in listed
