# SPDX-License-Identifier: Apache-2.0
"""Writes the UBL of a sample invoice or credit note; every amount is computed from its lines.

Peppol BIS Billing 3.0 and SI-UBL 2.0 (NLCIUS 1.0.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from gateway import safexml
from gateway.identifiers import ParticipantId

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_PAYMENT_DAYS = 30
_CENT = Decimal("0.01")
_KRATTEN = "Huur van broodkratten, per dag"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a business is, and its numbers, as far as its participant identifier lacks them."""

    street: str
    city: str
    postal_code: str
    country: str
    vat: str
    register: str
    register_number: str


@dataclass(frozen=True, slots=True)
class _Line:
    item: str
    quantity: int
    unit: str
    price: Decimal
    vat: int

    @property
    def net(self) -> Decimal:
        return (self.quantity * self.price).quantize(_CENT)


NL_SELLER = Place(
    "Ovenstraat 12", "Amersfoort", "3811 ZZ", "NL", "NL000000012B01", "0106", "91000011"
)
NL_BUYER = Place("Pakhuiskade 7", "Zwolle", "8011 ZZ", "NL", "NL000000024B01", "0106", "92000033")
BE_BUYER = Place("Brouwerijlei 3", "Gent", "9000", "BE", "BE0990000014", "0208", "0990000014")

