# SPDX-License-Identifier: Apache-2.0
"""An SMP and a DNS zone on loopback, and what speaks to them."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
import yarl
from aiohttp.test_utils import unused_port
from dnslib import NAPTR, QTYPE, RCODE, RR, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

from gateway import smp
from gateway.identifiers import ParticipantId
from gateway.net.session import SANDBOX
from gateway.net.smp_client import SMPWriter
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.metadata_publisher import RESTPublisher
from tests.discovery_builders import ZONE

USER, PASSWORD = "gateway", "secret-é"
AP_URL = "http://127.0.0.1:9001/as4"


@dataclass
class RunningSMP:
    """An SMP on loopback and what speaks to it."""

    url: str
    session: aiohttp.ClientSession
    leaf: IssuedLeaf

    def writer(self, password: str = PASSWORD) -> SMPWriter:
        return SMPWriter(
            session=self.session, policy=SANDBOX, base_url=self.url, user=USER, password=password
        )

    def publisher(self, receiver: IssuedLeaf, *, password: str = PASSWORD) -> RESTPublisher:
        return RESTPublisher(
            transport=self.writer(password),
            endpoint_url=AP_URL,
            certificate=receiver.certificate,
            technical_contact="mailto:support@example.org",
        )

    async def get(self, path: str, *, login: bool = False) -> tuple[int, bytes]:
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}"} if login else {}
        url = yarl.URL(self.url + path, encoded=True)
        async with self.session.get(url, headers=headers) as response:
            return response.status, await response.read()


StartSMP = Callable[..., Awaitable[RunningSMP]]


class Zone:
    """The answers of a zone: participants by their DNS name."""

    def __init__(self) -> None:
        self.smps: dict[str, str] = {}
        self.broken = False

    def register(self, participant: ParticipantId, url: str) -> None:
        self.smps[smp.dns_name(participant, ZONE).lower()] = url

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        reply = request.reply()
        url = self.smps.get(str(request.q.qname).lower())
        if self.broken:
            reply.header.rcode = RCODE.SERVFAIL
        elif url is None:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            record = NAPTR(100, 10, b"U", b"Meta:SMP", f"!.*!{url}!".encode())
            reply.add_answer(RR(request.q.qname, QTYPE.NAPTR, ttl=60, rdata=record))
        return reply


@contextmanager
def serving(zone: Zone) -> Iterator[str]:
    """A name server that answers for the zone while the block runs; its address."""
    logger = DNSLogger("-request,-reply", prefix=False)
    port = unused_port()
    servers = [
        DNSServer(zone, address="127.0.0.1", port=port, tcp=tcp, logger=logger)
        for tcp in (False, True)
    ]
    for server in servers:
        server.start_thread()
    yield f"127.0.0.1:{port}"
    for server in servers:
        server.stop()
        server.server.server_close()
