# SPDX-License-Identifier: Apache-2.0
"""Compare the certificate subject that a redirect names with the one that signed.

The specification leaves the form of `CertificateUID` open; in practice it is a distinguished name
as RFC 2253 or RFC 4514 text, in either order. Equal are names with the same parts, whatever their
order, case and blanks. Source: Peppol SMP 1.4.0, sections 4.3 and 5.5.3.
"""

from __future__ import annotations

import re

MAX_NAME = 1024  # real subjects have less than 100 characters

_PART = re.compile(
    r"""\s*(?P<type>[A-Za-z][A-Za-z0-9-]*|(?:OID\.)?[0-9]+(?:\.[0-9]+)+)\s*=\s*
    (?P<value>"(?:[^"\\]|\\.)*"|(?:[^,;+"\\]|\\.)*)
    \s*(?P<end>[,;+]|$)""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)")
_OTHER_NAMES = {
    "2.5.4.5": "SERIALNUMBER",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
    "E": "EMAILADDRESS",
}


def same_subject(named: str, subject: str) -> bool:
    """Whether two names have the same parts; False when either cannot be read."""
    parts = read_subject(named)
    return parts is not None and parts == read_subject(subject)


def read_subject(text: str) -> list[tuple[str, str]] | None:
    """The parts of a name as sorted (type, folded value) pairs; None when it cannot be read."""
    if not text.strip() or len(text) > MAX_NAME:
        return None
    parts: list[tuple[str, str]] = []
    position, ended = 0, ","
    while ended:
        part = _PART.match(text, position)
        if part is None:
            return None
        kind = part["type"].upper().removeprefix("OID.")
        parts.append((_OTHER_NAMES.get(kind, kind), _folded(part["value"])))
        position, ended = part.end(), part["end"]
    return sorted(parts)


def _folded(value: str) -> str:
    bare = value.strip()
    if bare.startswith('"'):
        bare = bare[1:-1]
    return " ".join(_ESCAPED.sub(_unescaped, bare).casefold().split())


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return bytes.fromhex(match[1].replace("\\", "")).decode("utf-8", "replace")
    return str(match[2])
