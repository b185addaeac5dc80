# SPDX-License-Identifier: Apache-2.0
"""The bundled Peppol and NLCIUS rules on the fast engine, and the smallest documents for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gateway import safexml
from gateway.schematron import Document, Program, Schema, States, compile_schema, read_iso

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
BILLING = "peppol-2026.5/billing.sch"
SELFBILLING = "peppol-2026.5/selfbilling.sch"
NLCIUS = "nlcius-2.0.3.13/nlcius.sch"
GACCOUNT = "nlcius-2.0.3.13/gaccount.sch"
DUTCH = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


@cache
def schema(file: str) -> Schema:
    """A bundled schema, by its path below `schemas`."""
    return read_iso(
        (SCHEMAS / file).read_bytes(), lambda path: (SCHEMAS / path).read_bytes(), base=file
    )


@cache
def _program(file: str) -> Program:
    return compile_schema(schema(file))


def judged(file: str, document: str) -> set[str]:
    """The rules of a schema that a document fails, or `error` alone."""
    verdict = _program(file).judge(Document(safexml.parse(document.encode()), States()))
    return {"error"} if verdict.error else {rule for rule, _flag in verdict.failed}


def ubl(body: str, root: str = "Invoice") -> str:
    """A document of UBL with `body` in it; complete only where the rules under test look."""
    return (
        f'<{root} xmlns="{_UBL}{root}-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"'
        f' xmlns:cbc="{_UBL}CommonBasicComponents-2">{body}</{root}>'
    )


def party(role: str, country: str, body: str = "", *, vat: str = "") -> str:
    """Seller or buyer with an address in a country, and a VAT number if given."""
    tax = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID>"
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )
    return (
        f"<cac:Accounting{role}Party><cac:Party><cac:PostalAddress><cac:Country>"
        f"<cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
        f"</cac:PostalAddress>{tax if vat else ''}{body}</cac:Party></cac:Accounting{role}Party>"
    )
