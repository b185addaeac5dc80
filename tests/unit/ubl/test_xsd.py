# SPDX-License-Identifier: Apache-2.0
"""The schema layer: the same verdict from two libraries, and reasons that a person can use."""

from __future__ import annotations

import pytest

from gateway.pool import schemas_folder
from gateway.ubl import xsd
from gateway.ubl.documents import read_document
from tests.unit.ubl.examples import INVOICE, changed

SCHEMA = xsd.XSDSchema(schemas_folder() / "ubl-2.1" / "xsd" / "UBL-Invoice-2.1.xsd")
DATE = "<cbc:IssueDate>2026-11-20</cbc:IssueDate>"
NAME = "<cbc:Name>Krentenbollen"


def judged(data: bytes) -> tuple[xsd.SchemaFault, ...]:
    return SCHEMA.judge(read_document(data).root)


def test_a_valid_document_has_no_faults() -> None:
    assert judged(INVOICE) == ()


def test_white_space_around_a_date_is_not_wrong() -> None:
    spaced = changed(INVOICE, DATE, "<cbc:IssueDate> 2026-11-20\n</cbc:IssueDate>")
    assert not SCHEMA._libxml2.validate(read_document(spaced).root)  # else nothing is tested
    assert judged(spaced) == ()


def test_nor_in_a_document_too_large_for_the_second_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xsd, "MAX_ARBITRATED", 10)
    assert judged(changed(INVOICE, DATE, "<cbc:IssueDate> 2026-11-20\n</cbc:IssueDate>")) == ()
    (fault,) = judged(changed(INVOICE, DATE, "<cbc:IssueDate>20-11-2026</cbc:IssueDate>"))
    assert fault.path == (3,)
    assert "IssueDate" in fault.message.nl
    assert "{" not in fault.message.en


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (DATE, DATE.replace("2026-11-20", "20-11-2026"), (3,), "'20-11-2026' in cbc:IssueDate"),
        (DATE, "<cbc:IssueDate/>", (3,), "cbc:IssueDate is empty"),
        ("<cbc:ID>2026-0042</cbc:ID>", "", (2,), "cbc:IssueDate stands where cbc:ID should be"),
        (DATE, f"{DATE}<cbc:Foo/>", (4,), "cbc:Foo stands where"),
        ("</Invoice>", "<extra/></Invoice>", (18,), "extra is not allowed at this place"),
        (
            '<cbc:TaxAmount currencyID="EUR">58.53',
            "<cbc:TaxAmount>58.53",
            (13, 0),
            "lacks the attribute currencyID",
        ),
        ("<cbc:DueDate>", '<cbc:DueDate x="1">', (4,), "may not have the attribute x"),
        (NAME, f"stray{NAME}", (16, 3), "Text stands directly in cac:Item"),
        ("<cac:Country>", "<cac:Country/><cac:Country>", None, "cac:Country is not allowed"),
        (
            "      <cac:PartyLegalEntity>",
            "<cac:PartyTaxScheme/><cac:PartyLegalEntity>",
            (9, 0, 3),
            "cac:PartyTaxScheme is incomplete: cac:TaxScheme is missing",
        ),
    ],
)
def test_reasons_for_people(old: str, new: str, path: tuple[int, ...] | None, words: str) -> None:
    first = judged(changed(INVOICE, old, new, count=1))[0]
    assert words in first.message.en
    assert first.message.nl != first.message.en
    if path is not None:
        assert first.path == path


def test_comments_do_not_move_places() -> None:
    data = changed(INVOICE, "<cbc:IssueDate>2026", "<!-- c --><?p i?><cbc:IssueDate>x2026", count=1)
    assert judged(data)[0].path == (3,)


def test_of_many_faults_some_are_told() -> None:
    data = INVOICE.replace(b'currencyID="EUR"', b"")
    assert len(judged(data)) == xsd.MAX_ERRORS


def test_a_root_that_the_rules_are_not_for() -> None:
    fault = xsd.no_such_root("{urn:x}Order", ("Invoice", "CreditNote"))
    assert "'Order' (namespace urn:x), not Invoice or CreditNote" in fault.message.en


def with_lines(number: int, *, wrong: range) -> bytes:
    head, _, rest = INVOICE.decode().partition("  <cac:InvoiceLine>")
    line, _, _ = rest.partition("</cac:InvoiceLine>")
    lines = (
        line.replace("<cac:Item>", "<cac:Item><cbc:Foo/>" if position in wrong else "<cac:Item>")
        for position in range(number)
    )
    text = "".join(f"<cac:InvoiceLine>{one}</cac:InvoiceLine>" for one in lines)
    return f"{head}{text}</Invoice>".encode()


@pytest.mark.parametrize("wrong", [range(1500), range(1490, 1491)])
def test_of_many_lines_the_wrong_ones_are_found_early_or_late(wrong: range) -> None:
    first = judged(with_lines(1500, wrong=wrong))[0]
    assert first.path == (15 + wrong.start, 3, 0)
    assert judged(with_lines(1500, wrong=range(0))) == ()
