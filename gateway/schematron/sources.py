# SPDX-License-Identifier: Apache-2.0
"""Schema files as trees: parsed safely, in the encoding they declare, and read strictly.

Reading strictly means that an element or attribute of a known vocabulary that the reader does not
handle is an error that names it. So a rule set never loses a part without anybody's notice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from gateway import safexml
from gateway.schematron.errors import SchemaError

XSLT = "http://www.w3.org/1999/XSL/Transform"
XML_SCHEMA = "http://www.w3.org/2001/XMLSchema"
SVRL = "http://purl.oclc.org/dsdl/svrl"


def parse_source(data: bytes, name: str) -> etree._Element:
    """Parse a schema or stylesheet; `name` is what errors call it. Raises `SchemaError`."""
    try:
        return safexml.parse_document(data)
    except safexml.MalformedXMLError as error:
        raise SchemaError(f"{name}: {error.detail}") from error


def describe(element: etree._Element) -> str:
    """An element as errors name it: its local name and line."""
    return f"<{etree.QName(element).localname}> in line {element.sourceline}"


def unexpected(element: etree._Element) -> SchemaError:
    """The error for an element where no reader expects it."""
    parent = element.getparent()
    where = f" within <{etree.QName(parent).localname}>" if parent is not None else ""
    return SchemaError(f"{describe(element)}{where} is not supported")


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The element children, without comments and processing instructions."""
    return element.iterchildren(etree.Element)


def no_text(element: etree._Element) -> None:
    """Raise `SchemaError` where text stands between the element's children."""
    texts = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in texts):
        raise SchemaError(f"{describe(element)} holds text where none is supported")


def check_attributes(element: etree._Element, allowed: Collection[str]) -> None:
    """Raise `SchemaError` for an attribute without namespace that is not among `allowed`."""
    for name in element.attrib:
        text = str(name)
        if not text.startswith("{") and text not in allowed:
            raise SchemaError(f"attribute {text} of {describe(element)} is not supported")


def required(element: etree._Element, name: str) -> str:
    """The value of an attribute that must be there. Raises `SchemaError`."""
    value = element.get(name)
    if value is None or not value.strip():
        raise SchemaError(f"{describe(element)} has no attribute {name}")
    return value
