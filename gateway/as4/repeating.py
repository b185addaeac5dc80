# SPDX-License-Identifier: Apache-2.0
"""The references of a message as its receipt repeats them: text that means the same anywhere.

What was signed is canonical text already, so the references are cut out of it and get the one
declaration that they leave behind. Where a reference leans on more than that, it is canonicalised
by itself; both give the same bytes. Source: AS4 Profile of ebMS 3.0, 5.1.8.
"""

from __future__ import annotations

import re

from gateway import safexml
from gateway.as4 import const
from gateway.pki import xmldsig

_START_TAGS = re.compile(rb"<([^/>][^>]*)>")
_DECLARING = re.compile(rb"(?:([^ :]+):)?[^ :]+ xmlns(?::([^ =]+))?=")


def repeat_references(signature: xmldsig.Signature, signed_info: bytes) -> tuple[bytes, ...]:
    """One text for each reference. `signed_info` is the canonical SignedInfo that was verified."""
    cut = _cut(signed_info, signature.signed_info.prefix)
    if len(cut) == len(signature.references):
        return cut
    return tuple(safexml.canonicalise(reference.element) for reference in signature.references)


def _cut(signed_info: bytes, prefix: str | None) -> tuple[bytes, ...]:
    """The references, or nothing where one needs a declaration that stands further up."""
    own = f"{prefix}:".encode() if prefix else b""
    declaration = f'xmlns:{prefix}="{const.DS}"' if prefix else f'xmlns="{const.DS}"'
    start, end = b"<%sReference " % own, b"</%sReference>" % own
    found = []
    for piece in signed_info.split(start)[1:]:
        content, closed, _ = piece.partition(end)
        tags = _START_TAGS.findall(start + content)
        if not closed or not all(_stands_alone(tag, own) for tag in tags):
            return ()
        found.append(b"".join((start, declaration.encode(), b" ", content, end)))
    return tuple(found)


def _stands_alone(tag: bytes, own: bytes) -> bool:
    """Whether a start tag uses the signature's own prefix, or declares the one it uses."""
    name = tag.partition(b" ")[0]
    if name.startswith(own) if own else b":" not in name:
        return True
    declares = _DECLARING.match(tag)
    return declares is not None and declares[1] == declares[2]
