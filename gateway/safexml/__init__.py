# SPDX-License-Identifier: Apache-2.0
"""The only place that configures an XML parser, and the one that writes canonical text.

Everything that arrives from outside is parsed here: no document type declaration, no entities, no
network, bounded depth and attributes. Small things become lxml trees (`parse`); what may be large
streams through expat (`StreamParser`), which keeps nothing. The writing half escapes text so that
what is written already is its own canonical form (Exclusive XML Canonicalization 1.0).
"""

from __future__ import annotations

from gateway.safexml.documents import (
    MAX_DOCUMENT,
    MAX_DOCUMENT_DEPTH,
    as_utf_8,
    encoding_of,
    parse_document,
)
from gateway.safexml.limits import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_NAMES,
    MAX_NAMESPACES,
    MAX_TOKEN,
    MalformedXMLError,
)
from gateway.safexml.prolog import refuse_doctype, refuse_other_encoding
from gateway.safexml.stream import StreamParser
from gateway.safexml.trees import canonicalise, parse, reparsed, serialise
from gateway.safexml.writing import UnwritableTextError, attribute, text

__all__ = [
    "MAX_ATTRIBUTES",
    "MAX_DEPTH",
    "MAX_DOCUMENT",
    "MAX_DOCUMENT_DEPTH",
    "MAX_NAMES",
    "MAX_NAMESPACES",
    "MAX_TOKEN",
    "MalformedXMLError",
    "StreamParser",
    "UnwritableTextError",
    "as_utf_8",
    "attribute",
    "canonicalise",
    "encoding_of",
    "parse",
    "parse_document",
    "refuse_doctype",
    "refuse_other_encoding",
    "reparsed",
    "serialise",
    "text",
]
