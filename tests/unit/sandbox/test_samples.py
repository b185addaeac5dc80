# SPDX-License-Identifier: Apache-2.0
"""Samples are what they say; the files in `examples/` are samples."""

from __future__ import annotations

import base64
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from gateway import ubl
from gateway.identifiers import ParticipantId
from gateway.sandbox.sample_pdf import MIN_PDF_BYTES, pdf
from gateway.sandbox.samples import SampleKind, sample
from tests.shared import shared

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SENDER = ParticipantId("0106:91000011")
DUTCH = ParticipantId("0106:92000033")
BELGIAN = ParticipantId("0208:0990000014")


def made(kind: SampleKind, receiver: ParticipantId = DUTCH, attachment_bytes: int = 0) -> bytes:
    number = "2026-0042-C" if "credit" in kind else "2026-0042"
    day = date(2026, 11, 24 if "credit" in kind else 20)
    names = {"buyer_name": "Brouwerij Voorbeeld BV"} if receiver is BELGIAN else {}
    pieces = sample(
        kind,
        number=number,
        issue_date=day,
        sender=SENDER,
        receiver=receiver,
        attachment_bytes=attachment_bytes,
        **names,
    )
    return b"".join(pieces)


@pytest.mark.parametrize("kind", SampleKind)
def test_examples_are_samples(kind: SampleKind) -> None:
    receiver = BELGIAN if "bis3" in kind else DUTCH
    assert (EXAMPLES / f"{kind}.xml").read_bytes() == made(kind, receiver)


@pytest.mark.parametrize("kind", SampleKind)
@pytest.mark.parametrize("receiver", [DUTCH, BELGIAN])
def test_facts_are_those_asked_for(kind: SampleKind, receiver: ParticipantId) -> None:
    reader = ubl.FactsReader()
    reader.feed(made(kind, receiver))
    facts = reader.close()
    assert (facts.sender, facts.receiver, facts.problems) == (SENDER, receiver, ())
    assert facts.kind == ("credit_note" if "credit" in kind else "invoice")
    assert ("nlcius" in (facts.customization_id or "")) is ("si-ubl" in kind)


@pytest.mark.parametrize("kind", SampleKind)
@pytest.mark.parametrize("receiver", [DUTCH, BELGIAN])
def test_amounts_add_up(kind: SampleKind, receiver: ParticipantId) -> None:
    root = etree.fromstring(made(kind, receiver))

    def amounts(path: str) -> list[Decimal]:
        return [Decimal(found.text or "") for found in root.iterfind(path)]

    lines = [element for element in root if str(element.tag).endswith("Line")]
    assert sum(amounts("{*}LegalMonetaryTotal/{*}LineExtensionAmount")) == sum(
        Decimal(line.findtext("{*}LineExtensionAmount") or "") for line in lines
    )
    vat = amounts("{*}TaxTotal/{*}TaxAmount")
    assert sum(amounts("{*}TaxTotal/{*}TaxSubtotal/{*}TaxAmount")) == sum(vat)
    assert sum(amounts("{*}LegalMonetaryTotal/{*}PayableAmount")) == sum(
        amounts("{*}LegalMonetaryTotal/{*}TaxExclusiveAmount") + vat
    )


@pytest.mark.parametrize("kind", SampleKind)
def test_valid_by_the_official_schema(kind: SampleKind) -> None:
    root = etree.fromstring(made(kind, attachment_bytes=5000))
    name = etree.QName(root).localname
    path = shared(f"rules/official/ubl-2.1-os/xsdrt/maindoc/UBL-{name}-2.1.xsd")
    etree.XMLSchema(file=str(path)).assertValid(root)


LAYERS = {
    "si-ubl": ["nlcius-2.0.3.13/xslt/si-ubl-2.0.3.13.xslt"],
    "bis3": [
        "peppol-billing-2026.5/xslt/CEN-EN16931-UBL.xslt",
        "peppol-billing-2026.5/xslt/PEPPOL-EN16931-UBL.xslt",
    ],
}


@pytest.mark.parametrize("rules", ["si-ubl", "bis3"])
def test_valid_by_the_official_rules(rules: str) -> None:
    saxonche = pytest.importorskip("saxonche")
    official = shared("rules/official")
    processor = saxonche.PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    sheets = [
        compiler.compile_stylesheet(stylesheet_file=str(official / layer))
        for layer in LAYERS[rules]
    ]
    for kind in (f"{rules}-invoice", f"{rules}-credit-note"):
        for receiver in (DUTCH, BELGIAN):
            data = made(SampleKind(kind), receiver, 3000)
            node = processor.parse_xml(xml_text=data.decode())
            for sheet in sheets:
                report = sheet.transform_to_string(xdm_node=node)
                assert "schematron-output" in report
                assert "failed-assert" not in report, report
                assert "successful-report" not in report, report


@pytest.mark.parametrize("size", [MIN_PDF_BYTES, 200_000, 1_000_001])
def test_attachment_is_a_pdf_of_the_size_asked_for(size: int) -> None:
    root = etree.fromstring(
        made(SampleKind.BIS3_INVOICE, attachment_bytes=size), etree.XMLParser(huge_tree=True)
    )
    found = root.findtext(".//{*}EmbeddedDocumentBinaryObject") or ""
    data = base64.b64decode(found, validate=True)
    assert data == b"".join(pdf("Leverbonnen bij 2026-0042", size=size))
    assert len(data) == size


def test_pdf_can_be_opened() -> None:
    data = b"".join(pdf("Bon (1) \u00e9", size=300_000))
    assert data.startswith(b"%PDF-1.4\n")
    assert data.endswith(b"%%EOF\n")
    table = int(data.rpartition(b"startxref\n")[2].split()[0])
    assert data[table:].startswith(b"xref\n0 7\n")
    entries = re.findall(rb"(\d{10}) 00000 n \n", data[table:])
    for number, offset in enumerate(entries, 1):
        assert data[int(offset) :].startswith(b"%d 0 obj\n" % number)
    for length, start in re.findall(rb"/Length (\d+) >>\nstream\n()", data):
        assert not start
        at = data.index(b"/Length %b >>\nstream\n" % length)
        stream = data.index(b"stream\n", at) + 7
        assert data[stream + int(length) :].startswith(b"\nendstream")


def test_pieces_stay_small() -> None:
    pieces = list(
        sample(
            SampleKind.BIS3_INVOICE,
            number="A&B",
            issue_date=date(2026, 1, 1),
            sender=SENDER,
            receiver=DUTCH,
            attachment_bytes=2_000_000,
        )
    )
    assert max(map(len, pieces)) < 600_000
    assert b"<cbc:ID>A&amp;B</cbc:ID>" in pieces[0]
