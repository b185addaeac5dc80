# SPDX-License-Identifier: Apache-2.0
"""The digest of a part in the form that its media type asks for.

A sender that follows the SwA profile signs XML in canonical form and other text with CR LF line
ends; compressed content is signed as it is. Source: WS-Security SwA profile 1.1, 5.4.2.
"""

from __future__ import annotations

import hashlib

from lxml import etree

from gateway import safexml
from gateway.as4.errors import PolicyNoncomplianceError, Step
from gateway.as4.limits import MAX_PLAIN_XML_BYTES


class PartDigest:
    """Collects what a canonical digest needs; for types without one it does nothing."""

    def __init__(self, media_type: str) -> None:
        self._xml: bytearray | None = bytearray() if _is_xml(media_type) else None
        text = media_type.startswith("text/") and self._xml is None
        self._text = hashlib.sha256() if text else None
        self._ends_in_cr = False
        self._too_large = False

    def feed(self, data: bytes) -> None:
        """The next decrypted bytes."""
        if self._xml is not None:
            self._xml += data
            if len(self._xml) > MAX_PLAIN_XML_BYTES:
                # It would have to be held in memory as a tree; only the plain digest is left.
                self._xml, self._too_large = None, True
        elif self._text is not None:
            self._feed_text(self._text, data)

    def canonical(self) -> bytes | None:
        """The digest in canonical form; None where the plain digest is the only one.

        Raises `PolicyNoncomplianceError` for more plain XML than is canonicalised.
        """
        if self._too_large:
            raise PolicyNoncomplianceError("send it compressed", step=Step.DIGEST)
        if self._text is not None:
            if self._ends_in_cr:
                self._text.update(b"\n")
            return self._text.digest()
        if self._xml is None:
            return None
        try:
            root = safexml.parse(bytes(self._xml))
        except safexml.MalformedXMLError:
            return None
        # The whole document, with the instructions that stand before its root.
        document = root.getroottree()
        return hashlib.sha256(
            etree.tostring(document, method="c14n", exclusive=True, with_comments=False)
        ).digest()

    def _feed_text(self, text: hashlib._Hash, data: bytes) -> None:
        if self._ends_in_cr:
            text.update(b"\n")
            data = data.removeprefix(b"\n")
        self._ends_in_cr = data.endswith(b"\r")
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        text.update(lines[:-1] if self._ends_in_cr else lines)


def _is_xml(media_type: str) -> bool:
    kind = media_type.partition(";")[0].strip()
    family = kind.startswith(("application/", "image/")) and kind.endswith("+xml")
    return family or kind in ("text/xml", "application/xml")
