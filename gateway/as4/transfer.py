# SPDX-License-Identifier: Apache-2.0
"""Undoes the transfer encoding of a part while it streams.

Source: RFC 2045, 6. What says 7bit, 8bit or binary is taken as it stands.
"""

from __future__ import annotations

import binascii
from typing import Protocol

from gateway.as4.errors import MimeInconsistencyError, Step

_BLANKS = b" \t\r\n"
_QUARTET = 4
_MAX_LINE = 64 * 1024  # RFC 2045 wants lines of 76


class TransferDecoder(Protocol):
    """Bytes of one part on the wire in, its content out."""

    def feed(self, data: bytes) -> bytes:
        """The content that the bytes so far complete. Raises `MimeInconsistencyError`."""
        ...

    def close(self) -> bytes:
        """The rest. Raises `MimeInconsistencyError` if something is missing."""
        ...


def transfer_decoder(name: str) -> TransferDecoder:
    """The decoder for a Content-Transfer-Encoding. Raises `MimeInconsistencyError`."""
    if name in ("", "binary", "8bit", "7bit"):
        return _Identity()
    if name == "base64":
        return _Base64()
    if name == "quoted-printable":
        return _QuotedPrintable()
    raise MimeInconsistencyError("a part has an unknown transfer encoding", step=Step.MIME)


class _Identity:
    def feed(self, data: bytes) -> bytes:
        return data

    def close(self) -> bytes:
        return b""


class _Base64:
    def __init__(self) -> None:
        self._rest = b""
        self._ended = False

    def feed(self, data: bytes) -> bytes:
        text = self._rest + data.translate(None, _BLANKS)
        whole = len(text) - len(text) % _QUARTET
        self._rest = text[whole:]
        return self._decode(text[:whole])

    def close(self) -> bytes:
        if self._rest:
            raise MimeInconsistencyError("a part's base64 is cut off", step=Step.MIME)
        return b""

    def _decode(self, text: bytes) -> bytes:
        if not text:
            return b""
        if self._ended:
            raise MimeInconsistencyError("a part's base64 goes on after its end", step=Step.MIME)
        self._ended = text.endswith(b"=")
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error as error:
            raise MimeInconsistencyError("a part's base64 is broken", step=Step.MIME) from error


class _QuotedPrintable:
    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        text = self._rest + data
        end = text.rfind(b"\n") + 1
        self._rest = text[end:]
        if len(self._rest) > _MAX_LINE:
            raise MimeInconsistencyError("a quoted-printable line is too long", step=Step.MIME)
        return binascii.a2b_qp(text[:end])

    def close(self) -> bytes:
        return binascii.a2b_qp(self._rest)
