# SPDX-License-Identifier: Apache-2.0
"""One document on its way in: spooled as it came, its facts read in the same pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway import ubl
from gateway.errors import GatewayError
from gateway.service.ports import Spool
from gateway.service.threads import INLINE_WIRE, pieces_off_loop


class Spooling:
    """Bytes that are gathered. What is wrong is told after the last, by `finish`."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self._error: GatewayError | None = None

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if self._error is not None:
            return
        if self.spool.size + len(chunk) <= INLINE_WIRE:
            self._take(chunk)
        else:
            await asyncio.to_thread(self._take, chunk)

    def finish(self) -> None:
        """All bytes came. Raises what taking them raised."""
        if self._error is not None:
            raise self._error

    async def pieces(self) -> AsyncIterator[bytes]:
        """All bytes from the start; large ones are read beside the loop."""
        chunks = iter(self.spool.chunks())
        if self.spool.size <= INLINE_WIRE:
            for chunk in chunks:
                yield chunk
            return
        async for piece in pieces_off_loop(chunks):
            yield piece

    def discard(self) -> None:
        """Throw the bytes away; harmless after they were kept."""
        self.spool.discard()

    def _take(self, chunk: bytes) -> None:
        try:
            self._use(chunk)
        except GatewayError as error:
            self._error = error

    def _use(self, chunk: bytes) -> None:
        self.spool.write(chunk)


class Gathering(Spooling):
    """A document that is going to be submitted: read for its facts while it comes."""

    def __init__(self, spool: Spool) -> None:
        super().__init__(spool)
        self._reader = ubl.FactsReader()

    def facts(self) -> ubl.DocumentFacts:
        """What the document says of itself. Raises what reading or spooling it raised."""
        self.finish()
        return self._reader.close()

    def _use(self, chunk: bytes) -> None:
        self._reader.feed(chunk)
        self.spool.write(chunk)
