# SPDX-License-Identifier: Apache-2.0
"""Invoices and credit notes to try the gateway with, valid by the rules of their kind.

Businesses, numbers and goods are invented. The same function makes the files in `examples/` and
documents of any size, with a real PDF inside.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from gateway import safexml
from gateway.identifiers import ParticipantId
from gateway.sandbox.sample_pdf import pdf
from gateway.sandbox.sample_ubl import Writer

_EN_16931 = "urn:cen.eu:en16931:2017#compliant#"
_SI_UBL = f"{_EN_16931}urn:fdc:nen.nl:nlcius:v1.0"
_BIS3 = f"{_EN_16931}urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_BELGIAN = ("0208", "9925")


class SampleKind(StrEnum):
    """Which document: the rules it follows, then what it is."""

    SI_UBL_INVOICE = "si-ubl-invoice"
    SI_UBL_CREDIT_NOTE = "si-ubl-credit-note"
    BIS3_INVOICE = "bis3-invoice"
    BIS3_CREDIT_NOTE = "bis3-credit-note"


def sample(
    kind: SampleKind,
    *,
    number: str,
    issue_date: date,
    sender: ParticipantId,
    receiver: ParticipantId,
    seller_name: str = "Bakkerij De Proef B.V.",
    buyer_name: str = "Groothandel Toets B.V.",
    attachment_bytes: int = 0,
) -> Iterator[bytes]:
    """The document in pieces, from a Dutch seller to a Dutch or Belgian buyer.

    What a Belgian gets is an intra-community supply. A credit note `X-C` is for part of invoice
    `X`. `attachment_bytes` is the size of the PDF inside; 0 leaves it out.
    """
    credit = kind in (SampleKind.SI_UBL_CREDIT_NOTE, SampleKind.BIS3_CREDIT_NOTE)
    dutch = kind in (SampleKind.SI_UBL_INVOICE, SampleKind.SI_UBL_CREDIT_NOTE)
    writer = Writer(
        customization=_SI_UBL if dutch else _BIS3,
        number=number,
        issue_date=issue_date,
        abroad=receiver.icd in _BELGIAN,
        credits=number.removesuffix("-C") if credit else None,
    )
    yield _lines(writer.opening())
    if attachment_bytes:
        yield from _attachment(number, attachment_bytes)
    yield _lines(writer.parties((seller_name, sender), (buyer_name, receiver)))
    yield _lines(writer.closing())


def _attachment(number: str, size: int) -> Iterator[bytes]:
    yield (
        "  <cac:AdditionalDocumentReference>\n"
        f"    <cbc:ID>{safexml.text(number)}-bijlage</cbc:ID>\n"
        "    <cbc:DocumentDescription>Leverbonnen</cbc:DocumentDescription>\n"
        "    <cac:Attachment>\n"
        '      <cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf"'
        ' filename="leverbonnen.pdf">'
    ).encode()
    for piece in pdf(f"Leverbonnen bij {number}", size=size):
        yield base64.b64encode(piece)
    yield (
        b"</cbc:EmbeddedDocumentBinaryObject>\n"
        b"    </cac:Attachment>\n"
        b"  </cac:AdditionalDocumentReference>\n"
    )


def _lines(lines: Iterator[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
