# SPDX-License-Identifier: Apache-2.0
"""gzip both ways: ceilings, members, ends."""

from __future__ import annotations

import gzip
import io
import random

import pytest

from gateway import as4
from gateway.as4 import compress, limits
from gateway.as4.compress import Inflater, compressor


def inflate(data: bytes, size: int = 1_000_000, **ceilings: int) -> bytes:
    inflater = Inflater(as4.Limits(**ceilings))
    out = io.BytesIO()
    for start in range(0, len(data), size):
        for piece in inflater.feed(data[start : start + size]):
            assert 0 < len(piece) <= limits.CHUNK
            out.write(piece)
    inflater.close()
    assert inflater.size == len(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_round_trip(size: int) -> None:
    data = random.Random(1).randbytes(3000) + bytes(300_000)
    packer = compressor()
    assert inflate(packer.compress(data) + packer.flush(), size) == data


def test_standard_library_serves_where_the_fast_one_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compress, "_FAST", None)
    for first in (0, 1_000_000):
        packer = compressor(first)
        packed = packer.compress(b"x" * 1000) + packer.flush()
        assert packed[4:8] == bytes(4)  # no time stamp
        assert gzip.decompress(packed) == b"x" * 1000


def test_members_and_ends() -> None:
    one = gzip.compress(b"one")
    assert inflate(one + gzip.compress(b"") + one, 1) == b"oneone"
    for bad in (b"", one[:-1], one + b"\0", one + one[:-1], b"\x1f\x8b", b"x" + one):
        with pytest.raises(as4.DecompressionFailureError):
            inflate(bad)
    empty = gzip.compress(b"")
    inflate(empty * limits.MAX_GZIP_MEMBERS)
    with pytest.raises(as4.DecompressionFailureError, match="members"):
        inflate(empty * (limits.MAX_GZIP_MEMBERS + 1))


def test_ceiling_on_size() -> None:
    data = random.Random(1).randbytes(1000)
    assert inflate(gzip.compress(data), max_payload_bytes=1000) == data
    with pytest.raises(as4.DecompressionFailureError, match="too large"):
        inflate(gzip.compress(data), max_payload_bytes=999)


def test_ceiling_on_ratio() -> None:
    small = gzip.compress(bytes(limits.RATIO_FREE_BYTES))
    assert len(inflate(small)) == limits.RATIO_FREE_BYTES
    with pytest.raises(as4.DecompressionFailureError, match="times"):
        inflate(gzip.compress(bytes(limits.RATIO_FREE_BYTES + limits.CHUNK)))
