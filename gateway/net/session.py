# SPDX-License-Identifier: Apache-2.0
"""The one policy of outgoing HTTP: which addresses, how long, how much.

Addresses come from DNS records and documents of strangers. A name is resolved first, an address
inside our own network is refused, and the connection goes to the very address that was checked.
Redirects, cookies and environment proxies are off. Source: Peppol SMP 1.4.0, section 5.1;
Transport Security Policy 1.1.0 (TLS 1.2 or better, public certification authorities).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import lru_cache

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway import __version__
from gateway.service.errors import AddressRefusedError, UnreachableError
from gateway.service.ports import HTTPAnswer

MAX_URL = 2048  # real addresses have at most 700 characters, most of them the document type
CONNECTIONS_PER_HOST = 32

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """Where connections may go. The defaults are those of the real network."""

    allow_http: bool = False
    allow_private: bool = False  # the sandbox lives on 127.0.0.1
    allowed_ports: frozenset[int] = frozenset({443})  # empty: any port
    connect_seconds: float = 5.0
    read_seconds: float = 10.0  # between two pieces of an answer
    total_seconds: float = 15.0
    ca_file: str | None = None  # one more authority for TLS servers, of a test network


SANDBOX = NetworkPolicy(allow_http=True, allow_private=True, allowed_ports=frozenset())

# Servers that the operator named in the settings may stand in our own network.
OWN_SERVERS = NetworkPolicy(
    allow_http=True, allow_private=True, allowed_ports=frozenset(), total_seconds=60.0
)


@lru_cache(maxsize=8)
def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """The TLS settings of a client. Made once: loading all authorities takes 55 ms."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def open_session(policy: NetworkPolicy) -> aiohttp.ClientSession:
    """A client session under this policy; one per process and policy. The caller closes it."""
    connector = aiohttp.TCPConnector(
        ssl=tls_context(policy.ca_file),
        resolver=_CheckedResolver(policy),
        limit=0,
        limit_per_host=CONNECTIONS_PER_HOST,
        ttl_dns_cache=60,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"User-Agent": f"peppol-gateway/{__version__}", "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(
            total=policy.total_seconds,
            sock_connect=policy.connect_seconds,
            sock_read=policy.read_seconds,
        ),
    )


def refuse_address(url: str, policy: NetworkPolicy) -> yarl.URL:
    """Check scheme, host and port; return the address exactly as written, ready to be sent.

    Raises `AddressRefusedError`. A name is checked again where it is resolved.
    """
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefusedError("the address is too long or holds odd characters")
    try:
        address = yarl.URL(url, encoded=True)
        scheme, host, port = address.scheme, address.host, address.port
    except ValueError as error:
        raise AddressRefusedError("the address cannot be read") from error
    if scheme not in ("https", "http") or (scheme == "http" and not policy.allow_http):
        raise AddressRefusedError("the address is not https")
    if not host or address.raw_user is not None or address.raw_password is not None:
        raise AddressRefusedError("the address has no host, or a user name in it")
    if policy.allowed_ports and port not in policy.allowed_ports:
        raise AddressRefusedError(f"port {port} is not allowed")
    if _is_literal(host):
        refuse_private(host, policy)
    return address


def refuse_private(ip: str, policy: NetworkPolicy) -> None:
    """Raise `AddressRefusedError` for an IP address inside a private network, unless allowed."""
    if not policy.allow_private and not _is_public(ipaddress.ip_address(ip.partition("%")[0])):
        raise AddressRefusedError("the address lies inside a private network")


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what aiohttp raises into `UnreachableError` with its cause."""
    try:
        yield
    except TimeoutError as error:
        raise UnreachableError("no answer in time", cause="timeout") from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise UnreachableError("the TLS certificate is not valid", cause="tls") from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise UnreachableError("TLS could not be set up", cause="tls") from error
    except (aiohttp.ClientConnectionError, OSError) as error:
        raise UnreachableError("no connection", cause="connection") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise UnreachableError("the answer is broken", cause="broken_answer") from error


@asynccontextmanager
async def requested(
    session: aiohttp.ClientSession,
    method: str,
    address: yarl.URL,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """One request, redirects off, errors translated also while the answer is read."""
    with translated_errors():
        async with session.request(
            method, address, headers=headers, data=body, allow_redirects=False
        ) as response:
            yield response


async def read_answer(response: aiohttp.ClientResponse, *, ceiling: int) -> HTTPAnswer:
    """Read the whole answer. Raises `UnreachableError` when it is larger than the ceiling."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > ceiling:
            response.close()
            raise UnreachableError(f"the answer has more than {ceiling} bytes", cause="too_large")
    headers = tuple((name, value) for name, value in response.headers.items())
    return HTTPAnswer(status=response.status, headers=headers, body=bytes(body))


class _CheckedResolver(AbstractResolver):
    """Resolves in a thread, by the system's rules, and lets only allowed addresses through."""

    def __init__(self, policy: NetworkPolicy) -> None:
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        results: list[ResolveResult] = []
        for kind, _, protocol, _, address in found:
            ip = str(address[0])
            refuse_private(ip, self._policy)  # one bad address spoils the name
            results.append(
                ResolveResult(
                    hostname=host,
                    host=ip,
                    port=port,
                    family=kind,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return results

    async def close(self) -> None:
        """Nothing is held."""


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Reachable by everybody, also where an IPv4 address hides in an IPv6 one."""
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour
        if hidden is None and ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden is not None:
            return _is_public(hidden)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
