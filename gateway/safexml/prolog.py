# SPDX-License-Identifier: Apache-2.0
"""What is looked at before any parser sees a byte: document type declaration and encoding."""

from __future__ import annotations

import re

from gateway.safexml.limits import MalformedXMLError

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


def refuse_declared(_version: str, encoding: str | None, _standalone: int) -> None:
    """Raise `MalformedXMLError` for another encoding; takes what expat tells."""
    if encoding is not None and encoding.upper() not in _UTF_8:
        raise MalformedXMLError("the XML declares an encoding other than UTF-8")
