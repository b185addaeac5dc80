# SPDX-License-Identifier: Apache-2.0
"""Documents that mean harm, or that are no documents: each made from a valid invoice."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
INVOICE = (_EXAMPLES / "si-ubl-invoice.xml").read_bytes()
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
_NUMBER = b"<cbc:ID>"
_SUPPLIER = b"<cac:AccountingSupplierParty>"
_LAST_LINE = b"</cac:InvoiceLine>"


def _replaced(old: bytes, new: bytes, document: bytes = INVOICE) -> bytes:
    assert old in document, old
    return document.replace(old, new, 1)


def _with_prolog(prolog: str, document: bytes = INVOICE) -> bytes:
    return _replaced(_DECLARATION, _DECLARATION + prolog.encode(), document)


def with_number(content: bytes) -> bytes:
    """The invoice with something else for its number."""
    start = INVOICE.index(_NUMBER) + len(_NUMBER)
    return INVOICE[:start] + content + INVOICE[INVOICE.index(b"</cbc:ID>", start) :]


def external_entity() -> bytes:
    prolog = '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return _with_prolog(prolog, with_number(b"&x;"))


def external_parameter_entity() -> bytes:
    return _with_prolog('<!DOCTYPE Invoice [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd">%x;]>')


def billion_laughs() -> bytes:
    levels = ['<!ENTITY a0 "ha">']
    levels += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return _with_prolog(f"<!DOCTYPE Invoice [{''.join(levels)}]>", with_number(b"&a9;"))


def quadratic_blowup() -> bytes:
    prolog = f'<!DOCTYPE Invoice [<!ENTITY a "{"x" * 50_000}">]>'
    return _with_prolog(prolog, with_number(b"&a;" * 5_000))


def doctype_alone() -> bytes:
    return _with_prolog("<!DOCTYPE Invoice>")


def doctype_in_utf_16() -> bytes:
    text = _with_prolog("<!DOCTYPE Invoice>").decode().replace("UTF-8", "UTF-16")
    return text.encode("utf-16")


def undeclared_entity() -> bytes:
    return with_number(b"&nbsp;")


def nested(depth: int) -> bytes:
    """Elements of UBL in each other, in the place of a line."""
    inside = b"<cac:SubInvoiceLine>" * depth + b"</cac:SubInvoiceLine>" * depth
    return _replaced(_LAST_LINE, inside + _LAST_LINE)


def long_text(size: int) -> bytes:
    note = b"<cbc:Note>" + b"lorem ipsum " * (size // 12) + b"</cbc:Note>"
    return _replaced(b"<cbc:DocumentCurrencyCode>", note + b"<cbc:DocumentCurrencyCode>")


def long_name(size: int) -> bytes:
    name = b"x" * size
    return _replaced(_SUPPLIER, b"<" + name + b"/>" + _SUPPLIER)


def attributes_on_one(count: int) -> bytes:
    attributes = b"".join(b' a%d="v"' % number for number in range(count))
    return _replaced(_SUPPLIER, _SUPPLIER[:-1] + attributes + b">")


def attributes_on_many(count: int) -> bytes:
    """Some on each of very many elements, all of names that the schema does not know."""
    notes = b'<cbc:Note a="1" b="2" c="3" d="4" e="5" f="6" g="7" h="8" i="9" j="0">x</cbc:Note>'
    return _replaced(
        b"<cbc:DocumentCurrencyCode>", notes * (count // 10) + b"<cbc:DocumentCurrencyCode>"
    )


def many_lines(count: int) -> bytes:
    """A valid invoice of many lines, with totals that fit."""
    end = INVOICE.rindex(_LAST_LINE) + len(_LAST_LINE)
    line = (
        '<cac:InvoiceLine><cbc:ID>{}</cbc:ID><cbc:InvoicedQuantity unitCode="C62">2'
        '</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="EUR">20.00'
        "</cbc:LineExtensionAmount><cac:Item><cbc:Name>Paper</cbc:Name><cac:ClassifiedTaxCategory>"
        "<cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
        "</cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item><cac:Price>"
        '<cbc:PriceAmount currencyID="EUR">10.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>'
    )
    lines = "".join(line.format(number) for number in range(1, count + 1)).encode()
    head = INVOICE[: INVOICE.index(b"<cac:TaxTotal>")]
    return head + _totals(Decimal(20) * count).encode() + lines + INVOICE[end:]


def _totals(net: Decimal) -> str:
    tax = (net * Decimal("0.21")).quantize(Decimal("0.01"))
    total = net + tax

    def amount(name: str, value: Decimal) -> str:
        return f'<cbc:{name} currencyID="EUR">{value:.2f}</cbc:{name}>'

    return (
        f"<cac:TaxTotal>{amount('TaxAmount', tax)}<cac:TaxSubtotal>"
        f"{amount('TaxableAmount', net)}{amount('TaxAmount', tax)}<cac:TaxCategory>"
        "<cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        "</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal><cac:LegalMonetaryTotal>"
        f"{amount('LineExtensionAmount', net)}{amount('TaxExclusiveAmount', net)}"
        f"{amount('TaxInclusiveAmount', total)}{amount('PayableAmount', total)}"
        "</cac:LegalMonetaryTotal>"
    )


def attachment(size: int, content: Callable[[int], bytes] = bytes) -> bytes:
    """A PDF inside, base64."""
    text = base64.b64encode(content(size))
    reference = (
        b"<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment>"
        b'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="a.pdf">'
        + text
        + b"</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    return _replaced(_SUPPLIER, reference + _SUPPLIER)


def text_as(encoding: str, *, declared: str | None, mark: bytes = b"") -> bytes:
    """The invoice with an é in its number, in an encoding, declared as another or not at all."""
    text = with_number("é-1".encode()).decode()
    said = f' encoding="{declared}"' if declared else ""
    text = text.replace(_DECLARATION.decode(), f'<?xml version="1.0"{said}?>')
    return mark + text.encode(encoding)


def with_nul() -> bytes:
    return with_number(b"a\x00b")


def comment_in_leaf() -> bytes:
    start = INVOICE.index(_NUMBER) + len(_NUMBER)
    return INVOICE[:start] + b"<!-- c -->" + INVOICE[start:]


def instruction_in_leaf() -> bytes:
    start = INVOICE.index(_NUMBER) + len(_NUMBER) + 2
    return INVOICE[:start] + b"<?php x?>" + INVOICE[start:]


def cdata() -> bytes:
    start = INVOICE.index(_NUMBER) + len(_NUMBER)
    end = INVOICE.index(b"</cbc:ID>", start)
    return with_number(b"<![CDATA[" + INVOICE[start:end] + b"]]>")


def instructions_around() -> bytes:
    sheet = '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x.xsl"?><!-- c -->'
    return _with_prolog(sheet) + b"<!-- after -->"


def schema_location() -> bytes:
    """A hint to fetch a schema from somewhere else."""
    hint = (
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        b' xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    )
    start = INVOICE.index(b"<Invoice") + len(b"<Invoice")
    return INVOICE[:start] + hint + INVOICE[start:]


def xinclude() -> bytes:
    return with_number(
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    )


def a_pdf() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


def gzipped() -> bytes:
    return gzip.compress(INVOICE, mtime=0)
