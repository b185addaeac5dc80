# SPDX-License-Identifier: Apache-2.0
"""Business documents as lxml trees, up to 128 MB: what cannot be judged is refused before.

Unlike messages they may declare another encoding; a document is then rewritten in UTF-8 first, so
that one check for a document type declaration holds for all of them.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

from gateway.safexml.limits import MAX_ATTRIBUTES, MalformedXMLError, first_line
from gateway.safexml.prolog import refuse_doctype, refuse_many_namespaces

MAX_DOCUMENT = 128 * 1024 * 1024  # bytes; attachments of 100 MB and the invoice around them
MAX_DOCUMENT_DEPTH = 100  # the reader of facts has the same; an UBL invoice needs 10
_HUGE = 8_000_000  # bytes; above, a text may be longer than libxml2 allows by default
_HEAD = 256

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_DECLARATION = re.compile(
    r"\ufeff?<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']"
)
# Encodings of text that a bookkeeping program writes; the rest of Python's codecs is no business
# of a document (`zip`, `idna`, `unicode_escape` are codecs, too).
_ENCODINGS = re.compile(r"utf-?8|utf-?16(-?[lb]e)?|us-ascii|ascii|iso-?8859-\d{1,2}|windows-125\d")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DOCUMENT_DEPTH + 1)} | //@*[{MAX_ATTRIBUTES + 1}])")
_OTHER_FILES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "compressed with gzip"),
)
_BAD_BYTES = "Invalid bytes in character encoding"


def encoding_of(data: bytes) -> str:
    """The encoding of a document by its first bytes and declaration, in lower case.

    Raises `MalformedXMLError` for one that is not read here.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    declared = _DECLARATION.match(data[:_HEAD].decode("latin-1"))
    name = declared.group(1).lower() if declared else "utf-8"
    if not _ENCODINGS.fullmatch(name):
        raise MalformedXMLError(
            f"the XML declares the encoding {name[:40]!r}, which is not read here",
            advice="Write the document in UTF-8.",
        )
    return "utf-8" if name in ("utf8", "us-ascii", "ascii") else name


def as_utf_8(data: bytes) -> bytes:
    """The same document in UTF-8; its declaration still names the old encoding."""
    name = encoding_of(data)
    if name == "utf-8":
        return data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(name).removeprefix("\ufeff").encode()
    except (UnicodeError, LookupError) as error:
        raise MalformedXMLError(f"the bytes of the XML are not {name.upper()}") from error


def parse_document(data: bytes) -> etree._Element:
    """Parse a business document; comments, blanks and instructions are kept.

    Raises `MalformedXMLError` for what is not XML at all, a document type declaration, nesting
    deeper than 100, more than 64 attributes on one element, and sizes above 128 MB.
    """
    _refuse_other_files(data)
    text = as_utf_8(data)
    refuse_doctype(text)
    refuse_many_namespaces(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=len(text) > _HUGE,
        remove_blank_text=False,
        remove_comments=False,
        remove_pis=False,
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refusal(error) from error
    if root.getroottree().docinfo.internalDTD is not None:  # the prolog was read otherwise there
        raise MalformedXMLError("a document type declaration is not allowed")
    if _TOO_DEEP(root):
        raise MalformedXMLError(
            f"an element is nested deeper than {MAX_DOCUMENT_DEPTH} or has more than "
            f"{MAX_ATTRIBUTES} attributes"
        )
    return root


def _refuse_other_files(data: bytes) -> None:
    if not data.strip():
        raise MalformedXMLError("the file is empty")
    if len(data) > MAX_DOCUMENT:
        raise MalformedXMLError(f"the document is larger than {MAX_DOCUMENT >> 20} MB")
    for mark, kind in _OTHER_FILES:
        if data.startswith(mark):
            raise MalformedXMLError(
                f"the file is {kind}, not XML", advice="Give the XML of the invoice itself."
            )


def _refusal(error: Exception) -> MalformedXMLError:
    said = first_line(error).partition(" (<string>")[0]
    if "Excessive depth" in said:
        return MalformedXMLError(f"an element is nested deeper than {MAX_DOCUMENT_DEPTH}")
    if "Buffer size limit" in said:
        return MalformedXMLError("a tag or comment of the XML is too long")
    if said.startswith(_BAD_BYTES):
        return MalformedXMLError(
            f"the bytes of the XML are not UTF-8{said.removeprefix(_BAD_BYTES)}",
            advice="Write the document in UTF-8, or declare the encoding it is in.",
        )
    return MalformedXMLError(f"not well-formed XML: {said}")
