# SPDX-License-Identifier: Apache-2.0
"""Takes a SOAP 1.2 envelope apart: one header, one body, no id twice.

The elements found here are the very objects that signature checks compare with and that later
code reads, so that nobody can have one verified and another one used. Source: SOAP 1.2 Part 1, 2
and 5.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway import safexml
from gateway.as4 import const
from gateway.as4.elements import content, elements, has_elements
from gateway.as4.errors import (
    FailedAuthenticationError,
    InvalidHeaderError,
    MustUnderstandError,
    PolicyNoncomplianceError,
    Step,
    VersionMismatchError,
)

ENVELOPE: Final = f"{{{const.S12}}}Envelope"
HEADER: Final = f"{{{const.S12}}}Header"
BODY: Final = f"{{{const.S12}}}Body"
MESSAGING: Final = f"{{{const.EB}}}Messaging"
SECURITY: Final = f"{{{const.WSSE}}}Security"
SIGNATURE: Final = f"{{{const.DS}}}Signature"

_ID_NAMES: Final = frozenset([f"{{{const.WSU}}}Id", "Id", "id", f"{{{const.XML}}}id"])
# One by one: the XML library joins sets of nodes in quadratic time.
_ID_VALUES = [
    etree.XPath(path, namespaces={"wsu": const.WSU}, smart_strings=False)
    for path in ("//@wsu:Id", "//@Id", "//@id", "//@xml:id")
]
_BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SOAP:
    """The parts of one envelope. The trees live as long as this value does.

    `targets` are the elements that a signature or a key may refer to, by id: the header blocks,
    what stands directly in them, and the Body. `ids` are all ids of the document. `held` keeps
    the element objects: without it the XML library makes a new one at every look, and none of
    them is the one that was verified.
    """

    root: etree._Element
    header: etree._Element
    body: etree._Element
    messaging: etree._Element
    targets: Mapping[str, etree._Element]
    ids: Collection[str]
    held: tuple[etree._Element, ...]


def parse_soap(data: bytes) -> etree._Element:
    """Parse the SOAP part. Raises `InvalidHeaderError`."""
    try:
        return safexml.parse(data)
    except safexml.MalformedXMLError as error:
        raise InvalidHeaderError(
            "the SOAP part is not acceptable XML", step=Step.XML, advice=error.detail
        ) from error


def take_apart(root: etree._Element, *, may_hold_fault: bool = False) -> SOAP:
    """Find header, body and Messaging: rows 3 to 6 of docs/architecture.md, not what is inside.

    The Body must be empty; the one of an answer may hold a SOAP Fault beside the signal.
    Raises `VersionMismatchError`, `InvalidHeaderError`, `MustUnderstandError`, and
    `FailedAuthenticationError` for an id that stands on two elements.
    """
    held = tuple(root.iter())
    # 3
    if root.tag != ENVELOPE:
        if etree.QName(root).localname == "Envelope":
            raise VersionMismatchError("only SOAP 1.2 is spoken here")
        raise InvalidHeaderError("the root is not a SOAP envelope", step=Step.XML)
    children = list(elements(root))
    if [child.tag for child in children] != [HEADER, BODY] or content(root).strip(_BLANKS):
        raise InvalidHeaderError("the envelope is not one Header and one Body", step=Step.XML)
    header, body = children
    if not may_hold_fault:
        _refuse_body_content(body)
    # 4
    for block in elements(header):
        if block.tag not in (MESSAGING, SECURITY) and _must_be_understood(block):
            raise MustUnderstandError("a header block is not understood")
    # 5
    ids = _unique_ids(root)
    # 6
    found = header.findall(MESSAGING)
    if len(found) != 1:
        raise InvalidHeaderError("there is not exactly one Messaging header", step=Step.HEADER)
    return SOAP(
        root=root,
        header=header,
        body=body,
        messaging=found[0],
        targets=_targets(header, body),
        ids=ids,
        held=held,
    )


def refuse_copies(root: etree._Element) -> None:
    """One Messaging, Security, Signature and Body anywhere: a defence against wrapping."""
    seen: set[object] = set()
    for element in root.iter(MESSAGING, SECURITY, SIGNATURE, BODY):
        if element.tag in seen:
            name = etree.QName(element).localname
            raise PolicyNoncomplianceError(f"there is a second {name}", step=Step.SIGNATURE)
        seen.add(element.tag)


def _refuse_body_content(body: etree._Element) -> None:
    """The payload is never in the Body (Peppol AS4 Profile 2.0.3, "Message packaging")."""
    if has_elements(body) or content(body).strip(_BLANKS):
        raise InvalidHeaderError("the SOAP Body is not empty", step=Step.XML)


def _must_be_understood(block: etree._Element) -> bool:
    flag = block.get(f"{{{const.S12}}}mustUnderstand", "").strip(_BLANKS)
    role = block.get(f"{{{const.S12}}}role", "").strip(_BLANKS)
    return flag in ("true", "1") and role in ("", const.ULTIMATE_RECEIVER)


def _unique_ids(root: etree._Element) -> Collection[str]:
    values = [value for values_of in _ID_VALUES for value in values_of(root)]
    unique = frozenset(values)
    if len(unique) != len(values):
        _refuse_shared_ids(root)
    return unique


def _refuse_shared_ids(root: etree._Element) -> None:
    """The slow way: some write the same id twice on one element, as `id` and as `wsu:Id`."""
    owners: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        for name in _ID_NAMES:
            value = element.get(name)
            if value is not None and owners.setdefault(value, element) is not element:
                raise FailedAuthenticationError("an id stands on two elements", step=Step.IDS)


def _targets(header: etree._Element, body: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for block in header:
        for element in (block, *block):
            _note(element, found)
    _note(body, found)
    return found


def _note(element: etree._Element, found: dict[str, etree._Element]) -> None:
    if isinstance(element.tag, str):
        for name, value in element.items():
            if name in _ID_NAMES:
                found[str(value)] = element
