# SPDX-License-Identifier: Apache-2.0
"""Hands work to a thread and, whatever happens to the caller, does not leave before it is done.

A caller that is cancelled cleans up what its thread still uses: it must wait for the thread first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from typing import TypeVar

# Below these a message is handled on the event loop; handing 1 to 3 ms of work over costs more.
INLINE_WIRE = 256 * 1024
INLINE_PAYLOAD = 1024 * 1024

_T = TypeVar("_T")


async def in_thread(threads: Executor, work: Callable[[], _T]) -> _T:
    """Run `work` in a thread; a cancellation takes effect when the thread has come back."""
    running = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


async def pieces_off_loop(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each made in a thread, because making one blocks."""
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
