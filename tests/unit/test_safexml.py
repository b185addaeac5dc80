# SPDX-License-Identifier: Apache-2.0
"""The one XML parser: what it refuses, where its ceilings are, and what the writer escapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway import safexml
from gateway.safexml import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_NAMES,
    MAX_TOKEN,
    MalformedXMLError,
    StreamParser,
    UnwritableTextError,
)

BILLION_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
REFUSED = [
    b"",
    b" ",
    b"text",
    b"<a>",
    b"<a/><b/>",
    b"<a></b>",
    b"<a b='1' b='2'/>",
    b"<p:a/>",
    b"<a>&b;</a>",
    b"<a>\x00</a>",
    b"<a>\xe9</a>",
    b"<!DOCTYPE a><a/>",
    b"\xef\xbb\xbf <!DOCTYPE a><a/>",
    b"<?xml version='1.0'?><!-- - --><?p ? ?>\n<!DOCTYPE a SYSTEM 'http://x/y.dtd'><a/>",
    BILLION_LAUGHS,
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "<a/>".encode("utf-16"),
    "<a/>".encode("utf-16-le"),
    "<a/>".encode("utf-16-be"),
    "<a/>".encode("utf-32"),
    b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
    b"<?xml version='1.0' encoding='utf-16'?><a/>",
    b'\xef\xbb\xbf<?xml version="1.0" encoding="latin1"?><a/>',
]


def stream(data: bytes, size: int | None = None, max_depth: int = 100) -> list[tuple[object, ...]]:
    events: list[tuple[object, ...]] = []
    parser = StreamParser(
        start=lambda name, attributes: events.append(("start", name, attributes, parser.offset)),
        end=lambda name: events.append(("end", name, parser.offset)),
        characters=lambda text: events.append(("text", text)),
        max_depth=max_depth,
    )
    step = size or len(data) or 1
    for start in range(0, len(data), step):
        parser.feed(data[start : start + step])
    parser.close()
    return events


@pytest.mark.parametrize("data", REFUSED)
def test_both_parsers_refuse(data: bytes) -> None:
    with pytest.raises(MalformedXMLError):
        safexml.parse(data)
    for size in (None, 1):
        with pytest.raises(MalformedXMLError):
            stream(data, size)


@pytest.mark.parametrize(
    "data",
    [
        b"<a/>",
        b"\xef\xbb\xbf<a/>",
        b'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!-- x --><?p?><a/><!-- -->\n',
        b"<?xml version='1.0' encoding='US-ASCII'?><a/>",
        "<a b='é'>é<![CDATA[<!DOCTYPE]]><!-- <!DOCTYPE --></a>".encode(),
    ],
)
def test_both_parsers_take(data: bytes) -> None:
    assert safexml.parse(data).tag == "a"
    for size in (None, 1):
        assert stream(data, size)[0][1] == "a"


def test_encoding_is_found_however_far_in_the_declaration() -> None:
    blanks = b" " * 500
    data = b'<?xml version="1.0"' + blanks + b'encoding="ISO-8859-1"?><a>\xe9</a>'
    for size in (None, 1, 100):
        with pytest.raises(MalformedXMLError, match="other than UTF-8"):
            stream(data, size)


def test_depth_ceiling_of_trees() -> None:
    assert safexml.parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH) is not None
    with pytest.raises(MalformedXMLError, match="too deep"):
        safexml.parse(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))


def test_depth_ceiling_of_streams() -> None:
    assert len(stream(b"<a>" * 7 + b"</a>" * 7, max_depth=7)) == 14
    with pytest.raises(MalformedXMLError, match="too deep"):
        stream(b"<a>" * 8 + b"</a>" * 8, max_depth=7)


def test_attribute_ceiling() -> None:
    def element(count: int) -> bytes:
        return b"<a %b/>" % b" ".join(b'b%d=""' % number for number in range(count))

    for parse in (safexml.parse, stream):
        assert parse(element(MAX_ATTRIBUTES)) is not None
        with pytest.raises(MalformedXMLError, match="too many attributes"):
            parse(element(MAX_ATTRIBUTES + 1))


@pytest.mark.parametrize(
    "form", ["<b{}/>", "<b c{}=''/>", "<b xmlns:c{}='u'/>", "<b xmlns='u{}'/>"]
)
def test_names_ceiling_of_streams(form: str) -> None:
    def document(count: int) -> bytes:
        return "<a>{}</a>".format("".join(form.format(number) for number in range(count))).encode()

    stream(document(MAX_NAMES // 2 - 2), 10_000)
    with pytest.raises(MalformedXMLError, match="different names"):
        stream(document(MAX_NAMES + 1), 10_000)


@pytest.mark.parametrize("head", [b"<a><!--", b"<a><?p ", b"<a b='", b"<a", b"<!--", b"<?p "])
def test_token_ceiling_of_streams(head: bytes) -> None:
    parser = StreamParser(start=lambda *_: None, end=lambda _: None)
    parser.feed(head)
    for _ in range(MAX_TOKEN // 10_000):
        parser.feed(b"x" * 10_000)
    with pytest.raises(MalformedXMLError, match="too long"):
        parser.feed(b"x" * 10_000)


def test_text_of_any_length_streams() -> None:
    seen: list[int] = []
    parser = StreamParser(start=lambda *_: None, end=lambda _: None)
    parser.want_characters(lambda text: seen.append(len(text)))
    parser.feed(b"<a>")
    for _ in range(100):
        parser.feed(b"x" * 100_000)
    parser.feed(b"</a>")
    parser.close()
    assert sum(seen) == 10_000_000
    assert max(seen) <= 256 * 1024


def test_stream_names_offsets_and_lines() -> None:
    data = b'<a xmlns="u" xmlns:p="v">\n<p:b p:c="1" d="2">t</p:b></a>'
    assert stream(data, 3) == [
        ("start", "u a", [], 0),
        ("text", "\n"),
        ("start", "v b", ["v c", "1", "d", "2"], 26),
        ("text", "t"),
        ("end", "v b", 46),
        ("end", "u a", 52),
    ]
    lines: list[int] = []
    parser = StreamParser(start=lambda *_: lines.append(parser.line), end=lambda _: None)
    parser.feed(data)
    assert lines == [1, 2]


def test_stream_tells_of_namespaces_on_request() -> None:
    events: list[tuple[object, ...]] = []
    parser = StreamParser(
        start=lambda name, attributes: events.append((name, attributes)),
        end=lambda name: events.append((name,)),
        scope=lambda prefix, namespace: events.append((prefix, namespace)),
    )
    parser.feed(b'<a xmlns="u" xmlns:p="v"><p:b xmlns="" p:c=""/></a>')
    parser.close()
    assert events == [
        ("", "u"),
        ("p", "v"),
        ("u a", []),
        ("", ""),
        ("v b p", ["v c p", ""]),
        ("v b p",),
        ("", None),
        ("u a",),
        ("p", None),
        ("", None),
    ]


def test_stream_skips_an_element() -> None:
    events: list[str] = []

    def start(name: str, _attributes: list[str]) -> None:
        events.append(name)
        if name == "skipped":
            parser.skip()

    parser = StreamParser(start=start, end=lambda name: events.append(f"/{name}"), max_depth=4)
    for byte in b"<a><skipped><b><c/></b><skipped/></skipped><d/><skipped/></a>":
        parser.feed(bytes([byte]))
    parser.close()
    assert events == ["a", "skipped", "/skipped", "d", "/d", "skipped", "/skipped", "/a"]


def test_depth_ceiling_holds_while_skipping() -> None:
    parser = StreamParser(start=lambda *_: parser.skip(), end=lambda _: None, max_depth=4)
    parser.feed(b"<a><b><c><d/>")
    with pytest.raises(MalformedXMLError, match="too deep"):
        parser.feed(b"<d><e/>")


WRITABLE = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufffe\uffff").filter(
        lambda letter: letter >= " " or letter in "\t\n\r"
    )
)


@given(WRITABLE, WRITABLE)
def test_what_is_written_is_canonical(value: str, inside: str) -> None:
    written = f'<a b="{safexml.attribute(value)}">{safexml.text(inside)}</a>'.encode()
    element = safexml.parse(written)
    assert (element.get("b"), element.text or "") == (value, inside)
    assert safexml.canonicalise(element) == written
    assert safexml.canonicalise(element, exclusive=False) == written


@pytest.mark.parametrize("value", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_carry_is_refused(value: str) -> None:
    for write in (safexml.text, safexml.attribute):
        with pytest.raises(UnwritableTextError):
            write(f"a{value}b")


def test_canonical_form_of_a_part() -> None:
    root = safexml.parse(b'<a xmlns:p="urn:u" xmlns:q="urn:v"><p:b/><!-- --></a>')
    assert safexml.canonicalise(root[0]) == b'<p:b xmlns:p="urn:u"></p:b>'
    both = b'<p:b xmlns:p="urn:u" xmlns:q="urn:v"></p:b>'
    assert safexml.canonicalise(root[0], inclusive_prefixes=["q"]) == both
    alone = safexml.reparsed(root[0])
    assert alone.getparent() is None
    assert safexml.canonicalise(alone, exclusive=False) == both


@pytest.mark.parametrize("exclusive", [True, False])
def test_what_has_no_canonical_form_is_refused(exclusive: bool) -> None:
    # Canonical XML 1.0 has no form for a relative namespace name; libxml2 fails on it.
    with pytest.raises(MalformedXMLError, match="canonical"):
        safexml.canonicalise(safexml.parse(b'<a xmlns="relative"/>'), exclusive=exclusive)


def test_serialise_declares_its_encoding() -> None:
    data = safexml.serialise(etree.fromstring("<a>é</a>"))
    assert data.startswith(b"<?xml ")
    assert "é".encode() in data
    assert safexml.parse(data).text == "é"


def declaring(count: int, *, start: str = "a") -> str:
    return " ".join(f'xmlns:{start}{number}="urn:{number}"' for number in range(count))


def test_namespaces_of_one_tag_have_a_ceiling() -> None:
    """The canonicaliser compares all in scope with each other."""
    assert safexml.parse(f"<r {declaring(safexml.MAX_NAMESPACES)}/>".encode()).tag == "r"
    with pytest.raises(MalformedXMLError, match="namespaces"):
        safexml.parse(f"<r {declaring(safexml.MAX_NAMESPACES + 1)}/>".encode())


def test_namespaces_and_tags_together_have_a_ceiling() -> None:
    opened = "".join(f"<r {declaring(60, start=f'n{depth}x')}>" for depth in range(50))
    text = opened + "<r/>" * 1000 + "</r>" * 50
    assert safexml.parse(text.encode()).tag == "r"
    with pytest.raises(MalformedXMLError, match="namespaces"):
        safexml.parse((opened + "<r/>" * 70_000 + "</r>" * 50).encode())


def test_declarations_beside_each_other_are_many_and_fine() -> None:
    text = "<r>" + '<x xmlns="urn:x"/>' * 5000 + "</r>"
    assert len(safexml.parse(text.encode())) == 5000
