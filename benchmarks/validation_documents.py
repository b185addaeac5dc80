# SPDX-License-Identifier: Apache-2.0
"""The documents that validation is measured with."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path

from lxml import etree

from gateway import safexml

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared/rules"
_BASE = SHARED / "corpus/peppol-billing-examples/snippets_base-example.xml"
_OWN = ROOT / "examples/bis3-invoice.xml"
_CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
_TOTALS = ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")


def base_example() -> bytes:
    """The base example of Peppol BIS Billing 3 where the corpus is beside us, else our own."""
    return (_BASE if _BASE.exists() else _OWN).read_bytes()


def with_lines(count: int) -> bytes:
    """Our own invoice with so many lines, all amounts right."""
    root = safexml.parse(_OWN.read_bytes())
    line = root.find(f"{_CAC}InvoiceLine")
    assert line is not None
    for other in root.findall(f"{_CAC}InvoiceLine"):
        root.remove(other)
    for charge in root.findall(f"{_CAC}AllowanceCharge"):
        root.remove(charge)
    for number in range(1, count + 1):
        one = copy.deepcopy(line)
        _set(one, "ID", str(number))
        root.append(one)
    net = Decimal(line.findtext(f"{_CBC}LineExtensionAmount") or "0") * count
    rate = Decimal(line.findtext(f".//{_CBC}Percent") or "0")
    _total(root, net, (net * rate / 100).quantize(Decimal("0.01")))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _total(root: etree._Element, net: Decimal, vat: Decimal) -> None:
    tax = root.find(f"{_CAC}TaxTotal")
    money = root.find(f"{_CAC}LegalMonetaryTotal")
    assert tax is not None
    assert money is not None
    first, *others = tax.findall(f"{_CAC}TaxSubtotal")
    for other in others:
        tax.remove(other)
    _set(tax, "TaxAmount", str(vat))
    _set(first, "TaxableAmount", str(net))
    _set(first, "TaxAmount", str(vat))
    for amount in list(money):
        if etree.QName(amount).localname not in _TOTALS:
            money.remove(amount)
    for name, value in zip(_TOTALS, (net, net, net + vat, net + vat), strict=True):
        _set(money, name, str(value))


def _set(parent: etree._Element, name: str, value: str) -> None:
    child = parent.find(_CBC + name)
    assert child is not None
    child.text = value
