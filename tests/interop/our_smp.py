# SPDX-License-Identifier: Apache-2.0
"""Our SMP role on a port of 127.0.0.1, our publisher and our look-up, all as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp.test_utils import unused_port

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.net.resolver import DNSResolver
from gateway.net.session import SANDBOX
from gateway.net.smp_client import SMPReader, SMPWriter
from gateway.pki import Role
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.lookup import Lookup
from gateway.service.metadata_publisher import RESTPublisher
from gateway.service.publishing import Publishing
from gateway.service.records import Participant
from gateway.store.metadata import MetadataStore
from gateway.web import Address, Credentials, listen, smp_application
from tests.discovery_builders import ZONE
from tests.functional.discovery.network import PASSWORD, USER
from tests.interop.network import Network
from tests.interop.smp_peers import SMP, Account
from tests.pki_fixtures import shared_key
from tests.road import BILLING, ORGANISATION, Clock

OUR_SMP, THEIR_SMP, OTHER_SMP = "POP000117", "POP000118", "POP000119"


def smp_leaf(network: Network, seat: str, *, flaw: Flaw | None = None) -> IssuedLeaf:
    """The certificate of an SMP."""
    return network.pki.issue(Role.SMP, seat, at=network.at, flaw=flaw, key=shared_key(seat))


@asynccontextmanager
async def open_our_smp(folder: Path, network: Network, leaf: IssuedLeaf) -> AsyncIterator[SMP]:
    """Our SMP, open for reading and writing, under a path as real ones are."""
    folder.mkdir()
    port = unused_port()
    url = f"http://127.0.0.1:{port}/our/smp"
    revocation = network.pki.revocation(network.at)
    async with AsyncExitStack() as stack:
        store = await MetadataStore.open(f"sqlite:///{folder / 'smp.db'}")
        stack.push_async_callback(store.close)
        publishing = Publishing(
            records=store,
            signer=leaf.pair,
            ap_trust=network.pki.trust(Role.AP),
            revocation=lambda: revocation,
            clock=Clock(network.at),
            public_url=url,
            allow_http=True,
        )
        application = smp_application(
            publishing=publishing,
            credentials=Credentials(user=USER, password=PASSWORD),
            public_url=url,
        )
        listening = await listen(application, [Address("127.0.0.1", port)])
        stack.push_async_callback(listening.close)
        yield SMP(Account(url=url, user=USER, password=PASSWORD), leaf)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Our publisher, for any SMP."""

    session: aiohttp.ClientSession

    def to(self, account: Account, *, leaf: IssuedLeaf, url: str) -> RESTPublisher:
        """One that publishes the access point with this certificate and address."""
        return RESTPublisher(
            transport=self.writer(account),
            endpoint_url=url,
            certificate=leaf.certificate,
            technical_contact="mailto:support@example.org",
        )

    def writer(self, account: Account) -> SMPWriter:
        """One that makes single calls."""
        return SMPWriter(
            session=self.session,
            policy=SANDBOX,
            base_url=account.url,
            user=account.user,
            password=account.password,
        )

    async def redirect(
        self,
        account: Account,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        *,
        to: SMP,
        leaf: IssuedLeaf | None = None,
    ) -> None:
        """Let one SMP send those who ask for a record to another, whose certificate is named."""
        target = smp.Redirect(
            href=to.url + smp.metadata_path(participant, document_type),
            certificate_uid=(leaf or to.leaf).certificate.subject,
        )
        group = smp.ServiceGroup(participant=participant, document_types=())
        writer = self.writer(account)
        for path, body in (
            (smp.group_path(participant), smp.build_service_group(group, base_url="")),
            (
                smp.metadata_path(participant, document_type),
                smp.build_service_metadata(target),
            ),
        ):
            answer = await writer.call("PUT", path, body)
            assert answer.status == 200, answer.body


def taking(participant: ParticipantId, *document_types: DocumentTypeId) -> Participant:
    """A participant of ours that takes these in billing."""
    return Participant(
        id=participant,
        organisation=ORGANISATION.id,
        document_types=tuple((kind, BILLING) for kind in document_types),
        country="NL",
    )


def look_up(
    session: aiohttp.ClientSession, nameserver: str, network: Network, *, clock: Clock
) -> Lookup:
    """Our look-up, asking this name server."""
    return Lookup(
        resolver=DNSResolver(nameservers=[nameserver], lifetime_seconds=2),
        transport=SMPReader(session=session, policy=SANDBOX),
        smp_trust=network.pki.trust(Role.SMP),
        ap_trust=network.pki.trust(Role.AP),
        revocation=lambda: network.pki.revocation(clock()),
        clock=clock,
        zone=ZONE,
        allow_http=True,
    )
