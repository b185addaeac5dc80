# SPDX-License-Identifier: Apache-2.0
"""Stored bytes come back as they were, whatever the compressor did and however they are cut."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service.contents import PIECE, plain_chunks
from gateway.service.errors import StoreUnavailableError
from gateway.service.records import Content
from tests.fakes import MemoryPayloads


class CutPayloads(MemoryPayloads):
    """Gives stored bytes in pieces of a chosen size."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__()
        self._data, self._size = data, size

    def chunks(self, content: Content) -> Iterator[bytes]:
        for start in range(0, len(self._data), self._size):
            yield self._data[start : start + self._size]


def content(data: bytes, *, packed: bool) -> Content:
    digest = hashlib.sha256(data).hexdigest()
    return Content(size=len(data), sha256=digest, gzip=packed, key="k")


def read(data: bytes, *, packed: bool = True, size: int = PIECE) -> bytes:
    pieces = list(plain_chunks(CutPayloads(data, size), content(data, packed=packed)))
    assert all(len(piece) <= PIECE for piece in pieces)
    return b"".join(pieces)


def test_what_is_not_compressed_passes() -> None:
    assert read(b"<Invoice/>", packed=False, size=3) == b"<Invoice/>"
    assert read(b"", packed=False) == b""


@given(st.binary(max_size=3000), st.integers(1, 40), st.integers(0, 9))
def test_every_cut_gives_the_same_bytes(data: bytes, size: int, level: int) -> None:
    assert read(gzip.compress(data, level), size=size) == data


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(1, 40))
def test_further_members_are_read_too(members: list[bytes], size: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    assert read(packed, size=size) == b"".join(members)


@pytest.mark.parametrize("size", [1000, PIECE])
@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 4 * PIECE, 5_000_000])
def test_what_unpacks_to_much_comes_in_pieces(length: int, size: int) -> None:
    data = b"x" * length
    assert read(gzip.compress(data), size=size) == data


def test_bytes_that_do_not_compress() -> None:
    data = random.Random(1).randbytes(700_000)
    assert read(gzip.compress(data)) == data


@pytest.mark.parametrize("missing", [1, 7, 8, 9, 20])
def test_bytes_that_end_too_early_are_the_stores_fault(missing: int) -> None:
    packed = gzip.compress(b"<Invoice/>" * 100)
    with pytest.raises(StoreUnavailableError):
        read(packed[:-missing])


def test_nothing_at_all_is_no_compressed_content() -> None:
    with pytest.raises(StoreUnavailableError):
        read(b"")


@pytest.mark.parametrize("place", [0, 5, -5])
def test_bytes_that_changed_are_the_stores_fault(place: int) -> None:
    packed = bytearray(gzip.compress(b"<Invoice/>" * 100))
    packed[place] ^= 0xFF
    with pytest.raises(StoreUnavailableError):
        read(bytes(packed) + b"tail" if place == 5 else bytes(packed))


def test_bytes_behind_the_end_are_the_stores_fault() -> None:
    with pytest.raises(StoreUnavailableError):
        read(gzip.compress(b"<Invoice/>") + b"and more")
