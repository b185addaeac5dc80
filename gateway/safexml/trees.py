# SPDX-License-Identifier: Apache-2.0
"""Small documents as lxml trees, and their canonical forms."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from gateway.safexml.limits import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    TOO_MUCH,
    MalformedXMLError,
    first_line,
)
from gateway.safexml.prolog import refuse_doctype, refuse_many_namespaces, refuse_other_encoding

_TOO_DEEP = etree.XPath(
    # By steps and positions, not by counting: that costs a tenth.
    f"boolean({'/*' * (MAX_DEPTH + 1)} | //@*[{MAX_ATTRIBUTES + 1}])"
)


def parse(data: bytes) -> etree._Element:
    """Parse a small document in UTF-8 whole; comments, blanks and instructions are kept.

    Raises `MalformedXMLError` for a document type declaration, another encoding, broken XML, or
    nesting, attributes and namespaces beyond the limits.
    """
    refuse_doctype(data)
    refuse_other_encoding(data)
    refuse_many_namespaces(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXMLError(f"not well-formed XML: {first_line(error)}") from error
    if _TOO_DEEP(root):
        raise MalformedXMLError(TOO_MUCH)
    return root


def canonicalise(
    element: etree._Element,
    *,
    exclusive: bool = True,
    inclusive_prefixes: Sequence[str] = (),
) -> bytes:
    """Canonical form without comments of an element as it stands in its tree.

    Inclusive form of an element below the root is right only after `reparsed` (lxml puts a wrong
    `xmlns=""` on grandchildren otherwise). Raises `MalformedXMLError` where there is no such form.
    """
    prefixes = list(inclusive_prefixes) or None
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=exclusive,
            with_comments=False,
            inclusive_ns_prefixes=prefixes,
        )
    except etree.C14NError as error:  # a relative namespace name, for one
        raise MalformedXMLError("the XML has no canonical form") from error


def reparsed(element: etree._Element) -> etree._Element:
    """The element alone, as root of a tree of its own with all namespaces in scope on it."""
    return parse(etree.tostring(element, with_tail=False))


def serialise(element: etree._Element) -> bytes:
    """The element as UTF-8 document with an XML declaration, nothing re-indented."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
