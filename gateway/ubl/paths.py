# SPDX-License-Identifier: Apache-2.0
"""Where the facts stand in each kind of document: tables, and the tree they are compiled to.

UBL 2.1 to 2.4 as Peppol BIS, SI-UBL and PINT use it; UN/CEFACT Cross Industry Invoice D16B by
EN 16931-3-3. Versions of the syntax follow the Peppol document type list 9.7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"

_NAMESPACES = {
    "cbc": f"{UBL}CommonBasicComponents-2",
    "cac": f"{UBL}CommonAggregateComponents-2",
    "rsm": CII,
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


@dataclass(frozen=True, slots=True)
class Parties:
    """Which parties of a document have which part; a self-billed one goes the other way."""

    sender: str
    receiver: str
    seller: str | None = None
    buyer: str | None = None


_SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
_CUSTOMER = "cac:AccountingCustomerParty/cac:Party"
_SELLER = "cac:SellerSupplierParty/cac:Party"
_BUYER = "cac:BuyerCustomerParty/cac:Party"
_DESPATCHER = "cac:DespatchSupplierParty/cac:Party"
_TAKER = "cac:DeliveryCustomerParty/cac:Party"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_CII_SELLER = f"{_AGREEMENT}/ram:SellerTradeParty"
_CII_BUYER = f"{_AGREEMENT}/ram:BuyerTradeParty"

_BILLING = Parties(_SUPPLIER, _CUSTOMER, _SUPPLIER, _CUSTOMER)
_ORDERING = Parties(_BUYER, _SELLER, _SELLER, _BUYER)
CII_PARTIES = Parties(_CII_SELLER, _CII_BUYER, _CII_SELLER, _CII_BUYER)
UBL_PARTIES = {
    "Invoice": _BILLING,
    "CreditNote": _BILLING,
    "Order": _ORDERING,
    "OrderChange": _ORDERING,
    "OrderCancellation": _ORDERING,
    "OrderResponse": Parties(_SELLER, _BUYER, _SELLER, _BUYER),
    "DespatchAdvice": Parties(_DESPATCHER, _TAKER, _DESPATCHER, _TAKER),
    "ReceiptAdvice": Parties(_TAKER, _DESPATCHER, _DESPATCHER, _TAKER),
    "Catalogue": Parties("cac:ProviderParty", "cac:ReceiverParty"),
    "ApplicationResponse": Parties("cac:SenderParty", "cac:ReceiverParty"),
}

_UBL_FIELDS = {
    "cbc:CustomizationID": "customization_id",
    "cbc:ProfileID": "profile_id",
    "cbc:ID": "number",
    "cbc:IssueDate": "issue_date",
    "cbc:DueDate": "due_date",
    "cac:PaymentMeans/cbc:PaymentDueDate": "payment_due_date",
    "cbc:InvoiceTypeCode": "type_code",
    "cbc:CreditNoteTypeCode": "type_code",
    "cbc:DocumentCurrencyCode": "currency",
    "cbc:BuyerReference": "buyer_reference",
    "cac:OrderReference/cbc:ID": "order_reference",
    "cac:LegalMonetaryTotal/cbc:PayableAmount": "payable_amount",
    "cac:AnticipatedMonetaryTotal/cbc:PayableAmount": "payable_amount",
    "cac:DocumentResponse/cac:Response/cbc:ResponseCode": "response_code",
    "cac:DocumentResponse/cac:DocumentReference/cbc:ID": "answered_document",
}
_UBL_PARTY = {
    "cbc:EndpointID": "endpoint",
    "cac:PartyLegalEntity/cbc:CompanyID": "company",
    "cac:PartyIdentification/cbc:ID": "identification",
    "cac:PartyTaxScheme/cbc:CompanyID": "tax",
    "cac:PartyLegalEntity/cbc:RegistrationName": "legal_name",
    "cac:PartyName/cbc:Name": "name",
    "cac:PostalAddress/cac:Country/cbc:IdentificationCode": "country",
}
_CONTEXT = "rsm:ExchangedDocumentContext"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_CII_FIELDS = {
    f"{_CONTEXT}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID": "customization_id",
    f"{_CONTEXT}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID": "profile_id",
    "rsm:ExchangedDocument/ram:ID": "number",
    "rsm:ExchangedDocument/ram:TypeCode": "type_code",
    "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString": "issue_date",
    f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString": (
        "due_date"
    ),
    f"{_SETTLEMENT}/ram:InvoiceCurrencyCode": "currency",
    f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:DuePayableAmount": (
        "payable_amount"
    ),
    f"{_AGREEMENT}/ram:BuyerReference": "buyer_reference",
    f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID": "order_reference",
}
_CII_PARTY = {
    "ram:URIUniversalCommunication/ram:URIID": "endpoint",
    "ram:SpecifiedLegalOrganization/ram:ID": "company",
    "ram:GlobalID": "identification",
    "ram:SpecifiedTaxRegistration/ram:ID": "tax",
    "ram:Name": "legal_name",
    "ram:PostalTradeAddress/ram:CountryID": "country",
}

# Version of the syntax where it is not 2.1: by a part of the customization id, first match counts.
_VERSIONS = (
    ("anskaffelser.no:2019", "2.2"),
    ("urn:fdc:peppol.eu:prac:", "2.2"),
    ("urn:fdc:peppol.eu:2017:pracc:", "2.2"),
    (":biicoretrdm", "2.0"),
    (":trns:order_change:", "2.3"),
    (":trns:order_cancellation:", "2.3"),
    (":trns:order_response_advanced:", "2.3"),
    (":logistics:trns:weight_statement:", "2.3"),
    (":logistics:trns:waybill:", "2.3"),
    (":logistics:trns:transportation_status", "2.3"),
    (":logistics:trns:receipt_advice:", "2.3"),
    (":logistics:trns:transport_execution_plan", "2.4"),
)


def ubl_version(customization_id: str) -> str:
    """The version that the document type identifier of a UBL document ends with."""
    for part, version in _VERSIONS:
        if part in customization_id:
            return version
    return "2.1"


def cii_version(customization_id: str) -> str:
    """The same for a cross industry invoice; the French profiles use a newer one."""
    return "D22B" if "urn:peppol:france:" in customization_id else "D16B"


@dataclass(slots=True)
class Node:
    """A step on the way to a fact; `fact` names the fact that stands here."""

    children: dict[str, Node] = field(default_factory=dict)
    fact: str | None = None


def _compile(fields: dict[str, str], party: dict[str, str], parties: Iterable[str]) -> Node:
    paths = dict(fields)
    for place in parties:
        paths.update({f"{place}/{path}": f"{place} {fact}" for path, fact in party.items()})
    root = Node()
    for path, fact in paths.items():
        node = root
        for step in path.split("/"):
            prefix, _, local_name = step.partition(":")
            node = node.children.setdefault(f"{_NAMESPACES[prefix]} {local_name}", Node())
        node.fact = fact
    return root


_UBL_PLACES = {
    place
    for parties in UBL_PARTIES.values()
    for place in (parties.sender, parties.receiver, parties.seller, parties.buyer)
    if place is not None
}
UBL_TREE = _compile(_UBL_FIELDS, _UBL_PARTY, _UBL_PLACES)
CII_TREE = _compile(_CII_FIELDS, _CII_PARTY, (_CII_SELLER, _CII_BUYER))
