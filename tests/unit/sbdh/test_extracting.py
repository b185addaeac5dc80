# SPDX-License-Identifier: Apache-2.0
"""The document comes out as it went in, or with the declarations that it leaned on."""

from __future__ import annotations

import base64

import pytest
from lxml import etree

from gateway import sbdh
from tests.shared import shared
from tests.unit.sbdh.builders import DOCUMENT, HEADER, INVOICE, extract, message

START = b'<?xml version="1.0" encoding="UTF-8"?>\n'
WRAPPER = "http://peppol.eu/xsd/ticc/envelope/1.0"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
PIECES = [None, 1, 10, 1000]


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT.decode(),
        f"<!-- before --><?p i?>{DOCUMENT.decode()}\n <!-- after -->",
        f'<Invoice xmlns="{INVOICE}"/>',
        f'<i:Invoice\txmlns:i="{INVOICE}"\r\n>\r\n<![CDATA[ <x> ]]></i:Invoice >',
        f'<Invoice xmlns="{INVOICE}">   <b xmlns=""/>   </Invoice>',
    ],
)
def test_gives_the_bytes_back(document: str, size: int | None) -> None:
    assert extract(message(document=document), size) == START + document.encode()
    blanks = message(document=f"\r\n\t {document} \r\n")
    assert extract(blanks, size) == START + document.encode()


@pytest.mark.parametrize("size", PIECES)
@pytest.mark.parametrize(
    ("root", "document", "out"),
    [
        (
            f' xmlns:i="{INVOICE}"',
            "<i:Invoice a='1'><i:b/></i:Invoice>",
            f"<i:Invoice xmlns:i=\"{INVOICE}\" a='1'><i:b/></i:Invoice>",
        ),
        (
            f' xmlns:cbc="{CBC}" xmlns:z="urn:z"',
            f'<Invoice xmlns="{INVOICE}"><cbc:ID>1</cbc:ID><cbc:ID/></Invoice>',
            f'<Invoice xmlns="{INVOICE}"><cbc:ID xmlns:cbc="{CBC}" xmlns:z="urn:z">1</cbc:ID>'
            f'<cbc:ID xmlns:cbc="{CBC}" xmlns:z="urn:z"/></Invoice>',
        ),
        (
            ' xmlns:z="urn:z?a=1&amp;b=2"',
            f'<Invoice xmlns="{INVOICE}" z:a="1"/>',
            f'<Invoice xmlns:z="urn:z?a=1&amp;b=2" xmlns="{INVOICE}" z:a="1"/>',
        ),
        (
            ' xmlns:z="urn:z"',
            f'<Invoice xmlns="{INVOICE}"><z:a xmlns:z="urn:y" z:b=""/><c xmlns=""/></Invoice>',
            f'<Invoice xmlns="{INVOICE}"><z:a xmlns:z="urn:y" z:b=""/><c xmlns=""/></Invoice>',
        ),
    ],
)
def test_adds_declarations_that_the_document_leans_on(
    root: str, document: str, out: str, size: int | None
) -> None:
    found = extract(message(document=document, root=root), size)
    assert found == START + out.encode()
    inside = etree.fromstring(message(document=document, root=root))[1]
    assert canonical(etree.fromstring(found)) == canonical(inside)


def test_default_namespace_of_the_root_is_added_too() -> None:
    header = HEADER.replace("</", "</s:").replace("<", "<s:").replace("<s:/s:", "</s:")
    namespace = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    data = (
        f'<s:StandardBusinessDocument xmlns:s="{namespace}" xmlns="{INVOICE}">{header}'
        "<Invoice><a/></Invoice></s:StandardBusinessDocument>"
    ).encode()
    assert extract(data) == START + f'<Invoice xmlns="{INVOICE}"><a/></Invoice>'.encode()


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)  # type: ignore[call-overload]


@pytest.mark.parametrize("size", PIECES)
def test_decodes_wrapped_content(size: int | None) -> None:
    data = bytes(range(256)) * 5
    text = base64.encodebytes(data).decode()
    document = f'<w:BinaryContent xmlns:w="{WRAPPER}" mimeType="a/b">\n{text}</w:BinaryContent>'
    assert extract(message(document=document), size) == data
    document = (
        f'<TextContent xmlns="{WRAPPER}" mimeType="a/b"> é&lt;<![CDATA[&]]>\r\n</TextContent>'
    )
    assert extract(message(document=document), size) == " é<&\n".encode()
    document = f'<TextContent xmlns="{WRAPPER}" mimeType="a/b"/>'
    assert extract(message(document=document), size) == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<x/>",
        message()[:-3],
        message()[: message().index(b"<Invoice")],
        message(document=""),
        message(document=f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">AAA</BinaryContent>'),
        message(document=f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">é</BinaryContent>'),
        message(document=f'<Invoice xmlns="{INVOICE}">&x;</Invoice>'),
    ],
)
def test_refuses_what_is_no_envelope(data: bytes) -> None:
    for size in (None, 11):
        with pytest.raises(sbdh.EnvelopeError):
            extract(data, size)


def test_blanks_before_a_late_comment_are_cut_at_a_ceiling() -> None:
    data = message(document=f"{DOCUMENT.decode()}{' ' * 300_000}<!-- late -->")
    out = extract(data, 10_000)
    assert out.startswith(START + DOCUMENT)
    assert out.endswith(b"<!-- late -->")
    assert len(out) < 100_000


def test_takes_documents_out_of_envelopes_of_others() -> None:
    for file in sorted(shared("rules/corpus/sbdh").glob("sbdh_good_*.xml")):
        data = file.read_bytes()
        inside = etree.fromstring(data)[1]
        found = extract(data, 997)
        if "hybrid" in file.name:
            assert found == base64.b64decode(inside.text or "")
        else:
            assert canonical(etree.fromstring(found)) == canonical(inside)
