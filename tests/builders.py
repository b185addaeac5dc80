# SPDX-License-Identifier: Apache-2.0
"""One valid thing of each kind; a test changes one part of it."""

from __future__ import annotations

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId

SENDER = ParticipantId("0106:12345678")
RECEIVER = ParticipantId("0190:00000001234567890000")
BILLING = ProcessId("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0")
BIS3 = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
INVOICE = DocumentTypeId.parse(
    f"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##{BIS3}::2.1"
)


def invoice(
    number: str = "2026-1",
    *,
    sender: ParticipantId = SENDER,
    receiver: ParticipantId = RECEIVER,
    note: str = "",
) -> bytes:
    """An invoice with what routing and lists read, in a writing of its own: not canonical."""
    sender_id, receiver_id = sender.value.partition(":")[2], receiver.value.partition(":")[2]
    return f"""<?xml version='1.0' encoding="utf-8"?>
<!-- kept as it is -->
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>{BIS3}</cbc:CustomizationID>
 <cbc:ProfileID>{BILLING}</cbc:ProfileID>
 <cbc:ID>{number}</cbc:ID>
 <cbc:IssueDate>2026-11-22</cbc:IssueDate>
 <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>{note}</cbc:Note>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party>
  <cbc:EndpointID schemeID="{sender.icd}">{sender_id}</cbc:EndpointID>
  <cac:PartyLegalEntity><cbc:RegistrationName>Jansen &amp; Co</cbc:RegistrationName></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty><cac:Party>
  <cbc:EndpointID schemeID="{receiver.icd}">{receiver_id}</cbc:EndpointID>
  <cac:PartyLegalEntity><cbc:RegistrationName>Gemeente</cbc:RegistrationName></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingCustomerParty>
 <cac:LegalMonetaryTotal>
  <cbc:PayableAmount currencyID="EUR">121.00</cbc:PayableAmount>
 </cac:LegalMonetaryTotal>
</Invoice >
""".encode()  # noqa: E501
