# SPDX-License-Identifier: Apache-2.0
"""The structural check of eb:Messaging against the published schema, on many mutated headers."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from lxml import etree

from gateway import safexml
from gateway.as4 import const, templates
from gateway.as4.elements import content, parse_date_time
from gateway.as4.errors import InvalidHeaderError
from gateway.as4.schema import check_messaging
from tests.shared import shared

EB = f"{{{const.EB}}}"
VALUES = ["", " ", "x", "2026-11-22T12:00:00Z", "en", "urn:x", "1", "true", "a b", "%", "<&", "ü"]
ATTRIBUTES = [
    f"{{{const.XSI}}}schemaLocation",
    "type",
    "pmode",
    "name",
    "href",
    "mpc",
    "id",
    "other",
    "location",
    f"{{{const.XML}}}lang",
    f"{{{const.S12}}}mustUnderstand",
    f"{{{const.WSU}}}Id",
    f"{EB}type",
]
NAMES = ["Description", "Schema", "PartInfo", "Property", "UserMessage", "RefToMessageId", "Other"]


def header() -> etree._Element:
    text = templates.USER_MESSAGE.fill(
        **{slot: "x" for slot, _ in templates.USER_MESSAGE.slots()} | {"timestamp": VALUES[3]}
    )
    return safexml.parse(text.encode())


def accepted(messaging: etree._Element) -> bool:
    try:
        check_messaging(messaging)
    except InvalidHeaderError:
        return False
    return True


def remove(node: etree._Element, chance: random.Random) -> None:
    parent_of(node).remove(node)


def double(node: etree._Element, chance: random.Random) -> None:
    parent = parent_of(node)
    parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(node))


def move(node: etree._Element, chance: random.Random) -> None:
    parent = parent_of(node)
    parent.insert(chance.randrange(len(parent)), node)


def retext(node: etree._Element, chance: random.Random) -> None:
    node.text = chance.choice(VALUES)


def retail(node: etree._Element, chance: random.Random) -> None:
    node.tail = chance.choice(["", " ", "\n", "x", "\u00a0"])


def add_attribute(node: etree._Element, chance: random.Random) -> None:
    target = chance.choice([node, node.getroottree().getroot()])
    target.set(chance.choice(ATTRIBUTES), chance.choice(VALUES))


def drop_attribute(node: etree._Element, chance: random.Random) -> None:
    for name in list(node.attrib)[:1]:
        del node.attrib[name]


def add_element(node: etree._Element, chance: random.Random) -> None:
    namespace = chance.choice([const.EB, const.EB, "urn:other", ""])
    name = chance.choice(NAMES)
    tag = f"{{{namespace}}}{name}" if namespace else name
    parent = chance.choice([node, node.getroottree().getroot()])
    parent.insert(chance.randrange(len(parent) + 1), etree.Element(tag))


def add_note(node: etree._Element, chance: random.Random) -> None:
    node.insert(0, chance.choice([etree.Comment("c"), etree.ProcessingInstruction("p")]))


def nest(node: etree._Element, chance: random.Random) -> None:
    inside = list(node.getroottree().getroot().iter(etree.Element))
    chance.choice(inside).append(copy.deepcopy(node))


MUTATIONS = [
    remove,
    double,
    move,
    retext,
    retail,
    add_attribute,
    drop_attribute,
    add_element,
    add_note,
    nest,
]


def parent_of(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    assert parent is not None
    return parent


def mutated(messaging: etree._Element, chance: random.Random) -> etree._Element:
    mutant = copy.deepcopy(messaging)
    for _ in range(chance.choice([1, 1, 2, 3])):
        nodes = list(mutant.iter(etree.Element))[1:]
        if nodes:
            chance.choice(MUTATIONS)(chance.choice(nodes), chance)
    return safexml.parse(etree.tostring(mutant))  # an empty text node is none on the wire


def mutants(count: int) -> Iterator[etree._Element]:
    chance = random.Random(20261122)
    whole = header()
    rich = copy.deepcopy(whole)
    info = rich.find(f".//{EB}PartInfo")
    assert info is not None
    described = etree.Element(f"{EB}Description")
    described.set(f"{{{const.XML}}}lang", "en")
    described.text = "x"
    schema = etree.Element(f"{EB}Schema", location="urn:x")
    info.insert(0, described)
    info.insert(0, schema)
    yield whole
    yield rich
    for _ in range(count):
        yield mutated(chance.choice([whole, rich]), chance)


def test_agrees_with_the_published_schema() -> None:
    """What we take the schema takes; where we are stricter it is for a reason given here."""
    folder = shared("data/as4/schemas")
    files = {
        "http://www.w3.org/2003/05/soap-envelope": folder / "soap/soap12.xsd",
        "http://schemas.xmlsoap.org/soap/envelope/": folder / "soap/soap11.xsd",
    }
    text = (folder / "ebms/ebms-header-3_0-200704.xsd").read_text()
    text = text.replace("soap11.xsd", files[const.S11].as_uri())
    text = text.replace("soap12.xsd", files[const.S12].as_uri())
    xml_schema = next(folder.glob("wss/xml*.xsd"))
    text = text.replace(
        '<xsd:import namespace="http://www.w3.org/XML/1998/namespace" />',
        f'<xsd:import namespace="{const.XML}" schemaLocation="{xml_schema.as_uri()}"/>',
    )
    schema = etree.XMLSchema(etree.fromstring(text.encode()))
    agreed = 0
    for mutant in mutants(4000):
        ours, theirs = accepted(mutant), schema.validate(mutant)
        if ours != theirs:
            shown = etree.tostring(mutant).decode()
            assert theirs, shown
            assert stricter(mutant), shown
        agreed += ours == theirs
    assert agreed > 3500


def stricter(mutant: etree._Element) -> bool:
    """Where we refuse what the validator takes.

    Addresses and ids that are not plain ASCII; signals, and no message at all,
    which the caller of the check refuses anyway; foreign elements before the message, which the
    schema has at the end and libxml2 lets pass.
    """
    owners = [*mutant.iter(f"{EB}UserMessage", f"{EB}Schema")]
    texts = [owner.get(name) or "" for owner in owners for name in ("mpc", "location")]
    texts.append(mutant.get("id") or "")
    odd = any(not text.isascii() or set(text) & set(' %<>"{}|\\^`') for text in texts)
    own = [child.tag == f"{EB}UserMessage" for child in mutant.iterchildren(etree.Element)]
    return odd or not any(own) or own != sorted(own, reverse=True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:15:31.125Z", datetime(2026, 11, 20, 10, 15, 31, 125000, tzinfo=UTC)),
        (" 2026-11-20T10:15:31+01:00\n", datetime(2026, 11, 20, 9, 15, 31, tzinfo=UTC)),
        ("2026-11-20T10:15:31", datetime(2026, 11, 20, 10, 15, 31, tzinfo=UTC)),
        (
            "2026-11-20T10:15:31.123456789Z",
            datetime(2026, 11, 20, 10, 15, 31, 123456, tzinfo=UTC),
        ),
        ("2026-12-31T24:00:00.000Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-20T10:15:31.5-14:00", datetime(2026, 11, 21, 0, 15, 31, 500000, tzinfo=UTC)),
    ],
)
def test_date_times(text: str, moment: datetime) -> None:
    assert parse_date_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-20",
        "2026-02-30T00:00:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20T24:00:00.001Z",
        "9999-12-31T24:00:00Z",
        "2026-11-20t10:15:31Z",
        "2026-11-20T10:15:31+14:01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢026-11-20T10:15:31Z",
        "20261-11-20T10:15:31Z",
    ],
)
def test_no_date_times(text: str) -> None:
    assert parse_date_time(text) is None


def test_content_reads_over_comments() -> None:
    element = safexml.parse(b"<a>x<!--c-->y<?p q?>z</a>")
    assert content(element) == "xyz"
