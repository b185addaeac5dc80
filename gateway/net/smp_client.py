# SPDX-License-Identifier: Apache-2.0
"""Reads records of other SMPs, and writes to the SMP that publishes our participants. Bytes only.

Addresses are sent exactly as the service wrote them: aiohttp would turn `%3A` into `:` otherwise.
Source: Peppol SMP 1.4.0, sections 5.1 to 5.3.
"""

from __future__ import annotations

import base64

import aiohttp

from gateway.net.session import NetworkPolicy, read_answer, refuse_address, requested
from gateway.service.ports import HTTPAnswer

MAX_ANSWER = 1024 * 1024  # real answers have 1 to 15 kB


class SMPReader:
    """The port `MetadataTransport`: one GET, no redirects, bounded."""

    def __init__(self, *, session: aiohttp.ClientSession, policy: NetworkPolicy) -> None:
        self._session = session
        self._policy = policy

    async def get(self, url: str) -> HTTPAnswer:
        """Fetch. Raises `UnreachableError` or `AddressRefusedError`."""
        address = refuse_address(url, self._policy)
        async with requested(self._session, "GET", address) as response:
            return await read_answer(response, ceiling=MAX_ANSWER)


class SMPWriter:
    """The port `ManagementTransport`: calls of the management interface with Basic credentials."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        policy: NetworkPolicy,
        base_url: str,
        user: str,
        password: str,
    ) -> None:
        self._session = session
        self._policy = policy
        self._base_url = base_url.removesuffix("/")
        pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._authorisation = f"Basic {pair}"

    async def call(self, method: str, path: str, body: bytes | None = None) -> HTTPAnswer:
        """Call. Raises `UnreachableError` or `AddressRefusedError`."""
        address = refuse_address(self._base_url + path, self._policy)
        headers = {"Authorization": self._authorisation}
        if body is not None:
            headers["Content-Type"] = "application/xml; charset=UTF-8"
        async with requested(
            self._session, method, address, headers=headers, body=body
        ) as response:
            return await read_answer(response, ceiling=MAX_ANSWER)
