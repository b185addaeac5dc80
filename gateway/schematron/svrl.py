# SPDX-License-Identifier: Apache-2.0
"""Schematron Validation Report Language: read from any engine, written for those who ask for it.

Source: ISO/IEC 19757-3:2016, annex D. Of a report, only the failures are read.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from gateway import safexml
from gateway.schematron.errors import EngineError
from gateway.schematron.iso_texts import rule_id, severity
from gateway.schematron.locations import (
    Locations,
    Place,
    XPaths,
    format_place,
    parse_place,
)
from gateway.schematron.sources import SVRL
from gateway.schematron.stylesheet import PLACE_PATH
from gateway.schematron.stylesheet_lets import PLACE
from gateway.schematron.verdict import Failure

_S = f"{{{SVRL}}}"
_FAILURES = (_S + "failed-assert", _S + "successful-report")


def read_svrl(data: bytes, root: etree._Element) -> tuple[Failure, ...]:
    """The failures of a report on the document `root`, in their order.

    A failure is named by its id, else by the bracketed head of its text, else by its text
    (`rule_id`); its flag is `flag`, else `role`, else `fatal`. Raises `EngineError` for bytes that
    are no report.
    """
    try:
        report = safexml.parse_document(data)
    except safexml.MalformedXMLError as error:
        raise EngineError(f"the engine's report cannot be read: {error.detail}") from error
    if report.tag != _S + "schematron-output":
        raise EngineError("the engine's answer is no report")
    locations = Locations(root)
    return tuple(_failure(element, locations) for element in report.iter(*_FAILURES))


def _failure(element: etree._Element, locations: Locations) -> Failure:
    text = "".join(part for each in element.iterchildren(_S + "text") for part in each.itertext())
    at = element.get(PLACE_PATH)
    place = locations.find(element.get("location", "")) if at is None else parse_place(at)
    return Failure(
        rule=rule_id(element.get("id"), text),
        flag=severity(element.get("flag"), element.get("role")),
        test=element.get("test", ""),
        path=place.path,
        attribute=place.attribute,
        text=" ".join(text.split()),
    )


def write_svrl(failures: Iterable[Failure], root: etree._Element, *, title: str = "") -> bytes:
    """Write a report on the document `root`, in UTF-8.

    Raises `IndexError` where a failure is at a place that the document does not have.
    """
    report = etree.Element(_S + "schematron-output", nsmap={"svrl": SVRL, "place": PLACE})
    report.set("title", title)
    xpaths = XPaths(root)
    for failure in failures:
        place = Place(path=failure.path, attribute=failure.attribute)
        element = etree.SubElement(report, _S + "failed-assert")
        for name, value in (
            ("id", failure.rule),
            ("flag", failure.flag),
            ("test", failure.test),
            ("location", xpaths.xpath(place)),
            (PLACE_PATH, format_place(place)),
        ):
            element.set(name, value)
        etree.SubElement(element, _S + "text").text = failure.text
    return bytes(etree.tostring(report, encoding="UTF-8", xml_declaration=True))
