# SPDX-License-Identifier: Apache-2.0
"""Transfer encodings, in crumbs."""

from __future__ import annotations

import base64
import quopri

import pytest

from gateway import as4
from gateway.as4.transfer import transfer_decoder

DATA = bytes(range(256)) * 3


def decode(name: str, text: bytes, size: int) -> bytes:
    decoder = transfer_decoder(name)
    pieces = [decoder.feed(text[start : start + size]) for start in range(0, len(text), size)]
    return b"".join(pieces) + decoder.close()


@pytest.mark.parametrize("size", [1, 3, 64, 10_000])
def test_decoding(size: int) -> None:
    assert decode("base64", base64.encodebytes(DATA), size) == DATA
    assert decode("base64", base64.b64encode(DATA[:5]), size) == DATA[:5]
    assert decode("quoted-printable", quopri.encodestring(b"a=b\xc3\xa9 " * 40), size) == (
        b"a=b\xc3\xa9 " * 40
    )
    for name in ("binary", "8bit", "7bit", ""):
        assert decode(name, DATA, size) == DATA


@pytest.mark.parametrize(
    "text", [b"QUJ", b"QU=D", b"QQ==QUJD", b"QU!D", b"=", b"QUJD\xff\xff\xff\xff"]
)
def test_broken_base64(text: bytes) -> None:
    for size in (1, 4, 100):
        with pytest.raises(as4.MimeInconsistencyError):
            decode("base64", text, size)


def test_endless_line_is_refused() -> None:
    with pytest.raises(as4.MimeInconsistencyError):
        decode("quoted-printable", b"x" * 70_000, 10_000)


def test_unknown_encoding_is_refused() -> None:
    with pytest.raises(as4.MimeInconsistencyError):
        transfer_decoder("x-uuencode")
