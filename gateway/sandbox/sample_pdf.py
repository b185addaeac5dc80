# SPDX-License-Identifier: Apache-2.0
"""A real PDF of one page and of an exact size, written in pieces; any reader opens it.

The size comes from one more object that no page uses, filled with bytes that do not compress, as
a scan would be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

MIN_PDF_BYTES = 2048
_PIECE = 192 * 1024  # a multiple of three, so that base64 of the pieces joins

_HEAD = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
    b"/Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>"
)


def pdf(title: str, *, size: int) -> Iterator[bytes]:
    """The file in pieces; `size` in bytes, at least `MIN_PDF_BYTES`."""
    shown = "".join(letter if letter.isalnum() or letter in " -." else "-" for letter in title)
    text = f"BT /F1 24 Tf 72 742 Td ({shown[:60]}) Tj ET".encode("ascii", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
    )
    head, offsets = _HEAD, []
    for number, content in enumerate(objects, 1):
        offsets.append(len(head))
        head += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    offsets.append(len(head))
    around = len(head) + len(_filler_head(0)) + len(_tail(offsets, 0))
    filler = max(size, MIN_PDF_BYTES) - around
    head += _filler_head(filler)
    yield from _even_pieces(head, filler, _tail(offsets, len(head) + filler))


def _filler_head(length: int) -> bytes:
    return b"6 0 obj\n<< /Length %010d >>\nstream\n" % length


def _tail(offsets: list[int], written: int) -> bytes:
    end = b"\nendstream\nendobj\n"
    lines = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(offsets) + 1
    return (
        b"%bxref\n0 %d\n0000000000 65535 f \n%b"
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%010d\n%%%%EOF\n"
    ) % (end, count, lines, count, written + len(end))


def _even_pieces(head: bytes, filler: int, tail: bytes) -> Iterator[bytes]:
    pending = head
    number = 0
    while filler > 0:
        noise = hashlib.shake_128(b"%d" % number).digest(min(filler, _PIECE))
        filler -= len(noise)
        number += 1
        pending += noise
        whole = len(pending) // _PIECE * _PIECE
        if whole:
            yield pending[:whole]
            pending = pending[whole:]
    yield pending + tail
