# SPDX-License-Identifier: Apache-2.0
"""Fetches one file that an operator named: https alone, bounded, a few redirects."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import BinaryIO

import aiohttp
import yarl

from gateway.net.session import NetworkPolicy, open_session, refuse_address, requested
from gateway.service.errors import UnreachableError

DOWNLOADS = NetworkPolicy(read_seconds=30.0, total_seconds=600.0)
MAX_REDIRECTS = 5
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


async def download(
    url: str,
    target: BinaryIO,
    *,
    ceiling: int,
    policy: NetworkPolicy = DOWNLOADS,
    progress: Callable[[int, int | None], None] = lambda _done, _all: None,
) -> None:
    """Write what is at an address. `progress` gets bytes so far, and of all if they were told.

    Raises `AddressRefusedError` for an address that is not https or lies in a private network, also
    behind a redirect, and `UnreachableError` for anything but a whole answer within the ceiling.
    """
    async with open_session(policy) as session:
        for _ in range(MAX_REDIRECTS + 1):
            address = refuse_address(url, policy)
            async with requested(session, "GET", address) as response:
                if response.status not in _REDIRECTS:
                    await _copy(response, target, ceiling=ceiling, progress=progress)
                    return
                url = str(address.join(yarl.URL(response.headers.get("Location", ""))))
    raise UnreachableError(f"more than {MAX_REDIRECTS} redirects", cause="broken_answer")


async def _copy(
    response: aiohttp.ClientResponse,
    target: BinaryIO,
    *,
    ceiling: int,
    progress: Callable[[int, int | None], None],
) -> None:
    if response.status != HTTPStatus.OK:
        raise UnreachableError(f"the answer is {response.status}", cause="broken_answer")
    told, done = response.content_length, 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        done += len(chunk)
        if done > ceiling:
            response.close()
            raise UnreachableError(f"the file has more than {ceiling} bytes", cause="too_large")
        target.write(chunk)
        progress(done, told)
