# SPDX-License-Identifier: Apache-2.0
"""The content model of the header against the official schema: the same verdict on every mutant."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from itertools import product

import pytest
from lxml import etree

from gateway import sbdh
from gateway.safexml import StreamParser
from gateway.sbdh.structure import Open, begin
from tests.shared import shared
from tests.unit.sbdh.builders import HEADER, NAMESPACE, message, read

# Everything that the schema allows in a header, so that mutants reach all of it.
FULL = (
    HEADER.replace(
        "</Identifier></Sender>",
        "</Identifier><ContactInformation><Contact>A</Contact><EmailAddress>B</EmailAddress>"
        "<FaxNumber/><TelephoneNumber>1</TelephoneNumber><ContactTypeIdentifier>C"
        "</ContactTypeIdentifier></ContactInformation></Sender>",
    )
    .replace("</Type>\n   <Creation", "</Type><MultipleType>false</MultipleType>\n   <Creation")
    .replace(
        "  <BusinessScope>",
        "<Manifest><NumberOfItems>1</NumberOfItems><ManifestItem><MimeTypeQualifierCode>a/b"
        "</MimeTypeQualifierCode><UniformResourceIdentifier>x</UniformResourceIdentifier>"
        "<Description>D</Description><LanguageCode>nl</LanguageCode></ManifestItem></Manifest>"
        "<BusinessScope>",
    )
    .replace(
        "NL</InstanceIdentifier>",
        "NL</InstanceIdentifier><CorrelationInformation><RequestingDocumentCreationDateTime>"
        "2026-11-20T10:15:30Z</RequestingDocumentCreationDateTime>"
        "<RequestingDocumentInstanceIdentifier>I</RequestingDocumentInstanceIdentifier>"
        "<ExpectedResponseDateTime>2026-11-20T10:15:30Z</ExpectedResponseDateTime>"
        "</CorrelationInformation><BusinessService><BusinessServiceName>N</BusinessServiceName>"
        '<ServiceTransaction TypeOfServiceTransaction="RequestingServiceTransaction"/>'
        "</BusinessService>",
    )
)


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(
        file=str(shared("data/as4/schemas/sbdh/StandardBusinessDocumentHeader.xsd"))
    )


def accepted(header: bytes) -> bool:
    """Whether the content model takes the header, apart from what else is checked of it."""
    opened: list[Open] = []
    text: list[str] = []

    def start(name: str, attributes: list[str]) -> None:
        if text:
            opened[-1].refuse_text("".join(text))
            text.clear()
        opened.append(begin(name, attributes, parent=opened[-1] if opened else None))

    def end(_name: str) -> None:
        value = "".join(text)
        text.clear()
        opened.pop().finish(value)

    parser = StreamParser(start=start, end=end, characters=text.append)
    try:
        parser.feed(header)
        parser.close()
    except sbdh.EnvelopeError:
        return False
    return True


def full_header() -> etree._Element:
    root = etree.fromstring(message(FULL))
    header = root[0]
    header.tail = None
    root.remove(header)
    return header


def at(root: etree._Element, index: int) -> etree._Element:
    return list(root.iter())[index]


def remove(element: etree._Element, parent: etree._Element) -> None:
    parent.remove(element)


def double(element: etree._Element, _parent: etree._Element) -> None:
    element.addnext(deepcopy(element))


def move_first(element: etree._Element, parent: etree._Element) -> None:
    parent.insert(0, element)


def move_last(element: etree._Element, parent: etree._Element) -> None:
    parent.append(element)


def add_text(element: etree._Element, _parent: etree._Element) -> None:
    element.tail = "x"


def add_attribute(element: etree._Element, _parent: etree._Element) -> None:
    element.set("Authority", "x")


def change_namespace(element: etree._Element, _parent: etree._Element) -> None:
    element.tag = f"{{urn:x}}{etree.QName(element).localname}"


def empty(element: etree._Element, _parent: etree._Element) -> None:
    element.text = None
    del element[:]


CHANGES = (
    remove,
    double,
    move_first,
    move_last,
    add_text,
    add_attribute,
    change_namespace,
    empty,
)


def mutants() -> Iterator[tuple[str, etree._Element]]:
    """The full header with one thing changed, or one element of it put where it is not."""
    original = full_header()
    count = len(list(original.iter()))
    names = sorted({etree.QName(element).localname for element in original.iter()})
    for index, change in product(range(1, count), CHANGES):
        copy = deepcopy(original)
        element = at(copy, index)
        parent = element.getparent()
        assert parent is not None
        change(element, parent)
        yield f"{change.__name__} {index}", copy
    for index, name, place in product(range(count), names, (0, 99)):
        copy = deepcopy(original)
        at(copy, index).insert(place, etree.Element(f"{{{NAMESPACE}}}{name}"))
        yield f"{name} at {place} of {index}", copy


def test_full_header_is_valid() -> None:
    assert read(message(FULL)).warnings == ()
    assert accepted(etree.tostring(full_header()))


def test_agrees_with_the_schema_on_every_mutant() -> None:
    judge = schema()
    verdicts = {True: 0, False: 0}
    for name, mutant in mutants():
        # CreationDateAndTime is judged with the values, where it has a sentence of its own.
        dates = mutant.findall(".//{*}CreationDateAndTime")
        for date in dates:
            if not len(date) and not (date.text or "").strip():
                date.text = "2026-11-20T10:15:30Z"
        header = etree.tostring(mutant)
        expected = judge.validate(etree.fromstring(header))
        assert accepted(header) is expected, name
        verdicts[expected] += 1
    assert min(verdicts.values()) > 100


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">false<", ">maybe<"),
        (">false<", "> 1\n<"),
        ("<NumberOfItems>1<", "<NumberOfItems>one<"),
        ("<NumberOfItems>1<", "<NumberOfItems>-0001 <"),
        ("ResponseDateTime>2026-11-20T10:15:30Z", "ResponseDateTime>tomorrow"),
        ("RequestingServiceTransaction", "AnotherServiceTransaction"),
        ('TypeOfServiceTransaction="RequestingServiceTransaction"', 'Recurrence="x"'),
        ('TypeOfServiceTransaction="RequestingServiceTransaction"', 'Other="x"'),
        ("<Scope>", '<Scope xml:lang="nl">'),
        (
            "<Scope>",
            '<Scope xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a b">',
        ),
    ],
)
def test_agrees_with_the_schema_on_simple_types(old: str, new: str) -> None:
    assert old in FULL
    header = etree.fromstring(message(FULL.replace(old, new)))[0]
    assert accepted(etree.tostring(header, with_tail=False)) is schema().validate(header)
