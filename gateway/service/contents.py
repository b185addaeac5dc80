# SPDX-License-Identifier: Apache-2.0
"""Reads stored bytes as they were before storage, in pieces; the one place that inflates them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from gateway import sbdh
from gateway.service.errors import StoreUnavailableError
from gateway.service.ports import PayloadStore
from gateway.service.records import Content

PIECE = 256 * 1024
_GZIP = 31  # zlib's window bits for the gzip wrapping


def plain_chunks(payloads: PayloadStore, content: Content) -> Iterator[bytes]:
    """The bytes of `content`, inflated if they are kept compressed. Blocks while it reads."""
    stored = payloads.chunks(content)
    return _inflate(stored) if content.gzip else iter(stored)


def document_chunks(payloads: PayloadStore, content: Content) -> Iterator[bytes]:
    """The business document out of a stored envelope, byte for byte. Blocks while it reads."""
    extractor = sbdh.DocumentExtractor()
    for chunk in plain_chunks(payloads, content):
        yield extractor.feed(chunk)
    yield extractor.close()


def _inflate(stored: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP)
    try:
        for chunk in stored:
            rest = chunk
            while rest:
                if inflater.eof:  # a further gzip member, legal and checked on receipt
                    inflater = zlib.decompressobj(_GZIP)
                yield inflater.decompress(rest, PIECE)
                rest = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error as error:
        raise StoreUnavailableError("stored bytes cannot be read back") from error
    if not inflater.eof:
        raise StoreUnavailableError("stored bytes end too early")
