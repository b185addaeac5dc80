# SPDX-License-Identifier: Apache-2.0
"""The documents that go to peers and come from them; every free text in them leaves ASCII."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.sandbox.samples import SampleKind, sample

SENDER = "0106:11112222"
NOBODY = "0106:99998888"
NAMES = ("Bäckerei Żółć & Zonen <日本> 𝄞", "Café «Ðe Ÿ» — Ελλάς")
MEGABYTE = 1_000_000

_EN_16931 = "urn:cen.eu:en16931:2017#compliant#"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_FREE_TEXT = re.compile(
    rb"<cbc:(StreetName|CityName|BuyerReference|Note|Name|TaxExemptionReason|DocumentDescription)>"
    rb"[ -~]+(?=</)"
)
_FOREIGN = " · Ærø 東京 𐍈 e\u0301".encode()  # two, three and four bytes; a combining accent


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of document, with a receiver of the country that it is for."""

    kind: SampleKind
    document_type: DocumentTypeId
    receiver: str
    number: str

    def document(self, *, names: tuple[str, str] = NAMES, attachment: int = 0) -> bytes:
        """The document itself."""
        pieces = sample(
            self.kind,
            number=self.number,
            issue_date=datetime.now(UTC).date(),
            sender=ParticipantId(SENDER),
            receiver=ParticipantId(self.receiver),
            seller_name=names[0],
            buyer_name=names[1],
            attachment_bytes=attachment,
        )
        return _FREE_TEXT.sub(rb"\g<0>" + _FOREIGN, b"".join(pieces))


INVOICE = Case(
    SampleKind.BIS3_INVOICE,
    DocumentTypeId.parse(
        f"{_UBL}Invoice-2::Invoice##{_EN_16931}urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1"
    ),
    "0208:0990000014",
    "2026-71",
)
CREDIT_NOTE = Case(
    SampleKind.SI_UBL_CREDIT_NOTE,
    DocumentTypeId.parse(
        f"{_UBL}CreditNote-2::CreditNote##{_EN_16931}urn:fdc:nen.nl:nlcius:v1.0::2.1"
    ),
    "0106:33334444",
    "2026-72-C",
)
CASES = (INVOICE, CREDIT_NOTE)
RECEIVERS = [case.receiver for case in CASES]


def canonical(document: bytes) -> bytes:
    """A document in canonical form: equal for equal XML, however it was written."""
    return _canonical(_parsed(document))


def business_document(envelope: bytes) -> bytes:
    """The canonical form of what an envelope holds beside its header."""
    return _canonical(_parsed(envelope)[-1])


def _parsed(document: bytes) -> etree._Element:
    # Ours for the large ones, whose attachments the parser of the gateway never has in one piece.
    return etree.fromstring(document, etree.XMLParser(huge_tree=True, resolve_entities=False))


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
