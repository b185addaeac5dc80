# SPDX-License-Identifier: Apache-2.0
"""Business documents of any encoding and any size: taken within limits, refused in a sentence."""

from __future__ import annotations

import pytest

from gateway import safexml

_LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<a>é</a>".encode(), "utf-8"),
        (b"\xef\xbb\xbf" + "<a>é</a>".encode(), "utf-8"),
        (_LATIN.encode("latin-1"), "iso-8859-1"),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), "utf-16"),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16-be"), "utf-16-be"),
        ('<?xml version="1.0" encoding="windows-1252"?><a>é</a>'.encode("cp1252"), "windows-1252"),
    ],
)
def test_encodings_are_read(data: bytes, encoding: str) -> None:
    assert safexml.encoding_of(data) == encoding
    assert safexml.parse_document(data).text == "é"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"<a>", "not well-formed"),
        ("<a>é</a>".encode("latin-1"), "the bytes of the XML are not UTF-8"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "'utf-7'"),
        (b'<?xml version="1.0" encoding="zip"?><a/>', "'zip'"),
        (b'<?xml version="1.0" encoding="iso-8859-99"?><a/>', "ISO-8859-99"),
        (b"\xff\xfe<\x00a", "not UTF-16"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "document type"),
        (
            '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
            "document type",
        ),
        (b"<a>&e;</a>", "not well-formed"),
        (b"<a>" * 10_000 + b"</a>" * 10_000, "nested deeper than 100"),
        (b"<a>" * 101 + b"</a>" * 101, "nested deeper than 100"),
        (b"<a " + b" ".join(b'a%d="1"' % n for n in range(65)) + b"/>", "64 attributes"),
    ],
)
def test_refusals_say_what_is_wrong(data: bytes, words: str) -> None:
    with pytest.raises(safexml.MalformedXMLError) as refused:
        safexml.parse_document(data)
    assert words in refused.value.detail
    assert "<string>" not in refused.value.detail


def test_limits_are_where_they_are_said_to_be() -> None:
    assert len(safexml.parse_document(b"<a>" * 100 + b"</a>" * 100)) == 1
    attributes = b" ".join(b'a%d="1"' % n for n in range(64))
    assert len(safexml.parse_document(b"<a " + attributes + b"/>").attrib) == 64


def test_a_text_longer_than_libxml2_takes_by_default() -> None:
    root = safexml.parse_document(b"<a>" + b"x" * 11_000_000 + b"</a>")
    assert len(root.text or "") == 11_000_000


def test_an_entity_bomb_is_refused_before_it_is_read() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{levels}]><a b="&e9;">&e9;</a>'
    with pytest.raises(safexml.MalformedXMLError, match="document type"):
        safexml.parse_document(bomb.encode())
