# SPDX-License-Identifier: Apache-2.0
"""Identifiers of parties in the Peppol rules: check digits, shapes, and odd input."""

from __future__ import annotations

import pytest

from tests.unit.schemas.judging import BILLING, SELFBILLING, judged, party, ubl


def endpoint(scheme: str, value: str) -> str:
    return ubl(f'<cbc:EndpointID schemeID="{scheme}">{value}</cbc:EndpointID>')


@pytest.mark.parametrize(
    ("rule", "scheme", "good", "bad"),
    [
        ("PEPPOL-COMMON-R040", "0088", "7300010000001", "7300010000002"),
        ("PEPPOL-COMMON-R040", "0088", " 0 ", "73000100000O1"),
        ("PEPPOL-COMMON-R041", "0192", "123456785", "123456786"),
        ("PEPPOL-COMMON-R041", "0192", "987654325", "000000000"),
        ("PEPPOL-COMMON-R042", "0184", "DK12345678", "DK1234567"),
        ("PEPPOL-COMMON-R042", "0184", "12345678", " 12345678"),
        ("PEPPOL-COMMON-R043", "0208", "0123456749", "0123456750"),
        ("PEPPOL-COMMON-R043", "0208", "0000009797", "0000009700"),
        ("PEPPOL-COMMON-R044", "0201", "aB1234", "aB123"),
        ("PEPPOL-COMMON-R045", "0210", "RSSMRA85T10A562S", "RSSMRA85T10A56SS"),
        ("PEPPOL-COMMON-R045", "0210", "+1234567890", "1234567890"),
        ("PEPPOL-COMMON-R045", "0210", "RSSMRA+5T 1A562S", "RSSMRA5+T10A562S"),
        ("PEPPOL-COMMON-R046", "9907", "12345678901", "RSSMRA85T10A562"),
        ("PEPPOL-COMMON-R047", "0211", "IT12345678903", "IT12345678904"),
        ("PEPPOL-COMMON-R047", "0211", "FR1", "it1234567890"),
        ("PEPPOL-COMMON-R049", "0007", "5566778899", "5566778898"),
        ("PEPPOL-COMMON-R049", "0007", " 5566778899 ", "556677-8899"),
        ("PEPPOL-COMMON-R050", "0151", "51824753556", "51824753557"),
        ("PEPPOL-COMMON-R052", "0096", "1234567890", "123456789"),
        ("PEPPOL-COMMON-R053", "0198", "DK12345678", "12345678"),
        ("PEPPOL-COMMON-R054", "0106", "12345678", "1234567"),
        ("PEPPOL-COMMON-R055", "0190", "00000001234567890000", "1234567890"),
        ("PEPPOL-COMMON-R056-1", "9944", "NL123456789B01", "nl123456789B01"),
        ("PEPPOL-COMMON-R057", "0217", "123456789012", "12345678901"),
    ],
)
def test_an_identifier_is_judged_by_its_scheme(rule: str, scheme: str, good: str, bad: str) -> None:
    for file in (BILLING, SELFBILLING):
        assert rule not in judged(file, endpoint(scheme, good))
        assert rule in judged(file, endpoint(scheme, bad))


@pytest.mark.parametrize("odd", ["IT+1234567890", "IT 1234567890"])
def test_an_italian_number_with_a_sign_ends_the_layer(odd: str) -> None:
    assert judged(BILLING, endpoint("0211", odd)) == {"error"}


def test_the_scheme_goes_before_the_vat_number() -> None:
    number = "<cbc:CompanyID{}>NL12</cbc:CompanyID>"
    scheme = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    plain, marked = (
        ubl(f"<cac:PartyTaxScheme>{number.format(mark)}{scheme}</cac:PartyTaxScheme>")
        for mark in ("", ' schemeID="0106"')
    )
    both = {"PEPPOL-COMMON-R054", "PEPPOL-COMMON-R056-2"}
    assert judged(BILLING, plain) & both == {"PEPPOL-COMMON-R056-2"}
    assert judged(BILLING, marked) & both == {"PEPPOL-COMMON-R054"}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("5566778899", set()),
        ("5566778898", {"SE-R-013"}),
        ("55667788990", {"SE-R-004"}),
        ("556677", {"SE-R-004", "SE-R-013"}),
        ("556677889x", {"SE-R-003", "SE-R-013"}),
        ("\u0665566778899", {"error"}),
    ],
)
def test_a_swedish_organisation_number(number: str, said: set[str]) -> None:
    entity = f"<cac:PartyLegalEntity><cbc:CompanyID>{number}</cbc:CompanyID></cac:PartyLegalEntity>"
    failed = judged(BILLING, ubl(party("Supplier", "SE", entity)))
    assert failed & {"SE-R-003", "SE-R-004", "SE-R-013", "error"} == said


@pytest.mark.parametrize(
    ("account", "right"),
    [
        ("DE89370400440532013000", True),
        ("DE89 3704 0044 0532 0130 00", True),
        ("DE89370400440532013001", False),
        ("de89370400440532013000", False),
        ("DE89-370400440532013000", False),
        ("", False),
    ],
)
def test_a_german_iban(account: str, right: bool) -> None:
    payment = (
        "<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cac:PayeeFinancialAccount>"
        f"<cbc:ID>{account}</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    document = ubl(party("Supplier", "DE") + party("Customer", "DE") + payment)
    assert ("DE-R-019" not in judged(BILLING, document)) is right