_INVOICED = (
    _Line("Desembrood volkoren, 800 gram", 120, "C62", Decimal("2.35"), 9),
    _Line("Krentenbollen, zak van zes", 80, "C62", Decimal("1.95"), 9),
    _Line(_KRATTEN, 14, "DAY", Decimal("6.50"), 21),
)
_CREDITED = (
    _Line("Desembrood volkoren, 800 gram, beschadigd geleverd", 12, "C62", Decimal("2.35"), 9),
    _Line(_KRATTEN, 2, "DAY", Decimal("6.50"), 21),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One document; `credits` is the number of the invoice that a credit note is for."""

    customization: str
    number: str
    issue_date: date
    abroad: bool  # an intra-community supply to Belgium
    credits: str | None = None

    @property
    def _what(self) -> str:
        return "Invoice" if self.credits is None else "CreditNote"

    @property
    def _lines(self) -> tuple[_Line, ...]:
        return _INVOICED if self.credits is None else _CREDITED

    def opening(self) -> Iterator[str]:
        """All before the place of attachments."""
        yield '<?xml version="1.0" encoding="UTF-8"?>'
        yield f'<{self._what} xmlns="{_UBL}{self._what}-2"'
        yield f'    xmlns:cac="{_UBL}CommonAggregateComponents-2"'
        yield f'    xmlns:cbc="{_UBL}CommonBasicComponents-2">'
        yield _leaf(1, "CustomizationID", self.customization)
        yield _leaf(1, "ProfileID", _PROCESS)
        yield _leaf(1, "ID", self.number)
        yield _leaf(1, "IssueDate", self.issue_date.isoformat())
        if self.credits is None:
            due = self.issue_date + timedelta(days=_PAYMENT_DAYS)
            yield _leaf(1, "DueDate", due.isoformat())
            yield _leaf(1, "InvoiceTypeCode", "380")
        else:
            yield _leaf(1, "CreditNoteTypeCode", "381")
        yield _leaf(1, "DocumentCurrencyCode", "EUR")
        yield _leaf(1, "BuyerReference", "inkoop-brood")
        yield from _group(1, "OrderReference", _leaf(2, "ID", "B-2026-118"))
        if self.credits is not None:
            reference = _group(2, "InvoiceDocumentReference", _leaf(3, "ID", self.credits))
            yield from _group(1, "BillingReference", *reference)

    def parties(
        self, seller: tuple[str, ParticipantId], buyer: tuple[str, ParticipantId]
    ) -> Iterator[str]:
        """Seller and buyer, each by name and identifier."""
        yield from _party("Supplier", *seller, place=NL_SELLER)
        yield from _party("Customer", *buyer, place=BE_BUYER if self.abroad else NL_BUYER)

    def closing(self) -> Iterator[str]:
        """All behind the parties."""
        if self.abroad:
            country = _leaf(5, "IdentificationCode", BE_BUYER.country)
            address = _group(3, "Address", *_group(4, "Country", country))
            day = _leaf(2, "ActualDeliveryDate", self.issue_date.isoformat())
            yield from _group(1, "Delivery", day, *_group(2, "DeliveryLocation", *address))
        account = _group(2, "PayeeFinancialAccount", _leaf(3, "ID", "NL73TEST0000000123"))
        means = (_leaf(2, "PaymentMeansCode", "58"), _leaf(2, "PaymentID", self.number))
        yield from _group(1, "PaymentMeans", *means, *account)
        terms = f"Betaling binnen {_PAYMENT_DAYS} dagen na factuurdatum"
        if self.credits is not None:
            terms = "Wordt verrekend met een volgende factuur"
        yield from _group(1, "PaymentTerms", _leaf(2, "Note", terms))
        yield from self._totals()
        for number, line in enumerate(self._lines, 1):
            yield from self._line(number, line)
        yield f"</{self._what}>"

    def _rate(self, line: _Line) -> int:
        return 0 if self.abroad else line.vat

    def _totals(self) -> Iterator[str]:
        net = sum((line.net for line in self._lines), Decimal())
        vat = Decimal()
        parts: list[str] = []
        for rate in sorted({self._rate(line) for line in self._lines}):
            base = sum((line.net for line in self._lines if self._rate(line) == rate), Decimal())
            tax = (base * rate / 100).quantize(_CENT)
            vat += tax
            amounts = (_amount(3, "TaxableAmount", base), _amount(3, "TaxAmount", tax))
            category = self._category(3, "TaxCategory", rate, reason=True)
            parts += _group(2, "TaxSubtotal", *amounts, *category)
        yield from _group(1, "TaxTotal", _amount(2, "TaxAmount", vat), *parts)
        yield from _group(
            1,
            "LegalMonetaryTotal",
            _amount(2, "LineExtensionAmount", net),
            _amount(2, "TaxExclusiveAmount", net),
            _amount(2, "TaxInclusiveAmount", net + vat),
            _amount(2, "PayableAmount", net + vat),
        )

    def _category(self, depth: int, name: str, rate: int, *, reason: bool) -> list[str]:
        fields = [_leaf(depth + 1, "ID", "K" if self.abroad else "S")]
        fields.append(_leaf(depth + 1, "Percent", str(rate)))
        if self.abroad and reason:
            fields.append(_leaf(depth + 1, "TaxExemptionReason", "Intracommunautaire levering"))
        scheme = _group(depth + 1, "TaxScheme", _leaf(depth + 2, "ID", "VAT"))
        return _group(depth, name, *fields, *scheme)

    def _line(self, number: int, line: _Line) -> list[str]:
        quantity = "InvoicedQuantity" if self.credits is None else "CreditedQuantity"
        category = self._category(3, "ClassifiedTaxCategory", self._rate(line), reason=False)
        return _group(
            1,
            f"{self._what}Line",
            _leaf(2, "ID", str(number)),
            _leaf(2, quantity, str(line.quantity), unitCode=line.unit),
            _amount(2, "LineExtensionAmount", line.net),
            *_group(2, "Item", _leaf(3, "Name", line.item), *category),
            *_group(2, "Price", _amount(3, "PriceAmount", line.price)),
        )


def _party(role: str, name: str, participant: ParticipantId, *, place: Place) -> list[str]:
    register, register_number, vat = place.register, place.register_number, place.vat
    if participant.icd in ("0106", "0190", "0208"):
        register, register_number = participant.icd, participant.value[5:]
    if register == "0208":
        vat = f"BE{register_number}"
    country = _group(4, "Country", _leaf(5, "IdentificationCode", place.country))
    address = _group(
        3,
        "PostalAddress",
        _leaf(4, "StreetName", place.street),
        _leaf(4, "CityName", place.city),
        _leaf(4, "PostalZone", place.postal_code),
        *country,
    )
    scheme = _group(4, "TaxScheme", _leaf(5, "ID", "VAT"))
    tax = _group(3, "PartyTaxScheme", _leaf(4, "CompanyID", vat), *scheme)
    legal = _group(
        3,
        "PartyLegalEntity",
        _leaf(4, "RegistrationName", name),
        _leaf(4, "CompanyID", register_number, schemeID=register),
    )
    endpoint = _leaf(3, "EndpointID", participant.value[5:], schemeID=participant.icd)
    party = _group(2, "Party", endpoint, *address, *tax, *legal)
    return _group(1, f"Accounting{role}Party", *party)


def _leaf(depth: int, name: str, value: str, **attributes: str) -> str:
    written = "".join(f' {key}="{safexml.attribute(text)}"' for key, text in attributes.items())
    return f"{'  ' * depth}<cbc:{name}{written}>{safexml.text(value)}</cbc:{name}>"


def _amount(depth: int, name: str, value: Decimal) -> str:
    return _leaf(depth, name, f"{value:.2f}", currencyID="EUR")


def _group(depth: int, name: str, *lines: str) -> list[str]:
    blanks = "  " * depth
    return [f"{blanks}<cac:{name}>", *lines, f"{blanks}</cac:{name}>"]
