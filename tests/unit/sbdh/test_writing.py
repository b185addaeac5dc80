# SPDX-License-Identifier: Apache-2.0
"""What `wrap` writes, and what it refuses to write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from lxml import etree

from gateway import sbdh
from gateway.identifiers import DocumentTypeId, ParticipantId
from tests.shared import shared
from tests.unit.sbdh.builders import DOCUMENT, INVOICE, NAMESPACE, envelope, extract, read

DECLARED = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<!-- a --><?p i?>'


def wrapped(made: sbdh.Envelope, *pieces: bytes) -> bytes:
    return b"".join(sbdh.wrap(made, pieces))


def test_reads_back_as_it_was() -> None:
    made = envelope(mls_type="ALWAYS_SEND", mls_to="0242:987654-MLS")
    data = wrapped(made, DOCUMENT)
    assert read(data) == made
    assert DOCUMENT in data
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<sh:StandardBusinessDocument')


def test_header_is_valid_by_the_schema() -> None:
    path = shared("data/as4/schemas/sbdh/StandardBusinessDocumentHeader.xsd")
    schema = etree.XMLSchema(file=str(path))
    data = wrapped(envelope(mls_type="FAILURE_ONLY", mls_to="0242:987654"), DOCUMENT)
    schema.assertValid(etree.fromstring(data))


def test_elements_without_a_namespace_stay_without() -> None:
    data = wrapped(envelope(), f'<i:Invoice xmlns:i="{INVOICE}"><a/></i:Invoice>'.encode())
    assert etree.fromstring(data)[1][0].tag == "a"


def test_scopes_stand_in_one_order() -> None:
    data = wrapped(envelope(mls_type="FAILURE_ONLY", mls_to="0242:987654"), DOCUMENT)
    keys = [found.text for found in etree.fromstring(data).iter(f"{{{NAMESPACE}}}Type")]
    assert keys == ["Invoice", "DOCUMENTID", "PROCESSID", "COUNTRY_C1", "MLS_TYPE", "MLS_TO"]


@pytest.mark.parametrize("size", [1, 3, 60, 5000])
def test_takes_declaration_and_bom_off_in_any_pieces(size: int) -> None:
    document = DECLARED + DOCUMENT
    pieces = [document[start : start + size] for start in range(0, len(document), size)]
    data = wrapped(envelope(), b"", *pieces)
    assert data.count(b"<?xml ") == 1
    assert b"\xef\xbb\xbf" not in data
    assert b"</sh:StandardBusinessDocumentHeader>\n<!-- a --><?p i?>" + DOCUMENT in data


def test_keeps_an_instruction_that_only_begins_like_a_declaration() -> None:
    assert b"<?xml-stylesheet a?>" in wrapped(envelope(), b"<?xml-stylesheet a?>" + DOCUMENT)


def test_writes_times_in_utc_with_their_fraction() -> None:
    moment = datetime(2026, 11, 20, 11, 15, 30, 250, tzinfo=timezone(timedelta(hours=1)))
    data = wrapped(envelope(created_at=moment), DOCUMENT)
    assert b">2026-11-20T10:15:30.000250Z<" in data
    assert read(data).created_at == moment


def test_escapes_what_it_writes() -> None:
    kind = DocumentTypeId("busdox-docid-qns", "urn:a&b<c>::X##\"d'::1")
    made = envelope(document_type=kind, instance_id="<&>\r]]>", receiver=ParticipantId("9915:a~b"))
    assert read(wrapped(made, b'<X xmlns="urn:a&amp;b&lt;c>"/>')) == made


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "does not begin as XML does"),
        (b"<?xml version='1.0'?>", "does not begin as XML does"),
        (b"not XML", "does not begin as XML does"),
        (b"<!DOCTYPE Invoice>" + DOCUMENT, "does not begin as XML does"),
        (b"\xff\xfe<\x00a\x00", "does not begin as XML does"),
        (b'<?xml version="1.0" encoding="latin1"?>' + DOCUMENT, "other than UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-8" ', "does not end"),
        (b'<?xml version="1.0" ' + b" " * 2000, "does not end"),
        (b"<Invoice/>", "in no namespace"),
        (f'<Invoice xmlns="{NAMESPACE}"/>'.encode(), "different namespaces"),
        (f'<CreditNote xmlns="{INVOICE}"/>'.encode(), "different element names"),
        (b"<!--" + b" " * 70_000 + b"-->" + DOCUMENT, "too late"),
        (b"<!--" + b" " * 64_500 + b"-->" + DOCUMENT, "too late"),
    ],
)
def test_refuses_documents_that_do_not_fit(document: bytes, said: str) -> None:
    for pieces in (
        [document],
        [document[start : start + 9] for start in range(0, len(document), 9)],
    ):
        with pytest.raises(sbdh.InvalidEnvelopeError, match=said):
            sbdh.wrap(envelope(), pieces)


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "application/pdf"},
        {"warnings": ("something",)},
        {"type_version": "2.2", "type_name": "Invoice", "standard": INVOICE},
        {"instance_id": " blanks around "},
    ],
)
def test_refuses_what_a_receiver_would_not_read_the_same(change: dict[str, object]) -> None:
    with pytest.raises(sbdh.InvalidEnvelopeError):
        sbdh.wrap(envelope(**change), [DOCUMENT])


def test_examples_go_in_and_out() -> None:
    file = shared("rules/corpus/peppol-billing-examples/examples_Vat-category-S.xml")
    document = file.read_bytes()
    body = document.partition(b"?>")[2].strip()
    assert extract(wrapped(envelope(), document)).endswith(body)
