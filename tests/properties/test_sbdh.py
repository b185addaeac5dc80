# SPDX-License-Identifier: Apache-2.0
"""Envelopes of any content: there and back, in any pieces, and broken in any place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway import safexml, sbdh
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from tests.unit.sbdh.builders import CUSTOMIZATION, HEADER, INVOICE, envelope, message

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n<&>\"']"),
    max_size=20,
)
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
BLANKS = st.text(st.sampled_from(" \t\r\n"), max_size=5)
NAMES = st.sampled_from(["a", "b", "c:d", "c:\u00e9", "d:f"])


def written(name: str, attributes: dict[str, str], children: list[str]) -> str:
    inside = "".join(children)
    values = "".join(f' {key}="{safexml.attribute(text)}"' for key, text in attributes.items())
    return f"<{name}{values}>{inside}</{name}>" if inside else f"<{name}{values}/>"


LEAVES = st.one_of(
    XML_TEXT.map(safexml.text),
    XML_TEXT.map(lambda text: f"<![CDATA[{text.replace(']', '')}]]>"),
    XML_TEXT.map(lambda text: f"<!--{text.replace('-', '')}-->"),
    XML_TEXT.map(lambda text: f"<?p {text.replace('?', '')}?>"),
)
CONTENT = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        written,
        NAMES,
        st.dictionaries(st.sampled_from(["x", "c:y", "d:z"]), XML_TEXT, max_size=2),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)
OUTSIDE = st.lists(st.sampled_from(["<!-- o -->", "<?p o?>", "\n"]), max_size=2).map("".join)


@st.composite
def documents(draw: st.DrawFn, declared: str = ' xmlns:c="urn:c" xmlns:d="urn:d"') -> str:
    """A document without its declaration; the prefixes c and d are used anywhere in it."""
    prefix = draw(st.sampled_from(["", "i"]))
    name = f"{prefix}:Invoice" if prefix else "Invoice"
    root = f'<{name} xmlns{":" if prefix else ""}{prefix}="{INVOICE}"{declared}>'
    content = "".join(draw(st.lists(CONTENT, max_size=4)))
    return f"{draw(OUTSIDE)}{root}{content}</{name}>{draw(OUTSIDE)}"


PARTICIPANTS = st.from_regex(r"[0-9]{4}:[A-Za-z0-9._~-]{1,130}", fullmatch=True).map(ParticipantId)
ENVELOPES = st.builds(
    envelope,
    sender=PARTICIPANTS,
    receiver=PARTICIPANTS,
    document_type=st.builds(
        lambda scheme, word, version: DocumentTypeId(
            scheme, f"{INVOICE}::Invoice##{word}::{version}"
        ),
        st.sampled_from(["busdox-docid-qns", "peppol-doctype-wildcard"]),
        WORD.filter(lambda word: "*" not in word),
        st.sampled_from(["2.1", "2.3", "D16B"]),
    ),
    process=WORD.map(ProcessId),
    country_c1=st.from_regex(r"[A-Z0-9]{2}", fullmatch=True),
    instance_id=XML_TEXT.filter(lambda text: bool(text) and text == text.strip()),
    created_at=st.datetimes(
        datetime(1000, 1, 1),  # noqa: DTZ001  the strategy adds the zone
        datetime(9999, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    mls_type=st.sampled_from([None, "ALWAYS_SEND", "FAILURE_ONLY"]),
    mls_to=st.sampled_from([None, "0242:000001", "0242:000001-MLS.abc"]),
)


def pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    found = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [*found, data]


@given(ENVELOPES, documents(), BLANKS, BLANKS, st.sampled_from(["", "\ufeff"]), st.data())
def test_there_and_back(
    made: sbdh.Envelope, document: str, before: str, after: str, bom: str, data: st.DataObject
) -> None:
    declaration = data.draw(
        st.sampled_from(["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' ?>\n"])
    )
    sizes = st.lists(st.integers(0, 400), max_size=8)
    written = f"{bom}{declaration}{before if declaration else ''}{document}{after}".encode()
    sent = b"".join(sbdh.wrap(made, pieces(written, data.draw(sizes))))
    reader, extractor = sbdh.EnvelopeReader(), sbdh.DocumentExtractor()
    out = b""
    for piece in pieces(sent, data.draw(sizes)):
        reader.feed(piece)
        out += extractor.feed(piece)
    assert reader.close() == made
    out += extractor.close()
    assert out == b'<?xml version="1.0" encoding="UTF-8"?>\n' + document.strip().encode()


@given(documents(declared=""), st.sampled_from([1, 5, 1000]))
def test_what_leans_on_the_root_comes_out_whole(document: str, size: int) -> None:
    data = message(document=document, root=' xmlns:c="urn:c" xmlns:d="urn:d"')
    extractor = sbdh.DocumentExtractor()
    out = b"".join(extractor.feed(data[at : at + size]) for at in range(0, len(data), size))
    found = etree.fromstring(out + extractor.close())
    inside = etree.fromstring(data)[-1]
    while not isinstance(inside.tag, str):  # a comment or instruction behind the document
        previous = inside.getprevious()
        assert previous is not None
        inside = previous
    assert safexml.canonicalise(found) == safexml.canonicalise(inside)


VALID = message()


def outcome(data: bytes) -> object:
    """What reading gives; every error but ours is a failure of the test."""
    reader, extractor = sbdh.EnvelopeReader(), sbdh.DocumentExtractor()
    try:
        reader.feed(data)
        found = reader.close()
    except sbdh.EnvelopeError as error:
        return error.detail
    safexml.parse(extractor.feed(data) + extractor.close())
    return found


@pytest.mark.parametrize("end", range(0, len(VALID), 7))
def test_cut_anywhere_is_refused(end: int) -> None:
    assert isinstance(outcome(VALID[:end]), str)


@given(st.integers(0, len(VALID) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_mangled_anywhere_gives_our_errors_only(at: int, inserted: bytes, removed: int) -> None:
    outcome(VALID[:at] + inserted + VALID[at + removed :])


@given(st.integers(0, len(HEADER)), st.sampled_from(["<Scope>", "</Scope>", "<a/>", "&lt;", "]]>"]))
def test_markup_in_wrong_places_gives_our_errors_only(at: int, inserted: str) -> None:
    outcome(message(HEADER[:at] + inserted + HEADER[at:]))


def test_customization_is_the_usual_one() -> None:
    assert outcome(VALID) == envelope()
    assert envelope().document_type.customization_id == CUSTOMIZATION
