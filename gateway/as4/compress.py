# SPDX-License-Identifier: Apache-2.0
"""gzip, both ways: the fastest compressor at hand, and a decompressor with a ceiling.

Sources: CEF eDelivery AS4 1.14, 3.3.1; RFC 1952 (several members make one file).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from gateway.as4.errors import DecompressionFailureError, Step
from gateway.as4.limits import CHUNK, MAX_GZIP_MEMBERS, RATIO_FREE_BYTES, Limits

try:  # the optional extra `fast`: ten times quicker on base64, output as good
    from isal import isal_zlib
except ImportError:  # pragma: no cover
    _FAST = None
else:
    _FAST = partial(isal_zlib.compressobj, 1, zlib.DEFLATED, 31)

_GZIP = 31  # window bits of zlib for the gzip format with the largest window
_SMALL = 256 * 1024
_THOROUGH, _QUICK = 6, 1


class Compressor(Protocol):
    """What zlib and isal have in common."""

    def compress(self, data: bytes, /) -> bytes:
        """The compressed bytes that are ready."""
        ...

    def flush(self) -> bytes:
        """The rest and the trailer."""
        ...


def compressor(first_chunk_size: int = 0) -> Compressor:
    """A gzip compressor without time stamp; above 256 kB zlib works less thoroughly."""
    if _FAST is not None:
        return _FAST()
    level = _THOROUGH if first_chunk_size < _SMALL else _QUICK
    return zlib.compressobj(level, zlib.DEFLATED, _GZIP)


class Inflater:
    """Unpacks gzip in pieces of at most `CHUNK` bytes, never more than the limits allow.

    A defence against bombs: every step is bounded, size and ratio are counted, the end of
    the last member must be there, and behind a member only another one may follow.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._inflate = zlib.decompressobj(_GZIP)
        self._members = 1
        self._packed = 0
        self.size = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes. Raises `DecompressionFailureError`."""
        self._packed += len(data)
        while data:
            if self._inflate.eof:
                self._next_member()
            try:
                piece = self._inflate.decompress(data, CHUNK)
            except zlib.error as error:
                raise _failure("the compressed part is not gzip") from error
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            self._count(len(piece))
            if piece:
                yield piece

    def close(self) -> None:
        """Raises `DecompressionFailureError` unless the last member is complete.

        Nothing can be waiting in the decompressor: it reads a member's checksum, its last bytes,
        only after it gave all that is before it.
        """
        if not self._inflate.eof:
            raise _failure("the compressed part is cut off")

    def _next_member(self) -> None:
        self._members += 1
        if self._members > MAX_GZIP_MEMBERS:
            raise _failure("the compressed part has too many members")
        self._inflate = zlib.decompressobj(_GZIP)

    def _count(self, unpacked: int) -> None:
        self.size += unpacked
        if self.size > self._limits.max_payload_bytes:
            raise _failure("the unpacked part is too large")
        free = self.size <= RATIO_FREE_BYTES
        if not free and self.size > self._packed * self._limits.max_ratio:
            raise _failure("the part unpacks to too many times its size")


def _failure(detail: str) -> DecompressionFailureError:
    return DecompressionFailureError(detail, step=Step.DECOMPRESS)
