# SPDX-License-Identifier: Apache-2.0
"""Where things stand: XPaths, lines and columns in the bytes as given, values around a finding."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.ubl.documents import elements, path_of, read_document
from gateway.ubl.operands import paths_in, values_in
from gateway.ubl.positions import find_positions
from gateway.ubl.report import Value
from gateway.ubl.xpaths import Locator
from tests.unit.ubl.examples import INVOICE, changed

TOTALS = (
    "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}LegalMonetaryTotal"
)


def element_at(root: etree._Element, path: tuple[int, ...]) -> etree._Element:
    node = root
    for position in path:
        node = list(elements(node))[position]
    return node


def test_every_element_is_found_by_its_path_and_placed_where_it_is() -> None:
    document = read_document(changed(INVOICE, "<cbc:DueDate>", "<!-- c --><?p i?><cbc:DueDate>"))
    paths = {path_of(element): element for element in document.root.iter("*")}
    positions = find_positions(document.data, paths)
    lines = document.data.decode().splitlines()
    assert len(positions) == len(paths) > 100
    for path, element in paths.items():
        assert element_at(document.root, path) is element
        line, column = positions[path]
        assert lines[line - 1][column - 1 :].startswith(f"<{element.prefix or ''}")
        end = column + 30
        assert element.tag.rpartition("}")[2] in lines[line - 1][column - 1 : end]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-16", "UTF-16"), ("iso-8859-1", "ISO-8859-1"), ("utf-8-sig", "UTF-8")],
)
def test_lines_and_columns_whatever_the_encoding(encoding: str, name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?>\n<a>\n é<b/><c/></a>'
    assert find_positions(text.encode(encoding), [(), (1,)]) == {(): (2, 1), (1,): (3, 7)}


def test_xpaths_for_people() -> None:
    locator = Locator(read_document(INVOICE).root)
    assert locator.xpath(()) == "/Invoice"
    assert locator.xpath(None) == "/"
    assert locator.xpath((2,)) == "/Invoice/cbc:ID"
    assert (
        locator.xpath((16, 1), "unitCode")
        == "/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity/@unitCode"
    )
    assert locator.element((16, 0)).text == "2"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("test", "paths"),
    [
        ("cbc:ID", ["cbc:ID"]),
        (". = $list and normalize-space(.) != ''", ["."]),
        ("@schemeID = '0106' or ../@listID", ["@schemeID", "../@listID"]),
        (
            "sum(../cac:InvoiceLine/cbc:LineExtensionAmount) = xs:decimal(cbc:X)",
            ["../cac:InvoiceLine/cbc:LineExtensionAmount", "cbc:X"],
        ),
        ("cac:A[cbc:ID = 'S']/cbc:B > 1.5", ["cac:A/cbc:B"]),
        ("cac:A/xs:decimal(cbc:B[@c = $d])", ["cac:A/cbc:B"]),
        ("/ubl:Invoice/cbc:ID", ["/ubl:Invoice/cbc:ID"]),
        ("not(//cbc:Foo) and 'cbc:Bar' and u:gln(.)", ["."]),
        ("$x/cbc:ID or count(*) = 0", []),
        ("false()", []),
    ],
)
def test_plain_operands_of_a_test(test: str, paths: list[str]) -> None:
    assert paths_in(test) == paths


def values(test: str, path: tuple[int, ...] = ()) -> list[Value]:
    element = element_at(read_document(INVOICE).root, path)
    assert element is not None
    return [operand.value for operand in values_in(element, test)]


def test_values_are_those_that_the_rule_saw() -> None:
    assert values("cbc:ID and cbc:Note") == [Value("cbc:ID", "2026-0042"), Value("cbc:Note", None)]
    assert values("../cac:InvoiceLine/cbc:ID", (14,)) == [
        Value("../cac:InvoiceLine/cbc:ID", number) for number in "123"
    ]
    assert values("@currencyID", (14, 0)) == [Value("@currencyID", "EUR")]
    assert values("/ubl:Invoice/cbc:IssueDate", (14, 0)) == [
        Value("/ubl:Invoice/cbc:IssueDate", "2026-11-20")
    ]


def test_what_holds_other_elements_has_no_value_but_is_not_absent() -> None:
    assert values("cac:LegalMonetaryTotal") == []


def test_values_are_bounded() -> None:
    long = changed(INVOICE, "<cbc:ID>2026-0042<", f"<cbc:ID>{'x' * 500}\n<", count=1)
    root = read_document(long).root
    (operand,) = values_in(root, "cbc:ID")
    assert operand.value.text == "x" * 79 + "…"
    many = " and ".join(f"cbc:A{number}" for number in range(20))
    assert len(values_in(root, many)) == 6
    assert len(values_in(root, "cac:InvoiceLine/cac:Item/cbc:Name")) == 3


def test_an_absent_value_is_told_with_the_element_that_lacks_it() -> None:
    root = read_document(INVOICE).root
    (operand,) = values_in(root, "cac:LegalMonetaryTotal/cbc:PrepaidAmount")
    assert (operand.value.text, operand.element.tag) == (None, TOTALS)
