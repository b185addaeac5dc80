# SPDX-License-Identifier: Apache-2.0
"""Whose national rules apply, and rules that the usual examples never meet."""

from __future__ import annotations

import pytest

from tests.unit.schemas.judging import (
    BILLING,
    DUTCH,
    GACCOUNT,
    NLCIUS,
    SELFBILLING,
    judged,
    party,
    ubl,
)


def national(document: str, *, file: str = BILLING) -> set[str]:
    """The countries whose rules a document fails."""
    return {rule[:2] for rule in judged(file, document) if rule[2:4] in {"-R", "-S"}}


@pytest.mark.parametrize(
    ("address", "vat", "countries"),
    [
        ("IT", "", {"IT"}),
        ("BE", "IT12345678903", {"IT"}),
        ("IT", "BE0123456749", set()),
        ("NO", "NO123456786MVA", {"NO"}),
        ("it", " it1", set()),
        ("IT", "it1", {"IT"}),
        ("DK", "", {"DK"}),
        ("dk", "", set()),
        ("nl", "", {"NL"}),
        ("IS", "DE123456789", {"IS"}),
        ("GR", "EL123456789", {"GR"}),
    ],
)
def test_the_country_of_the_seller(address: str, vat: str, countries: set[str]) -> None:
    seller = party("Supplier", address, vat=vat)
    total = (
        "<cac:LegalMonetaryTotal><cbc:PayableAmount>1</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )
    document = ubl(f"<cbc:ID>1</cbc:ID>{seller}{total}")
    assert national(document) == countries
    assert not national(document, file=SELFBILLING)


def test_two_vat_numbers_leave_the_seller_without_a_country() -> None:
    one = party("Supplier", "IT", vat="IT12345678903")
    scheme = one[one.index("<cac:PartyTaxScheme>") : one.index("</cac:Party>")]
    assert national(ubl(one)) == {"IT"}
    assert not national(ubl(one.replace(scheme, scheme * 2)))


def test_german_rules_want_both_parties_in_germany() -> None:
    seller = party("Supplier", "DE")
    assert "DE-R-001" in judged(BILLING, ubl(seller + party("Customer", " de ")))
    assert "DE-R-001" not in judged(BILLING, ubl(seller + party("Customer", "NL")))


SKONTO = "#SKONTO#TAGE=7#PROZENT=2.00#"


@pytest.mark.parametrize(
    ("terms", "right"),
    [
        (f"{SKONTO}\n", True),
        (f"Text\n{SKONTO} \n{SKONTO}\nText", True),
        ("#SKONTO#TAGE=7#PROZENT=2.00#BASISBETRAG=-357.93#\n", True),
        (f"see {SKONTO}", True),
        (SKONTO, False),
        (f"{SKONTO}x\n", False),
        ("#SKONTO#TAGE=7#PROZENT=2,00#\n", False),
    ],
)
def test_german_cash_discount_terms(terms: str, right: bool) -> None:
    note = f"<cac:PaymentTerms><cbc:Note>{terms}</cbc:Note></cac:PaymentTerms>"
    document = ubl(party("Supplier", "DE") + party("Customer", "DE") + note)
    assert ("DE-R-018" not in judged(BILLING, document)) is right


EINDAGI = (
    "<cac:AdditionalDocumentReference><cbc:ID>{}</cbc:ID>"
    "<cbc:DocumentDescription>EINDAGI</cbc:DocumentDescription></cac:AdditionalDocumentReference>"
)


@pytest.mark.parametrize(
    ("final", "due", "said"),
    [
        ("2026-05-31", "2026-05-31", set()),
        ("2026-05-30", "2026-05-31", {"IS-R-010"}),
        ("2026-05-31", "", {"IS-R-009", "IS-R-010"}),
        ("31-05-2026", "2026-05-31", {"IS-R-008"}),
    ],
)
def test_an_icelandic_final_due_date(final: str, due: str, said: set[str]) -> None:
    dates = f"<cbc:DueDate>{due}</cbc:DueDate>" if due else ""
    failed = judged(BILLING, ubl(dates + EINDAGI.format(final) + party("Supplier", "IS")))
    assert failed & {"IS-R-008", "IS-R-009", "IS-R-010"} == said


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("7", set()),
        ("-1", {"GR-R-001-4"}),
        ("x", {"GR-R-001-4"}),
        ("1.5", {"error"}),
    ],
)
def test_the_branch_in_a_greek_invoice_number(part: str, said: set[str]) -> None:
    seller = party("Supplier", "GR", vat="EL123456783")
    number = f"<cbc:ID>123456783|31/05/2026|{part}|1.1|A|1</cbc:ID>"
    failed = judged(BILLING, ubl(f"{number}<cbc:IssueDate>2026-05-31</cbc:IssueDate>{seller}"))
    assert {rule for rule in failed if rule.startswith(("GR-R-001", "error"))} == said


