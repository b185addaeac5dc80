# SPDX-License-Identifier: Apache-2.0
"""The parts that every role of a process shares: clock, identifiers, clients, trust."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway import pki
from gateway.app.keys import authorities, trust_policy
from gateway.ids import TimeOrderedIds
from gateway.net.resolver import DNSResolver
from gateway.net.revocation_fetch import RevocationFetcher, crl_policy
from gateway.net.session import SANDBOX, NetworkPolicy, open_session
from gateway.net.smp_client import SMPReader
from gateway.service.lookup import Lookup
from gateway.service.ports import Clock, IdMaker
from gateway.service.revocations import Revocations
from gateway.settings import Settings
from gateway.store import RevocationFiles

THREADS = 4  # for messages too large for the event loop


def utc_now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is built once in a process, whatever its roles."""

    settings: Settings
    clock: Clock
    ids: IdMaker
    threads: ThreadPoolExecutor
    network: NetworkPolicy
    ap_trust: pki.TrustPolicy
    smp_trust: pki.TrustPolicy
    revocations: Revocations
    lookup: Lookup


def network_policy(settings: Settings) -> NetworkPolicy:
    """Where this process may connect to."""
    return SANDBOX if settings.preset.allow_http else NetworkPolicy()


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Build the shared parts; they close when the context ends."""
    policy = network_policy(settings)
    lists = crl_policy(settings.crl_hosts, allow_private=policy.allow_private)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(policy))
        list_session = await stack.enter_async_context(open_session(lists))
        threads = stack.enter_context(ThreadPoolExecutor(THREADS, thread_name_prefix="large"))
        revocations = Revocations(
            fetcher=RevocationFetcher(session=list_session, policy=lists, hosts=settings.crl_hosts),
            files=RevocationFiles(settings.path(settings.store.revocation)),
            authorities=authorities(settings),
            clock=utc_now,
        )
        ap_trust = trust_policy(settings, pki.Role.AP)
        smp_trust = trust_policy(settings, pki.Role.SMP)
        nameserver = settings.network.nameserver
        yield Parts(
            settings=settings,
            clock=utc_now,
            ids=TimeOrderedIds(),
            threads=threads,
            network=policy,
            ap_trust=ap_trust,
            smp_trust=smp_trust,
            revocations=revocations,
            lookup=Lookup(
                resolver=DNSResolver(nameservers=(nameserver,) if nameserver else ()),
                transport=SMPReader(session=session, policy=policy),
                smp_trust=smp_trust,
                ap_trust=ap_trust,
                revocation=revocations.snapshot,
                learn=revocations.learn,
                clock=utc_now,
                zone=settings.zone,
                allow_http=policy.allow_http,
            ),
        )
