# SPDX-License-Identifier: Apache-2.0
"""Builds the SMP role, which has a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from gateway.app.keys import key_pair
from gateway.app.parts import Parts
from gateway.service.publishing import Publishing
from gateway.settings import SMP
from gateway.store import MetadataStore
from gateway.web import Credentials, smp_application


@asynccontextmanager
async def open_publisher(parts: Parts, settings: SMP) -> AsyncIterator[web.Application]:
    """Build the role; its database closes when the context ends."""
    assert settings.key is not None, "settings were checked"
    assert settings.certificate is not None
    assert settings.public_url is not None
    signer = key_pair(parts.settings, settings.key, settings.certificate)
    await parts.revocations.learn(signer.certificate.crl_urls)
    store = await MetadataStore.open(parts.settings.url(settings.database))
    try:
        yield smp_application(
            publishing=Publishing(
                records=store,
                signer=signer,
                ap_trust=parts.ap_trust,
                revocation=parts.revocations.snapshot,
                clock=parts.clock,
                public_url=settings.public_url,
                allow_http=parts.network.allow_http,
            ),
            credentials=Credentials(user=settings.user, password=parts.settings.smp_password or ""),
            public_url=settings.public_url,
        )
    finally:
        await store.close()
