# SPDX-License-Identifier: Apache-2.0
"""A process that accepts messages for ever and says which; test_writer.py kills it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway.store import Store
from tests.functional.store.builders import inbound

AT_ONCE = 16


async def accept(url: str, folder: Path) -> None:
    """Accept message after message, several at once."""
    store = Store.open(url, payload_folder=folder)

    async def one(first: int) -> None:
        number = first
        while True:
            message = inbound(number)
            await store.inbound.accept(message)
            sys.stdout.write(f"{message.message_id}\n")
            sys.stdout.flush()
            number += AT_ONCE

    await asyncio.gather(*(one(first) for first in range(1, AT_ONCE + 1)))


if __name__ == "__main__":
    asyncio.run(accept(sys.argv[1], Path(sys.argv[2])))
