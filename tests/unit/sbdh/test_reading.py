# SPDX-License-Identifier: Apache-2.0
"""What is read, tolerated and refused; every refusal by name."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest

from gateway import sbdh
from gateway.sbdh.reading import MAX_HEADER_BYTES
from tests.shared import shared
from tests.unit.sbdh.builders import (
    DOCUMENT,
    HEADER,
    INVOICE,
    NAMESPACE,
    VALUE,
    changed,
    envelope,
    message,
    read,
    with_scope,
)

WRAPPER = "http://peppol.eu/xsd/ticc/envelope/1.0"
SENDER = '<Sender><Identifier Authority="iso6523-actorid-upis">0106:12345678</Identifier></Sender>'


def refusal(data: bytes, size: int | None = None) -> str:
    with pytest.raises(sbdh.EnvelopeError) as caught:
        read(data, size)
    return caught.value.detail


@pytest.mark.parametrize("size", [None, 1, 7, 100])
def test_reads_a_valid_envelope_in_any_pieces(size: int | None) -> None:
    assert read(message(), size) == envelope()


def test_prefixes_comments_instructions_and_bom_are_fine() -> None:
    prefixed = re.sub(r"<(/?)([A-Z])", r"<\1s:\2", HEADER)
    text = message(prefixed, root=f' xmlns:s="{NAMESPACE}"').decode()
    assert read(text.encode()) == envelope()
    data = message(f"<!-- a --><?p i?>{HEADER}<!-- b -->", f"{DOCUMENT.decode()}<?p i?><!-- c -->")
    assert read(b"\xef\xbb\xbf" + data) == envelope()


def test_header_is_known_before_the_document_is_read() -> None:
    data = message()
    at = data.index(b"<a>")
    reader = sbdh.EnvelopeReader()
    reader.feed(data[: data.index(b"<Invoice")])
    assert reader.header is None
    reader.feed(data[data.index(b"<Invoice") : at])
    assert reader.header == envelope()
    reader.feed(data[at:])
    assert reader.close() == envelope()


def test_an_error_stays() -> None:
    reader = sbdh.EnvelopeReader()
    with pytest.raises(sbdh.EnvelopeError) as first:
        reader.feed(b"<x/>")
    for again in (lambda: reader.feed(b"<y/>"), reader.close):
        with pytest.raises(sbdh.EnvelopeError) as caught:
            again()
        assert caught.value is first.value


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not well-formed XML"),
        (message()[:-5], "not well-formed XML"),
        (message() + b"<x/>", "not well-formed XML"),
        (message().replace(b"<a>", b"<a>&x;"), "not well-formed XML"),
        (message().replace("è".encode(), "è".encode("latin-1")), "not well-formed XML"),
        (message().decode().encode("utf-16"), "the XML is not encoded in UTF-8"),
        (message().replace(b"UTF-8", b"ISO-8859-1"), "other than UTF-8"),
        (
            b"<!DOCTYPE StandardBusinessDocument>" + message().partition(b"\n")[2],
            "a document type declaration is not allowed",
        ),
        (message(document=f'<Invoice xmlns="{INVOICE}">' + "<x>" * 200), "nested too deep"),
        (DOCUMENT, "the root element is not StandardBusinessDocument"),
        (HEADER.replace(">", f' xmlns="{NAMESPACE}">', 1).encode(), "the root element is not"),
        (message(header=""), "lacks its header"),
        (message(document=""), "there is no business document"),
        (message(header="", document=""), "there is no business document"),
        (message(document=DOCUMENT.decode() * 2), "more than one element after the header"),
        (message(document=DOCUMENT.decode() + HEADER), "more than one element after the header"),
        (message(HEADER * 2), "the element after the header is not a business document"),
        (message(document=message().decode().partition("\n")[2]), "is not a business document"),
        (message(document='<Invoice xmlns=""/>'), "is not a business document"),
        (message(document=f"text{DOCUMENT.decode()}"), "StandardBusinessDocument has text"),
        (message(document=f"{DOCUMENT.decode()}text"), "StandardBusinessDocument has text"),
        (message(document=f"{DOCUMENT.decode()}\u00a0"), "StandardBusinessDocument has text"),
        (message(root=' a="b"'), "StandardBusinessDocument has an attribute"),
    ],
)
def test_refuses_what_is_not_an_envelope(data: bytes, said: str) -> None:  # rows 1 and 2
    assert said in refusal(data)
    assert said in refusal(data, 50)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (">1.0<", ">1.1<", "HeaderVersion is not 1.0"),
        (">1.0<", "><", "HeaderVersion is not 1.0"),
        (SENDER, SENDER * 2, "not exactly one Sender"),
        (SENDER, "", "lacks Sender"),
        ('Authority="iso6523-actorid-upis"', "", "Authority of Sender"),
        ("iso6523-actorid-upis", "ISO6523-actorid-upis", "Authority of Sender"),
        ("0106:12345678", "0106:", "Identifier of Sender"),
        ("0106:12345678", "12345678", "Identifier of Sender"),
        ("0208:0990000014", "0208:0990 000014", "Identifier of Receiver"),
        ("0208:0990000014", "0208:" + "1" * 131, "Identifier of Receiver"),
        ("COUNTRY_C1", "PROCESSID", "two scopes of the same type"),
        ("COUNTRY_C1", " PROCESSID ", "two scopes of the same type"),
        (">DOCUMENTID<", ">DocumentID<", "the scope DOCUMENTID is missing"),
        ("busdox-docid-qns", "busdox", "DOCUMENTID is not a document type"),
        (VALUE, "", "DOCUMENTID is not a document type"),
        (VALUE, VALUE.replace("3.0::", "3.0*::"), "DOCUMENTID is not a document type"),
        (VALUE, VALUE.replace("billing", "bill ing"), "DOCUMENTID is not a document type"),
        (VALUE, VALUE + "1" * 400, "DOCUMENTID is not a document type"),
        (">PROCESSID<", ">PROCESS<", "the scope PROCESSID is missing"),
        ("cenbii-procid-ubl", "oioubl-procid-ubl", "the scheme of PROCESSID"),
        ("billing:01:1.0", "billing:01: 1.0", "PROCESSID is not a process"),
        (">COUNTRY_C1<", ">COUNTRY_C4<", "the scope COUNTRY_C1 is missing"),
        (">NL<", ">nl<", "COUNTRY_C1 is not two capital letters"),
        (">NL<", "><", "COUNTRY_C1 is not two capital letters"),
        ("6f0f1f5e-6a53-4a0e-9a1e-5b9f3f0d2a11", " ", "InstanceIdentifier is empty"),
        (f">{INVOICE}<", ">urn:other<", "different namespaces"),
        (">Invoice<", ">CreditNote<", "different element names"),
        (">2.1<", ">2.2<", "TypeVersion is not the version"),
    ],
)
def test_refuses_wrong_values(old: str, new: str, said: str) -> None:  # rows 3 to 12
    assert said in refusal(changed(old, new))


def test_refuses_fewer_than_three_scopes() -> None:
    scope = "<Scope><Type>COUNTRY_C1</Type><InstanceIdentifier>NL</InstanceIdentifier></Scope>"
    assert "fewer than three" in refusal(changed(scope, ""))
    start, end = HEADER.index("  <BusinessScope>"), HEADER.index(" </StandardBusinessDocumentH")
    assert "fewer than three" in refusal(message(HEADER[:start] + HEADER[end:]))


def test_refuses_a_wildcard_under_its_own_scheme() -> None:
    data = changed("busdox-docid-qns", "peppol-doctype-wildcard")
    data = data.replace(b"billing:3.0::", b"billing:3.0*::")
    assert "wildcard" in refusal(data)


@pytest.mark.parametrize(
    "document",
    [
        f'<Invoice xmlns="{INVOICE.replace("Invoice", "Order")}"/>',
        f'<Order xmlns="{INVOICE}"/>',
        f'<p:CreditNote xmlns:p="{INVOICE}"/>',
    ],
)
def test_refuses_another_document_than_announced(document: str) -> None:
    assert "and the document have different" in refusal(message(document=document))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-20T11:15:30+01:00", datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC)),
        ("2026-11-20T10:15:30.5Z", datetime(2026, 11, 20, 10, 15, 30, 500000, tzinfo=UTC)),
        (
            "2026-11-20T10:15:30.12345678-00:30",
            datetime(2026, 11, 20, 10, 45, 30, 123456, tzinfo=UTC),
        ),
        ("2026-11-20T24:00:00Z", datetime(2026, 11, 21, tzinfo=UTC)),
    ],
)
def test_reads_dates(written: str, moment: datetime) -> None:
    found = read(changed("2026-11-20T10:15:30Z", written))
    assert found.created_at == moment
    assert found.warnings == ()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-11-20",
        "2026-11-20 10:15:30Z",
        "2026-13-20T10:15:30Z",
        "2026-11-20T24:00:01Z",
        "2026-11-20T10:15:60Z",
        "2026-11-20T10:15:30+14:01",
        "2026-11-20T10:15:30+01:60",
        "0001-01-01T00:00:00+01:00",
        "-2026-11-20T10:15:30Z",
        "\u0662026-11-20T10:15:30Z",
    ],
)
def test_refuses_what_is_no_date(written: str) -> None:
    assert "CreationDateAndTime" in refusal(changed("2026-11-20T10:15:30Z", written))


def test_tolerates_with_a_warning() -> None:
    assert "no time zone" in read(changed("15:30Z", "15:30")).warnings[0]
    assert read(changed("15:30Z", "15:30")).created_at == envelope().created_at
    blanks = read(changed("0106:12345678", "\n 0106:12345678\t"))
    assert blanks.sender.value == "0106:12345678"
    assert "blanks" in blanks.warnings[0]
    for scheme in (
        "<Identifier>busdox-docid-qns</Identifier>",
        "<Identifier>cenbii-procid-ubl</Identifier>",
    ):
        for empty in ("", "<Identifier/>"):
            found = read(changed(scheme, empty))
            assert "default scheme" in found.warnings[0]
            assert found.document_type == envelope().document_type
            assert found.process == envelope().process


def test_reads_message_level_status() -> None:
    asked = read(with_scope("MLS_TYPE", "ALWAYS_SEND"))
    assert (asked.mls_type, asked.mls_to, asked.warnings) == ("ALWAYS_SEND", None, ())
    sent = read(with_scope("MLS_TO", "0242:987654-MLS", "iso6523-actorid-upis"))
    assert (sent.mls_to, sent.warnings) == ("0242:987654-MLS", ())


@pytest.mark.parametrize(
    ("key", "value", "scheme"),
    [
        ("MLS_TYPE", "always_send", None),
        ("MLS_TYPE", "", None),
        ("MLS_TO", "0242:987654", None),
        ("MLS_TO", "0242:98765", "iso6523-actorid-upis"),
        ("MLS_TO", "9915:test", "iso6523-actorid-upis"),
        ("COUNTRY_C4", "NL", None),
        ("TECHNICAL_VALIDATION_URL", "http://x", None),
    ],
)
def test_ignores_what_it_cannot_use(key: str, value: str, scheme: str | None) -> None:
    found = read(with_scope(key, value, scheme))
    assert (found.mls_to, found.mls_type) == (None, None)
    assert "ignored" in found.warnings[0]


def test_takes_other_keys_silently() -> None:
    assert read(with_scope("MY_KEY", "")).warnings == ()


def test_takes_and_ignores_manifest_contacts_and_scope_information() -> None:
    header = HEADER.replace(
        "</Identifier></Sender>",
        "</Identifier><ContactInformation><Contact>Me</Contact></ContactInformation></Sender>",
    )
    header = header.replace(
        "  <BusinessScope>",
        "<Manifest><NumberOfItems> 1 </NumberOfItems><ManifestItem><MimeTypeQualifierCode>a/b"
        "</MimeTypeQualifierCode><UniformResourceIdentifier>x</UniformResourceIdentifier>"
        "</ManifestItem></Manifest><BusinessScope>",
    )
    header = header.replace(
        "NL</InstanceIdentifier>",
        "NL</InstanceIdentifier><BusinessService><BusinessServiceName>Identifier"
        '</BusinessServiceName><ServiceTransaction Recurrence="1"/></BusinessService>'
        "<CorrelationInformation><ExpectedResponseDateTime>2026-11-20T10:15:30Z"
        "</ExpectedResponseDateTime></CorrelationInformation>",
    )
    assert read(message(header)) == envelope()


PDF = base64.b64encode(b"%PDF-1.4 " + bytes(range(256))).decode()


def test_reads_wrapped_content() -> None:
    document = f'<BinaryContent xmlns="{WRAPPER}" mimeType="application/pdf">{PDF}</BinaryContent>'
    assert read(message(document=document)).media_type == "application/pdf"
    document = (
        f'<TextContent xmlns="{WRAPPER}" mimeType="text/plain; charset=utf-8">&lt;</TextContent>'
    )
    assert read(message(document=document)).media_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (f'<BinaryContent xmlns="{WRAPPER}">{PDF}</BinaryContent>', "mimeType"),
        (f'<TextContent xmlns="{WRAPPER}" mimeType="a/b&#10;c: d"/>', "mimeType"),
        (f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">{PDF}*</BinaryContent>', "base64"),
        (f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">{PDF}A</BinaryContent>', "base64"),
        (f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">AA==AAAA</BinaryContent>', "base64"),
        (
            f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">AAA=<!-- -->AAAA</BinaryContent>',
            "base64",
        ),
        (f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b">A===</BinaryContent>', "base64"),
        (
            f'<BinaryContent xmlns="{WRAPPER}" mimeType="a/b"><x/></BinaryContent>',
            "elements inside",
        ),
        (f'<TextContent xmlns="{WRAPPER}" mimeType="a/b"><x/></TextContent>', "elements inside"),
        (f'<OtherContent xmlns="{WRAPPER}" mimeType="a/b"/>', "different namespaces"),
    ],
)
def test_refuses_wrong_wrappers(document: str, said: str) -> None:
    assert said in refusal(message(document=document))


def test_header_must_come_early() -> None:
    room = MAX_HEADER_BYTES - message().index(b"<Invoice")
    assert read(message(HEADER + " " * room)) == envelope()
    late = message(HEADER + " " * (room + 1))
    for size in (None, 1000):
        assert "first 64 KiB" in refusal(late, size)
    assert "first 64 KiB" in refusal(message("<!--" + " " * MAX_HEADER_BYTES, ""), 1000)
    crowded = HEADER.replace("</BusinessScope>", f"<!--{' ' * 70_000}--><Scope/></BusinessScope>")
    assert "first 64 KiB" in refusal(message(crowded))


def test_details_hold_nothing_of_the_peer() -> None:
    secret = "hunter2"
    for old in (">NL<", ">1.0<", ">2.1<", ">Invoice<", "0106:12345678", ">DOCUMENTID<", VALUE):
        assert secret not in refusal(changed(old, old.replace(old.strip("<>"), f"{secret}::")))
    assert secret not in refusal(changed("<Scope>", f"<{secret}>"))
    assert secret not in refusal(changed("<Scope>", f'<Scope {secret}="{secret}">'))


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_agrees_with_the_corpus(kind: str) -> None:
    # A message level status that cannot be used is a warning here: Peppol MLS 1.0.1, section 4.2.
    files = sorted(shared("rules/corpus/sbdh").glob(f"sbdh_{kind}_*.xml"))
    assert len(files) == {"good": 11, "bad": 21}[kind]
    for file in files:
        data = file.read_bytes()
        usable = b"<InstanceIdentifier" in data and "-mls-" in file.name
        if kind == "good":
            read(data, 1000)
        elif usable and "empty" not in file.name and "no-value" not in file.name:
            assert any("MLS_" in sentence for sentence in read(data).warnings), file.name
        else:
            refusal(data)


@pytest.mark.parametrize("name", ["own/payload-sbd.xml", "peers/phase4/base-sbdh.xml"])
def test_reads_envelopes_of_others(name: str) -> None:
    assert read(shared(f"data/as4/{name}").read_bytes()).type_name == "Invoice"
