# SPDX-License-Identifier: Apache-2.0
"""The document types that a Dutch receiver takes at least, and names of those often met.

Source: Peppol code lists 9.7 (2026-07-02). The whole list is data of a later room; these few are
what a participant gets who says nothing else.
"""

from __future__ import annotations

from gateway.identifiers import DOCUMENT_TYPE_EXACT, DocumentTypeId, ProcessId

BILLING = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")

_BIS = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_NLCIUS = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"

_CUSTOMIZATIONS = {
    _BIS: "Peppol BIS Billing 3",
    _NLCIUS: "SI-UBL 2.0",
    f"{_NLCIUS}#conformant#urn:fdc:nen.nl:gaccount:v1.0": "SI-UBL 2.0 with G-account",
    f"{_NLCIUS}#compliant#urn:fdc:setu.nl:invoice:v2.2": "SETU 2.2",
    f"{_NLCIUS}#conformant#urn:fdc:energie-efactuur.nl:invoice:v3.0": "SEeF 3.0",
    "urn:cen.eu:en16931:2017": "EN 16931",
    "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0": "XRechnung 3.0",
    "urn:fdc:peppol.eu:poacc:trns:invoice_response:3": "Peppol Invoice Response 3",
    "urn:fdc:peppol.eu:poacc:trns:mlr:3": "Peppol Message Level Response 3",
    "urn:fdc:peppol.eu:poacc:trns:order:3": "Peppol Order 3",
    "urn:peppol:edec:mls:1.0": "Peppol Message Level Status 1.0",
    "urn:peppol:pint:billing-1": "Peppol PINT",
    "urn:peppol:pint:billing-1@eu-1": "Peppol PINT EU",
}
_ROOTS = {"Invoice": "Invoice", "CreditNote": "Credit Note", "CrossIndustryInvoice": "CII Invoice"}


def ubl_document_type(root: str, customization: str) -> DocumentTypeId:
    """The identifier of an UBL 2.1 document with this customization."""
    return DocumentTypeId(DOCUMENT_TYPE_EXACT, f"{_UBL}:{root}-2::{root}##{customization}::2.1")


DEFAULT_DOCUMENT_TYPES = tuple(
    (ubl_document_type(root, customization), BILLING)
    for customization in (_BIS, _NLCIUS)
    for root in ("Invoice", "CreditNote")
)


def display_name(document_type: DocumentTypeId) -> str | None:
    """A name for people, or None for a type that is not in the short list above."""
    customization = document_type.customization_id
    name = _CUSTOMIZATIONS.get(customization.removesuffix("*"))
    if name is None:
        return None
    root = _ROOTS.get(document_type.local_name)
    family = " and its specialisations" if customization.endswith("*") else ""
    return f"{name} {root}{family}" if root else f"{name}{family}"
