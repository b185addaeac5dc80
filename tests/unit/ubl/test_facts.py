# SPDX-License-Identifier: Apache-2.0
"""Which facts are found in which kind of document, and what is said where one is missing."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway import ubl
from gateway.errors import Fault
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.ubl.paths import CII, cii_version, ubl_version
from gateway.ubl.reading import MAX_REPEATS, MAX_TEXT
from tests.shared import shared

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
BIS3 = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def read(data: bytes, size: int | None = None) -> ubl.DocumentFacts:
    reader = ubl.FactsReader()
    step = size or len(data) or 1
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader.close()


def document(root: str, content: str) -> bytes:
    return (
        f'<{root} xmlns="{UBL}{root}-2" xmlns:cac="{UBL}CommonAggregateComponents-2"'
        f' xmlns:cbc="{UBL}CommonBasicComponents-2">{content}</{root}>'
    ).encode()


def party(place: str, content: str, *, inner: bool = True) -> str:
    inside = f"<cac:Party>{content}</cac:Party>" if inner else content
    return f"<cac:{place}>{inside}</cac:{place}>"


def endpoint(value: str) -> str:
    scheme, _, number = value.partition(":")
    return f'<cbc:EndpointID schemeID="{scheme}"> {number}\n</cbc:EndpointID>'


def ids(customization: str = BIS3, profile: str = "urn:x") -> str:
    return (
        f"<cbc:CustomizationID>{customization}</cbc:CustomizationID>"
        f"<cbc:ProfileID>{profile}</cbc:ProfileID>"
    )


SUPPLIER = party("AccountingSupplierParty", endpoint("0106:11111111"))
CUSTOMER = party("AccountingCustomerParty", endpoint("0106:22222222"))


@pytest.mark.parametrize("size", [None, 1, 100])
def test_reads_an_invoice(size: int | None) -> None:
    facts = read((EXAMPLES / "bis3-invoice.xml").read_bytes(), size)
    assert facts == ubl.DocumentFacts(
        namespace=f"{UBL}Invoice-2",
        local_name="Invoice",
        kind="invoice",
        document_type=DocumentTypeId("busdox-docid-qns", f"{UBL}Invoice-2::Invoice##{BIS3}::2.1"),
        process=facts.process,
        sender=ParticipantId("0106:91000011"),
        receiver=ParticipantId("0208:0990000014"),
        customization_id=BIS3,
        profile_id="urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        number="2026-0042",
        issue_date=date(2026, 11, 20),
        due_date=date(2026, 12, 20),
        type_code="380",
        seller_name="Bakkerij De Proef B.V.",
        buyer_name="Brouwerij Voorbeeld BV",
        seller_country="NL",
        buyer_country="BE",
        payable_amount="529.00",
        currency="EUR",
        order_reference="B-2026-118",
        buyer_reference="inkoop-brood",
    )
    assert facts.process is not None
    assert facts.process.value == facts.profile_id
    assert facts.require_document_type() is facts.document_type


def test_reads_a_credit_note() -> None:
    facts = read((EXAMPLES / "si-ubl-credit-note.xml").read_bytes())
    assert (facts.kind, facts.number, facts.type_code) == ("credit_note", "2026-0042-C", "381")
    assert facts.receiver == ParticipantId("0106:92000033")
    assert "nlcius" in facts.require_document_type().value


@pytest.mark.parametrize(
    ("root", "customization", "code"),
    [
        (
            "Invoice",
            "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
            "",
        ),
        ("CreditNote", "urn:peppol:pint:selfbilling-1@aunz-1", ""),
        ("Invoice", BIS3, "<cbc:InvoiceTypeCode>389</cbc:InvoiceTypeCode>"),
        ("CreditNote", BIS3, "<cbc:CreditNoteTypeCode>261</cbc:CreditNoteTypeCode>"),
    ],
)
def test_of_a_self_billed_document_the_buyer_is_the_sender(
    root: str, customization: str, code: str
) -> None:
    facts = read(document(root, ids(customization) + code + SUPPLIER + CUSTOMER))
    assert facts.sender == ParticipantId("0106:22222222")
    assert facts.receiver == ParticipantId("0106:11111111")


@pytest.mark.parametrize(
    ("root", "sender", "receiver"),
    [
        ("Order", "BuyerCustomerParty", "SellerSupplierParty"),
        ("OrderChange", "BuyerCustomerParty", "SellerSupplierParty"),
        ("OrderResponse", "SellerSupplierParty", "BuyerCustomerParty"),
        ("DespatchAdvice", "DespatchSupplierParty", "DeliveryCustomerParty"),
        ("ReceiptAdvice", "DeliveryCustomerParty", "DespatchSupplierParty"),
        ("Catalogue", "ProviderParty", "ReceiverParty"),
        ("ApplicationResponse", "SenderParty", "ReceiverParty"),
    ],
)
def test_other_documents_name_their_ends_too(root: str, sender: str, receiver: str) -> None:
    inner = root not in ("Catalogue", "ApplicationResponse")
    content = party(sender, endpoint("0242:000001"), inner=inner)
    content += party(receiver, endpoint("0088:7300010000001"), inner=inner)
    facts = read(document(root, ids("urn:peppol:edec:mls:1.0") + content))
    assert (facts.kind, facts.problems) == (root, ())
    assert facts.sender == ParticipantId("0242:000001")
    assert facts.receiver == ParticipantId("0088:7300010000001")


def test_reads_what_a_response_answers() -> None:
    content = (
        "<cac:DocumentResponse><cac:Response><cbc:ResponseCode>RE</cbc:ResponseCode></cac:Response>"
        "<cac:DocumentReference><cbc:ID>X-1</cbc:ID></cac:DocumentReference></cac:DocumentResponse>"
    )
    facts = read(document("ApplicationResponse", ids() + content))
    assert (facts.response_code, facts.answered_document) == ("RE", "X-1")


COMPANY = (
    '<cac:PartyLegalEntity><cbc:CompanyID schemeID="0106">333</cbc:CompanyID>'
    "</cac:PartyLegalEntity>"
)
NUMBER = '<cac:PartyIdentification><cbc:ID schemeID="0190">444</cbc:ID></cac:PartyIdentification>'
TAX = "<cac:PartyTaxScheme><cbc:CompanyID>NL0000.00012.B01</cbc:CompanyID></cac:PartyTaxScheme>"


@pytest.mark.parametrize(
    ("content", "receiver"),
    [
        (COMPANY + NUMBER + TAX, "0106:333"),
        (NUMBER + TAX, "0190:444"),
        (COMPANY.replace(' schemeID="0106"', "") + TAX, "9944:nl000000012b01"),
        (TAX.replace("NL", "BE"), None),
        ("", None),
    ],
)
def test_receiver_without_endpoint_is_found_by_its_registrations(
    content: str, receiver: str | None
) -> None:
    customer = party("AccountingCustomerParty", content)
    facts = read(document("Invoice", ids() + SUPPLIER + customer))
    assert facts.receiver == (ParticipantId(receiver) if receiver else None)
    assert "the document has no EndpointID of the receiver" in facts.problems


def test_sender_is_its_endpoint_or_nothing() -> None:
    facts = read(document("Invoice", ids() + party("AccountingSupplierParty", COMPANY) + CUSTOMER))
    assert facts.sender is None


@pytest.mark.parametrize("wrong", ["0106:1 1", "KVK:11111111", ":1"])
def test_endpoint_that_is_no_participant_is_a_problem(wrong: str) -> None:
    customer = party("AccountingCustomerParty", endpoint(wrong) + COMPANY)
    facts = read(document("Invoice", ids() + SUPPLIER + customer))
    assert facts.receiver is None
    assert facts.problems == ("the EndpointID of the receiver is not a participant",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no CustomizationID"),
        (ids(""), "no CustomizationID"),
        (ids("a b"), "cannot be part"),
        (ids("a" * 2000), "cannot be part"),
        (ids("urn:peppol:pint:billing-1*"), "cannot be part"),
        (ids("a*"), "cannot be part"),
    ],
)
def test_document_type_that_cannot_be_named(content: str, said: str) -> None:
    facts = read(document("Invoice", content + SUPPLIER + CUSTOMER))
    assert facts.document_type is None
    assert facts.sender is not None
    with pytest.raises(ubl.FactsError, match=said) as caught:
        facts.require_document_type()
    assert (caught.value.code, caught.value.fault) == ("document_type_unknown", Fault.CALLER)


def test_process_that_cannot_be_named() -> None:
    for content, said in (
        (ids(profile="a b"), "is not a process"),
        (ids(profile=""), "no ProfileID"),
    ):
        facts = read(document("Invoice", content))
        assert facts.process is None
        assert said in " ".join(facts.problems)


def test_pint_is_under_the_wildcard_scheme() -> None:
    facts = read(document("Invoice", ids("urn:peppol:pint:billing-1@eu-1")))
    assert facts.require_document_type().scheme == "peppol-doctype-wildcard"


def test_other_documents_have_a_name_only() -> None:
    for data in (b"<a/>", b'<a xmlns="urn:b"/>', f'<Order xmlns="{UBL}Invoice-2"/>'.encode()):
        facts = read(data)
        assert facts.kind == facts.local_name
        assert facts.document_type is None
        with pytest.raises(ubl.FactsError):
            facts.require_document_type()
    assert read(document("Waybill", ids() + SUPPLIER)).sender is None


def test_values_that_are_none_are_left_out() -> None:
    amount = '<cbc:PayableAmount currencyID="eur">NaN</cbc:PayableAmount>'
    total = f"<cac:LegalMonetaryTotal>{amount}</cac:LegalMonetaryTotal>"
    content = "<cbc:ID> </cbc:ID><cbc:IssueDate>2026-02-30</cbc:IssueDate>" + total
    facts = read(document("Invoice", ids() + content))
    assert (facts.number, facts.issue_date, facts.payable_amount, facts.currency) == (None,) * 4
    content = content.replace("eur", "EUR").replace("NaN", "-1.50").replace("02-30", "02-03Z")
    facts = read(document("CreditNote", ids() + content))
    assert (facts.issue_date, facts.payable_amount) == (date(2026, 2, 3), "-1.50")
    assert facts.currency == "EUR"
    means = (
        "<cac:PaymentMeans><cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate></cac:PaymentMeans>"
    )
    assert read(document("CreditNote", ids() + means)).due_date == date(2026, 3, 1)


def test_first_of_many_counts_and_long_texts_are_cut() -> None:
    content = "".join(f"<cbc:ID>{number}</cbc:ID>" for number in range(MAX_REPEATS * 2))
    assert read(document("Invoice", content)).number == "0"
    text = "é" * 5000
    facts = read(document("Invoice", f"<cbc:ID>{text}</cbc:ID>"), 1000)
    assert facts.number is not None
    assert len(facts.number) == MAX_TEXT


@pytest.mark.parametrize(
    "data", [b"", b"<a>", b"<a></b>", b"<!DOCTYPE a><a/>", b"<a>&b;</a>", "<a/>".encode("utf-16")]
)
def test_refuses_what_is_no_xml(data: bytes) -> None:
    with pytest.raises(ubl.MalformedXMLError) as caught:
        read(data)
    assert (caught.value.code, caught.value.fault) == ("malformed_xml", Fault.CALLER)


def test_large_attachments_leave_no_trace_in_memory() -> None:
    opening, _, closing = (EXAMPLES / "bis3-invoice.xml").read_bytes().partition(b"<cac:Order")
    piece = b"QUJD" * 16_384

    def pieces() -> Iterator[bytes]:
        yield opening + b"<cac:Attachment><cbc:EmbeddedDocumentBinaryObject>"
        for _ in range(400):
            yield piece
        yield b"</cbc:EmbeddedDocumentBinaryObject></cac:Attachment><cac:Order" + closing

    reader = ubl.FactsReader()
    tracemalloc.start()
    for chunk in pieces():
        reader.feed(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reader.close().payable_amount == "529.00"
    assert peak < 1_000_000


def cii(content: str) -> bytes:
    ram = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    udt = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
    return (
        f'<rsm:CrossIndustryInvoice xmlns:rsm="{CII}" xmlns:ram="{ram}" xmlns:udt="{udt}">'
        f"{content}</rsm:CrossIndustryInvoice>"
    ).encode()


def trade_party(role: str, number: str) -> str:
    return (
        f"<ram:{role}TradeParty><ram:Name>{role}</ram:Name><ram:URIUniversalCommunication>"
        f'<ram:URIID schemeID="0106">{number}</ram:URIID></ram:URIUniversalCommunication>'
        f"</ram:{role}TradeParty>"
    )


def test_reads_a_cross_industry_invoice() -> None:
    parameter = "SpecifiedDocumentContextParameter"
    facts = read(
        cii(
            f"<rsm:ExchangedDocumentContext><ram:BusinessProcess{parameter}><ram:ID>urn:p</ram:ID>"
            f"</ram:BusinessProcess{parameter}><ram:Guideline{parameter}><ram:ID>{BIS3}</ram:ID>"
            f"</ram:Guideline{parameter}></rsm:ExchangedDocumentContext><rsm:ExchangedDocument>"
            "<ram:ID>7</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>"
            '<udt:DateTimeString format="102">20261120</udt:DateTimeString></ram:IssueDateTime>'
            "</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
            "<ram:ApplicableHeaderTradeAgreement>"
            f"{trade_party('Seller', '11111111')}{trade_party('Buyer', '22222222')}"
            "</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeSettlement>"
            "<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>"
            "<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:DuePayableAmount>12.10"
            "</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
            "</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
        )
    )
    assert facts.require_document_type().value == f"{CII}::CrossIndustryInvoice##{BIS3}::D16B"
    assert (facts.kind, facts.number, facts.issue_date) == ("invoice", "7", date(2026, 11, 20))
    assert facts.sender == ParticipantId("0106:11111111")
    assert facts.receiver == ParticipantId("0106:22222222")
    assert (facts.seller_name, facts.payable_amount, facts.currency) == ("Seller", "12.10", "EUR")
    credit = read(
        cii("<rsm:ExchangedDocument><ram:TypeCode>381</ram:TypeCode></rsm:ExchangedDocument>")
    )
    assert credit.kind == "credit_note"


def test_versions_are_those_of_the_document_type_list() -> None:
    path = shared("data/codelists/peppol-document-types-v9.7.json")
    known = 0
    for row in json.loads(path.read_bytes())["values"]:
        if row["state"] != "active" or not row["value"].startswith((UBL, CII)):
            continue
        kind = DocumentTypeId(row["scheme"], row["value"])
        version = cii_version if kind.namespace == CII else ubl_version
        assert version(kind.customization_id) == kind.version, kind
        known += 1
    assert known > 100


def test_corpus_is_read_as_its_manifest_says() -> None:
    corpus = shared("rules/corpus")
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text().splitlines()]
    complete = 0
    for row in rows[::5]:
        if row["root"] not in ("Invoice", "CreditNote", "Order", "ApplicationResponse"):
            continue
        facts = read((corpus / row["file"]).read_bytes(), 10_000)
        assert facts.local_name == row["root"]
        if facts.namespace.startswith(UBL):
            assert facts.customization_id == (row["customization_id"] or None)
        complete += None not in (facts.sender, facts.receiver, facts.document_type, facts.number)
    assert complete > 100
