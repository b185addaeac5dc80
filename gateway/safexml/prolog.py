# SPDX-License-Identifier: Apache-2.0
"""What is looked at before any parser sees a byte: document type, encoding, namespaces."""

from __future__ import annotations

import re

from gateway.safexml.limits import (
    MAX_DEPTH,
    MAX_NAMESPACE_WORK,
    MAX_NAMESPACES,
    TOO_MUCH,
    MalformedXMLError,
)

_UTF_8 = ("UTF-8", "US-ASCII", "ASCII")
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?[^?]*(?:\?(?!>)[^?]*)*\?>|<!--[^-]*(?:-(?!->)[^-]*)*-->)*"
)
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def refuse_doctype(head: bytes) -> None:
    """Raise `MalformedXMLError` if a document type declaration stands before the root element."""
    prolog = _PROLOG.match(head)
    if head[prolog.end() if prolog else 0 :].startswith(b"<!"):
        raise MalformedXMLError("a document type declaration is not allowed")


def refuse_other_encoding(head: bytes) -> None:
    """Raise `MalformedXMLError` unless the XML is UTF-8 by its first bytes and declaration."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")):
        raise MalformedXMLError("the XML is not encoded in UTF-8")
    declared = _DECLARED_ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    refuse_declared("", declared.group(1).decode() if declared else None, -1)


def refuse_many_namespaces(data: bytes) -> None:
    """Raise `MalformedXMLError` where canonicalising would take time beyond all measure.

    The XML library compares every namespace in scope with every other, and searches them at each
    element. What is counted are the words as they stand, at worst too many.
    """
    declared = data.count(b"xmlns")
    if declared <= MAX_NAMESPACES:
        return
    in_scope = min(declared, MAX_NAMESPACES * MAX_DEPTH)
    if in_scope * data.count(b"<") > MAX_NAMESPACE_WORK or any(
        tag.count(b"xmlns") > MAX_NAMESPACES for tag in data.split(b"<")
    ):
        raise MalformedXMLError(TOO_MUCH)


def refuse_declared(_version: str, encoding: str | None, _standalone: int) -> None:
    """Raise `MalformedXMLError` for another encoding; takes what expat tells."""
    if encoding is not None and encoding.upper() not in _UTF_8:
        raise MalformedXMLError("the XML declares an encoding other than UTF-8")
