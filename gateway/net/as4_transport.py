# SPDX-License-Identifier: Apache-2.0
"""Sends one AS4 message to another access point and reads the answer, whatever its status."""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from dataclasses import replace

import aiohttp

from gateway.net.session import NetworkPolicy, read_answer, refuse_address, translated_errors
from gateway.service.ports import HTTPAnswer

MAX_REPLY = 1024 * 1024  # a receipt has 6 kB


def as4_policy(policy: NetworkPolicy) -> NetworkPolicy:
    """The same addresses with the patience of AS4: 2 minutes for an answer, 15 for 100 MB."""
    return replace(policy, connect_seconds=10.0, read_seconds=120.0, total_seconds=900.0)


class AS4Sender:
    """The port `AS4Transport` over one client session, which keeps connections open."""

    def __init__(self, *, session: aiohttp.ClientSession, policy: NetworkPolicy) -> None:
        self._session = session
        self._policy = policy

    async def send(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        length: int,
        body: AsyncIterable[bytes],
    ) -> HTTPAnswer:
        """POST. Raises `UnreachableError` or `AddressRefusedError`; never follows a redirect."""
        address = refuse_address(url, self._policy)
        lines = {name: value for name, value in headers if name.lower() != "content-length"}
        lines["Content-Length"] = str(length)
        with translated_errors():
            async with self._session.post(
                address, headers=lines, data=body, allow_redirects=False
            ) as response:
                return await read_answer(response, ceiling=MAX_REPLY)
