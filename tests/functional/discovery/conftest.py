# SPDX-License-Identifier: Apache-2.0
"""Fixtures: start an SMP, start a name server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port

from gateway.net.session import SANDBOX, open_session
from gateway.pki import Role
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.publishing import Publishing
from gateway.store.metadata import MetadataStore
from gateway.web.smp_endpoint import Credentials, smp_application
from tests.discovery_builders import AT
from tests.discovery_fakes import SettableClock
from tests.functional.discovery.network import PASSWORD, USER, RunningSMP, StartSMP, Zone, serving


@pytest.fixture
async def start_smp(
    tmp_path: Path, local_pki: LocalPKI, smp_leaf: IssuedLeaf
) -> AsyncIterator[StartSMP]:
    opened: list[tuple[TestServer, MetadataStore, aiohttp.ClientSession]] = []

    async def start(
        path: str = "",
        *,
        leaf: IssuedLeaf = smp_leaf,
        trust: LocalPKI = local_pki,
        at: datetime = AT,
    ) -> RunningSMP:
        store = await MetadataStore.open(f"sqlite:///{tmp_path}/smp{len(opened)}.db")
        port = unused_port()
        url = f"http://127.0.0.1:{port}{path}"
        publishing = Publishing(
            records=store,
            signer=leaf.pair,
            ap_trust=trust.trust(Role.AP),
            revocation=lambda: trust.revocation(at),
            clock=SettableClock(at),
            public_url=url,
            allow_http=True,
        )
        application = smp_application(
            publishing=publishing,
            credentials=Credentials(user=USER, password=PASSWORD),
            public_url=url,
        )
        server = TestServer(application, host="127.0.0.1", port=port)
        await server.start_server()
        session = open_session(SANDBOX)
        opened.append((server, store, session))
        return RunningSMP(url=url, session=session, leaf=leaf)

    yield start
    for server, store, session in opened:
        await session.close()
        await server.close()
        await store.close()


@pytest.fixture
def zone() -> Iterator[tuple[Zone, str]]:
    answers = Zone()
    with serving(answers) as nameserver:
        yield answers, nameserver
