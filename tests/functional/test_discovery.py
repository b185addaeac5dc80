# SPDX-License-Identifier: Apache-2.0
"""A real SMP over HTTP with its database, a real name server, and lookups through both."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
import yarl
from aiohttp.test_utils import TestServer
from dnslib import NAPTR, QTYPE, RCODE, RR, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

from gateway import smp
from gateway.identifiers import ParticipantId
from gateway.net.resolver import DNSResolver
from gateway.net.session import SANDBOX, open_session
from gateway.net.smp_client import SMPReader, SMPWriter
from gateway.pki import Role
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.lookup import Lookup, LookupFailedError
from gateway.service.metadata_publisher import PublishRefusedError, RESTPublisher
from gateway.service.publishing import Publishing
from gateway.service.records import Participant
from gateway.store.metadata import MetadataStore
from gateway.web.smp_endpoint import Credentials, smp_application
from tests.discovery_builders import AT, BILLING, CREDIT_NOTE, INVOICE, RECEIVER, ZONE, pint
from tests.discovery_fakes import SettableClock
from tests.shared import shared

USER, PASSWORD = "gateway", "secret-é"
AP_URL = "http://127.0.0.1:9001/as4"


@dataclass
class RunningSMP:
    """An SMP on loopback and what speaks to it."""

    url: str
    session: aiohttp.ClientSession
    store: MetadataStore

    def writer(self, password: str = PASSWORD) -> SMPWriter:
        return SMPWriter(
            session=self.session,
            policy=SANDBOX,
            base_url=self.url,
            user=USER,
            password=password,
        )

    async def get(self, path: str) -> tuple[int, bytes]:
        async with self.session.get(yarl.URL(self.url + path, encoded=True)) as response:
            return response.status, await response.read()


async def start_smp(
    folder: Path, local_pki: LocalPKI, leaf: IssuedLeaf, *, path: str = ""
) -> tuple[TestServer, MetadataStore]:
    store = await MetadataStore.open(f"sqlite:///{folder}/smp.db")
    server = TestServer(None, host="127.0.0.1")  # type: ignore[arg-type]
    port = _free_port()
    publishing = Publishing(
        records=store,
        signer=leaf.pair,
        ap_trust=local_pki.trust(Role.AP),
        revocation=lambda: local_pki.revocation(AT),
        clock=SettableClock(),
        public_url=f"http://127.0.0.1:{port}{path}",
        allow_http=True,
    )
    application = smp_application(
        publishing=publishing,
        credentials=Credentials(user=USER, password=PASSWORD),
        public_url=f"http://127.0.0.1:{port}{path}",
    )
    server = TestServer(application, host="127.0.0.1", port=port)
    await server.start_server()
    return server, store
