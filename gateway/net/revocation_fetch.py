# SPDX-License-Identifier: Apache-2.0
"""Fetches revocation lists: bytes from hosts on a list, nothing else. Judging them is pki's work.

The address stands in a certificate, so a stranger chose it until the chain was checked: build the
chain first, then fetch, and only from the hosts that the network's authorities use (plain http).
"""

from __future__ import annotations

from collections.abc import Iterable

import aiohttp
import yarl

from gateway.net.session import NetworkPolicy, read_answer, refuse_address, requested
from gateway.service.errors import AddressRefusedError, UnreachableError

MAX_CRL = 10 * 1024 * 1024  # 5,000 entries have 200 kB

_HTTP_PORT = 80
_OK = 200


def crl_policy(hosts: Iterable[str], *, allow_private: bool = False) -> NetworkPolicy:
    """The network policy for these hosts, each `host` or `host:port`."""
    ports = {yarl.URL(f"http://{host}").port or _HTTP_PORT for host in hosts}
    return NetworkPolicy(
        allow_http=True,
        allow_private=allow_private,
        allowed_ports=frozenset(ports),
        total_seconds=10.0,
    )


class RevocationFetcher:
    """Fetches one list at a time from allowed hosts."""

    def __init__(
        self, *, session: aiohttp.ClientSession, policy: NetworkPolicy, hosts: Iterable[str]
    ) -> None:
        self._session = session
        self._policy = policy
        self._hosts = frozenset(_authority(yarl.URL(f"http://{host}")) for host in hosts)

    async def fetch(self, url: str) -> bytes:
        """The bytes of a list. Raises `AddressRefusedError` or `UnreachableError`."""
        address = refuse_address(url, self._policy)
        if address.scheme != "http" or _authority(address) not in self._hosts:
            raise AddressRefusedError("revocation lists are fetched from known hosts only")
        async with requested(self._session, "GET", address) as response:
            answer = await read_answer(response, ceiling=MAX_CRL)
        if answer.status != _OK:
            raise UnreachableError(
                f"the revocation list was answered with status {answer.status}",
                cause="http_status",
            )
        return answer.body


def _authority(address: yarl.URL) -> tuple[str, int]:
    return (address.host or "").lower(), address.port or _HTTP_PORT