@pytest.mark.parametrize(
    ("root", "kind", "country", "said"),
    [
        ("Invoice", "380", "NL", set()),
        ("Invoice", "381", "NL", {"BR-NL-8"}),
        ("CreditNote", "380", "NL", {"BR-NL-8"}),
        ("CreditNote", "261", "NL", {"BR-NL-7", "BR-NL-8"}),
        ("CreditNote", "261", "BE", set()),
        ("Invoice", "384", " nl", {"BR-NL-9"}),
    ],
)
def test_the_type_of_a_dutch_document(root: str, kind: str, country: str, said: set[str]) -> None:
    head = f"<cbc:CustomizationID>{DUTCH}</cbc:CustomizationID>"
    body = f"{head}<cbc:{root}TypeCode>{kind}</cbc:{root}TypeCode>{party('Supplier', country)}"
    failed = judged(NLCIUS, ubl(body, root))
    assert failed & {"BR-NL-7", "BR-NL-8", "BR-NL-9"} == said


def test_nlcius_takes_no_other_documents() -> None:
    assert judged(NLCIUS, '<Order xmlns="urn:other">1</Order>') == {"SI-INV-R000"}


def test_an_empty_element_is_remarked_unless_another_rule_took_it() -> None:
    head = f"<cbc:CustomizationID>{DUTCH}</cbc:CustomizationID>"
    seller = party("Supplier", "NL")
    assert "SI-UBL-2" in judged(NLCIUS, ubl(f"{head}<cbc:Note> </cbc:Note>{seller}"))
    assert "SI-UBL-2" not in judged(NLCIUS, ubl(f"{head}<cbc:TaxPointDate/>{seller}"))


def test_the_two_parts_of_a_g_account_invoice() -> None:
    means = "<cac:PaymentMeans><cbc:ID>{}</cbc:ID></cac:PaymentMeans>"
    terms = (
        "<cac:PaymentTerms><cbc:PaymentMeansID>{}</cbc:PaymentMeansID><cbc:Amount>{}</cbc:Amount>"
        "</cac:PaymentTerms>"
    )
    whole = ubl(
        f"<cbc:CustomizationID>{DUTCH}#conformant#urn:fdc:nen.nl:gaccount:v1.0"
        f"</cbc:CustomizationID>{means.format('GACCOUNT')}{means.format('BANK')}"
        f"{terms.format('GACCOUNT', '20.10')}{terms.format('BANK', '80.00')}"
        "<cac:LegalMonetaryTotal><cbc:PayableAmount>100.1</cbc:PayableAmount>"
        "</cac:LegalMonetaryTotal>"
    )
    assert judged(GACCOUNT, whole) == set()
    assert judged(GACCOUNT, whole.replace("80.00", "80.01")) == {"BR-GA-3"}
    assert judged(GACCOUNT, whole.replace("ID>BANK<", "ID>OTHER<", 1)) == {"BR-GA-6"}
    assert judged(GACCOUNT, whole.replace("GACCOUNT</cbc:ID", "G</cbc:ID")) == {
        "BR-GA-6",
        "BR-GA-7",
    }
