# SPDX-License-Identifier: Apache-2.0
"""Envelope against document: sender, receiver, document type, process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.ubl import Carried, DocumentFacts, FactsReader, Value, compare_with_envelope
from tests.unit.ubl.examples import INVOICE, changed


def facts(document: bytes = INVOICE) -> DocumentFacts:
    reader = FactsReader()
    reader.feed(document)
    return reader.close()


def carried() -> Carried:
    said = facts()
    assert said.sender is not None
    assert said.receiver is not None
    assert said.document_type is not None
    assert said.process is not None
    return Carried(
        sender=said.sender,
        receiver=said.receiver,
        document_type=said.document_type,
        process=said.process,
    )


def test_an_envelope_with_the_documents_own_values() -> None:
    assert compare_with_envelope(facts(), carried()) == ()


@pytest.mark.parametrize(
    ("name", "other", "rule"),
    [
        ("sender", ParticipantId("0106:11111111"), "SBDH-SENDER"),
        ("receiver", ParticipantId("0106:11111111"), "SBDH-RECEIVER"),
        ("document_type", DocumentTypeId("busdox-docid-qns", "a::b##c::2.1"), "SBDH-DOCUMENT-TYPE"),
        ("process", ProcessId("urn:other"), "SBDH-PROCESS"),
    ],
)
def test_each_difference_blocks(name: str, other: object, rule: str) -> None:
    (finding,) = compare_with_envelope(facts(), replace(carried(), **{name: other}))
    assert (finding.rule_id, finding.severity.value, finding.layer) == (rule, "fatal", "envelope")
    assert finding.values[1] == Value("envelope", str(other))


def test_what_the_document_does_not_say_cannot_differ() -> None:
    silent = changed(
        INVOICE,
        "  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>\n",
        "",
    )
    assert compare_with_envelope(facts(silent), carried()) == ()
