# SPDX-License-Identifier: Apache-2.0
"""Attachments set aside: what is left says the same to schema and rules, in the same places."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ubl.attachments import AttachmentCutter
from gateway.ubl.report import Finding, Message, Outcome, Report, Severity

OPEN, CLOSE = (
    b'<cbc:EmbeddedDocumentBinaryObject mimeCode="a/b">',
    (b"</cbc:EmbeddedDocumentBinaryObject>"),
)


def cut(document: bytes, size: int = 1 << 16) -> tuple[bytes, AttachmentCutter]:
    cutter = AttachmentCutter()
    pieces = [
        cutter.feed(document[start : start + size]) for start in range(0, len(document), size)
    ]
    return b"".join([*pieces, cutter.close()]), cutter


def around(text: bytes) -> bytes:
    return b"<a><b>x</b>" + OPEN + text + CLOSE + b"<c/></a>"


@pytest.mark.parametrize("size", [1, 3, 7, 1 << 16])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b"QUJDQUJDQUJD", b"QUJD"),
        (b"QUJDQUJDQUI=", b"QUJDQUI="),
        (b"QUJD\r\nQUJD\n QUJD", b"QUJD\r\n\n"),
        (b"\n QUJDQUJDQQ==\n", b"\n QUJDQQ==\n"),
        (b"QUJDQUJDQ", b"QUJDQ"),
        (b"QUJDQUJD?QUJDQUJD", b"QUJD?QUJDQUJD"),
        (b"QUJDQUJD<![CDATA[QUJDQUJD]]>", b"QUJD<![CDATA[QUJDQUJD]]>"),
        (b"QUJDQUJD&#10;QUJD", b"QUJD&#10;QUJD"),
        (b"QUJ", b"QUJ"),
        (b" \n ", b" \n "),
        (b"", b""),
    ],
)
def test_whole_groups_go_and_all_else_stays(text: bytes, left: bytes, size: int) -> None:
    assert cut(around(text), size)[0] == around(left)


@pytest.mark.parametrize(
    "document",
    [
        b"<a>EmbeddedDocumentBinaryObject>QUJDQUJDQUJD</a>",
        b"<cbc:EmbeddedDocumentBinaryObject/>QUJDQUJDQUJD",
        b"<cbc:EmbeddedDocumentBinaryObjects>QUJDQUJDQUJD</x>",
        b"<a>QUJDQUJDQUJD</a><",
        b"<a " + b"x" * 10_000,
    ],
)
def test_what_is_no_attachment_is_left_alone(document: bytes) -> None:
    for size in (1, 1 << 16):
        assert cut(document, size)[0] == document


def test_a_tag_with_a_bracket_in_a_value() -> None:
    tag = b'<EmbeddedDocumentBinaryObject filename="a>b.pdf">'
    assert cut(tag + b"QUJDQUJDQUJD</x>", 5)[0] == tag + b"QUJD</x>"


@given(
    st.lists(st.sampled_from([b"<c/>", b"\n", "\u20ac".encode(), b"QUJDQUJD", b"x "]), max_size=6),
    st.lists(st.binary(max_size=40), min_size=1, max_size=3),
    st.integers(1, 50),
)
@settings(max_examples=150, deadline=None)
def test_lines_and_columns_are_those_of_the_document(
    between: list[bytes], attachments: list[bytes], size: int
) -> None:
    parts = [b"<a>"]
    for data in attachments:
        parts += [OPEN, base64.encodebytes(data)[: 1 << 10], CLOSE, *between]
    document = b"".join([*parts, b"<mark/></a>"])
    rest, cutter = cut(document, size)
    line, column = _place(rest, rest.index(b"<mark/>"))
    wanted = _place(document, document.index(b"<mark/>"))
    assert (line, cutter.cuts.column(line, column)) == wanted
    assert len(rest) == len(document) - cutter.removed


def test_findings_are_put_back_into_place() -> None:
    document = around(b"QUJDQUJDQUJD")
    rest, cutter = cut(document)
    finding = Finding(
        rule_id="X",
        severity=Severity.FATAL,
        layer="l",
        message=Message("e", "n"),
        line=1,
        column=rest.index(b"<c/>") + 1,
    )
    report = Report(outcome=Outcome.INVALID, findings=(finding,))
    (restored,) = cutter.cuts.restored(report).findings
    assert restored.column == document.index(b"<c/>") + 1


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
