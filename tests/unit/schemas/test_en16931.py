# SPDX-License-Identifier: Apache-2.0
"""The rules of EN 16931: complete with their texts, and right where it is easy to go wrong."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from gateway.schematron import Document, Program, Schema, States, Verdict, compile_schema, read_iso

FOLDER = Path(__file__).resolve().parents[3] / "schemas" / "en16931-1.3.16"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_SPACES = (
    f'xmlns="{_UBL}Invoice-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"'
    f' xmlns:cbc="{_UBL}CommonBasicComponents-2"'
)
_VAT = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
_DELIVERY = (
    "<cac:Delivery><cbc:ActualDeliveryDate>2026-01-31</cbc:ActualDeliveryDate></cac:Delivery>"
)


def _schema(name: str) -> Schema:
    return read_iso((FOLDER / name).read_bytes(), lambda path: (FOLDER / path).read_bytes())


@cache
def _program() -> Program:
    return compile_schema(_schema("en16931.sch"))


def _rules(schema: Schema) -> set[str]:
    return {
        assertion.rule
        for pattern in schema.patterns
        for rule in pattern.rules
        for assertion in rule.assertions
    }


def _judge(content: str) -> Verdict:
    root = etree.fromstring(f"<Invoice {_SPACES}>{content}</Invoice>")
    return _program().judge(Document(root, States()))


def _fires(rule: str, content: str) -> bool:
    verdict = _judge(content)
    assert verdict.error is None
    return rule in {failed for failed, _ in verdict.failed}


def test_every_rule_has_its_texts_and_every_text_its_rule() -> None:
    texts: dict[str, dict[str, str]] = {}
    for name in ("texts.toml", "subset-texts.toml"):
        texts |= tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert set(texts) == _rules(_schema("en16931.sch"))
    for rule, text in texts.items():
        assert set(text) == {"en", "nl", "fix_en", "fix_nl"}, rule
        assert all(sentence.endswith(".") for sentence in text.values()), rule


def test_g_account_invoices_are_free_of_three_warnings() -> None:
    without = _rules(_schema("en16931.sch")) - _rules(_schema("en16931-gaccount.sch"))
    assert without == {"UBL-CR-411", "UBL-CR-453", "UBL-CR-459"}


def _taxed(taxable: str, line: str) -> str:
    category = f"<cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>{_VAT}"
    return (
        f"<cac:TaxTotal><cac:TaxSubtotal><cbc:TaxableAmount>{taxable}</cbc:TaxableAmount>"
        f"<cac:TaxCategory>{category}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"
        f"<cac:InvoiceLine><cbc:LineExtensionAmount>{line}</cbc:LineExtensionAmount><cac:Item>"
        f"<cac:ClassifiedTaxCategory>{category}</cac:ClassifiedTaxCategory></cac:Item>"
        "</cac:InvoiceLine>"
    )


@pytest.mark.parametrize(
    ("taxable", "line", "fires"),
    [
        ("10.99", "10.00", False),
        ("11.01", "10.00", True),
        ("2.00", "1.00", True),  # exactly 1 apart: the limits are binary fractions
        ("11.10", "10.10", False),  # 11.10 - 1 is a little less than 10.10
        ("10.10", "11.10", True),  # 10.10 + 1 is a little less than 11.10
    ],
)
def test_a_taxable_amount_may_differ_by_less_than_one(taxable: str, line: str, fires: bool) -> None:
    assert _fires("BR-S-08", _taxed(taxable, line)) is fires


@pytest.mark.parametrize(("total", "fires"), [("-0.12", False), ("-0.13", True)])
def test_halves_are_rounded_up_also_below_zero(total: str, fires: bool) -> None:
    content = (
        f"<cac:TaxTotal><cbc:TaxAmount>{total}</cbc:TaxAmount>"
        "<cac:TaxSubtotal><cbc:TaxAmount>-0.125</cbc:TaxAmount></cac:TaxSubtotal></cac:TaxTotal>"
    )
    assert _fires("BR-CO-14", content) is fires


@pytest.mark.parametrize(
    ("content", "fires"),
    [
        ("<cbc:PayableAmount>12.50</cbc:PayableAmount>", False),
        ("<cbc:PayableAmount>12.50 </cbc:PayableAmount>", True),
        ("<cac:Price><cbc:PriceAmount>0.125</cbc:PriceAmount></cac:Price>", False),
        ("<cac:Price><cac:AllowanceCharge><cbc:Amount>0.125</cbc:Amount>"
         "</cac:AllowanceCharge></cac:Price>", False),
    ],
)  # fmt: skip
def test_decimals_are_counted_as_written_and_not_in_prices(content: str, fires: bool) -> None:
    assert _fires("UBL-DT-01", content) is fires


@pytest.mark.parametrize(
    ("note", "fires"),
    [
        ("plain", False),
        ("#AAI#text", False),
        ("#aai#text", True),
        ("#TOO LONG#text", False),
        ("one # only", False),
        ("# AA#looked up in the list as text", False),
    ],
)
def test_a_note_may_begin_with_its_subject(note: str, fires: bool) -> None:
    assert _fires("BR-CL-08", f"<cbc:Note>{note}</cbc:Note>") is fires


def test_the_period_of_a_line_is_not_judged_as_that_of_the_document() -> None:
    line = "<cac:InvoiceLine><cac:InvoicePeriod/></cac:InvoiceLine>"
    assert _fires("BR-CO-20", line)
    assert not _fires("BR-CO-19", line)
    assert _fires("BR-CO-19", "<cac:InvoicePeriod/>")


def test_two_dates_of_delivery_are_an_error_within_the_eu_alone() -> None:
    category = (
        "<cac:TaxTotal><cac:TaxSubtotal><cac:TaxCategory><cbc:ID>{}</cbc:ID>"
        f"{_VAT}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"
    )
    assert _judge(_DELIVERY * 2 + category.format("K")).error is not None
    assert _judge(_DELIVERY * 2 + category.format("E")).error is None


def test_payment_references_may_repeat_but_not_differ() -> None:
    same = "<cac:PaymentMeans><cbc:PaymentID>1</cbc:PaymentID></cac:PaymentMeans>"
    assert not _fires("UBL-SR-44", same * 2)
    assert _fires("UBL-SR-44", same + same.replace("1", "2"))
