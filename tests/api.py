# SPDX-License-Identifier: Apache-2.0
"""The REST interface on a free port, over a real database: what its functional tests start from."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession

from gateway import pki, sbdh
from gateway.identifiers import ParticipantId
from gateway.service.access import SCOPES, Access
from gateway.service.admission import Admission
from gateway.service.documents import Documents
from gateway.service.idempotency import Idempotency
from gateway.service.inbox import Inbox
from gateway.service.lifecycle import Event
from gateway.service.lookup import Lookup
from gateway.service.ports import HTTPAnswer, NAPTRAnswer
from gateway.service.records import InboundMessage, Organisation, Participant, Routing, Summary
from gateway.service.submit import Submitter
from gateway.service.validation import Validations
from gateway.service.validator import Validator
from gateway.store import Store
from gateway.store.migrations import migrate
from gateway.web import APILimits, APIParts, api_app
from gateway.web.api import ENDPOINTS
from gateway.web.listeners import Address, listen
from gateway.web.openapi import COMMON_PROBLEMS
from gateway.web.schemas import Problem
from tests.builders import BILLING, INVOICE, RECEIVER, SENDER
from tests.fakes import AT, CountingIds, FixedClock, FixedValidator
from tests.functional.store.builders import content, inbound
from tests.pki_fixtures import fresh_pki

OURS, THEIRS = "org_ours", "org_theirs"


class EmptyDNS:
    """Knows nobody."""

    async def naptr(self, name: str) -> NAPTRAnswer:
        return NAPTRAnswer(rcode="NXDOMAIN", records=(), ttl=60)


class NoSMP:
    """Is never asked when DNS knows nobody."""

    async def get(self, url: str) -> HTTPAnswer:
        raise AssertionError(url)


@dataclass
class API:
    """The running interface with what a test wants to reach into."""

    url: str
    key: str
    store: Store
    parts: APIParts
    clock: FixedClock
    session: ClientSession
    readiness: dict[str, bool]

    async def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        """One request, its answer read whole."""
        sent = {"Authorization": f"Bearer {key or self.key}", **(headers or {})}
        async with self.session.request(
            method, self.url + path, headers=sent, **options
        ) as response:
            reply = Reply(response, await response.read())
        documented(method, path.partition("?")[0], reply)
        return reply

    async def submit(
        self, document: bytes, query: str = "", *, key: str | None = None, **headers: str
    ) -> Reply:
        """Submit XML; keyword `idempotency_key` becomes its header."""
        sent = {"Content-Type": "application/xml"}
        sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        return await self.call(
            "POST", f"/v1/documents{query}", key=key, headers=sent, data=io.BytesIO(document)
        )

    async def key_of(self, organisation: str, scopes: frozenset[str] = SCOPES) -> str:
        """A new key."""
        made = await self.parts.access.make(organisation=organisation, name="test", scopes=scopes)
        return made.text


def documented(method: str, path: str, reply: Reply) -> None:
    """Fail when the route's description does not know this answer."""
    for endpoint in ENDPOINTS:
        pattern = endpoint.path.replace("{id}", "[^/]+")
        if endpoint.method != method or not re.fullmatch(pattern, path):
            continue
        media_type = reply.headers.get("Content-Type", "").partition(";")[0]
        if reply.status == endpoint.answer.status and media_type in endpoint.answer.others:
            return
        if reply.status == endpoint.answer.status:
            if isinstance(endpoint.answer.shape, type) and issubclass(
                endpoint.answer.shape, msgspec.Struct
            ):
                msgspec.json.decode(reply.body, type=endpoint.answer.shape)
            return
        msgspec.json.decode(reply.body, type=Problem)
        scope = {"insufficient_scope"} if endpoint.scope else set()
        assert reply.code in {*endpoint.problems, *COMMON_PROBLEMS, *scope}, (method, path)


class Reply:
    """An answer."""

    def __init__(self, response: ClientResponse, body: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.body
        return str(self.json["code"])


def make_parts(
    store: Store,
    clock: FixedClock,
    readiness: dict[str, bool],
    *,
    limits: APILimits | None = None,
    validator: Validator | None = None,
) -> APIParts:
    """Everything the interface needs, over a store; without a validator all is valid."""
    validator = validator or FixedValidator()
    ids = CountingIds()
    trust = fresh_pki().trust

    async def ready() -> Mapping[str, bool]:
        return readiness

    return APIParts(
        access=Access(accounts=store.accounts, clock=clock, ids=ids, environment="test"),
        submitter=Submitter(
            submissions=store.submissions,
            participants=store.participants,
            payloads=store.payloads,
            admission=Admission(validator=validator),
            clock=clock,
            ids=ids,
        ),
        validations=Validations(
            validator=validator, documents=store.documents, payloads=store.payloads, clock=clock
        ),
        documents=Documents(
            index=store.documents,
            submissions=store.submissions,
            payloads=store.payloads,
            clock=clock,
        ),
        inbox=Inbox(index=store.documents, clock=clock),
        idempotency=Idempotency(store=store.idempotency, clock=clock),
        lookup=Lookup(
            resolver=EmptyDNS(),
            transport=NoSMP(),
            smp_trust=trust(pki.Role.SMP),
            ap_trust=trust(pki.Role.AP),
            revocation=pki.Revocation.none,
            clock=clock,
            zone="participant.sml.test.",
        ),
        participants=store.participants,
        ready=ready,
        clock=clock,
        ids=ids,
        environment="test",
        version="0",
        public_url="http://127.0.0.1",
        limits=limits or APILimits(),
    )


@asynccontextmanager
async def running_api(
    folder: Path, *, limits: APILimits | None = None, validator: Validator | None = None
) -> AsyncIterator[API]:
    """The interface over a new SQLite database, with two organisations."""
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    url = f"sqlite:///{folder / 'gateway.db'}"
    await asyncio.to_thread(migrate, url, backup=False)
    store = Store.open(url, payload_folder=folder / "payloads")
    clock, readiness = FixedClock(), {"database": True}
    parts = make_parts(store, clock, readiness, limits=limits, validator=validator)
    for number, organisation in enumerate((OURS, THEIRS)):
        await store.accounts.add_organisation(
            Organisation(id=organisation, name=f"Company {number}", country="NL")
        )
        await store.participants.add(
            Participant(
                id=(SENDER, RECEIVER)[number],
                organisation=organisation,
                document_types=((INVOICE, BILLING),),
                country="NL",
            )
        )
    listening = await listen(api_app(parts), [Address("127.0.0.1", 0)])
    made = await parts.access.make(organisation=OURS, name="test")
    try:
        async with ClientSession() as session:
            yield API(
                url=f"http://{listening.addresses[0]}",
                key=made.text,
                store=store,
                parts=parts,
                clock=clock,
                session=session,
                readiness=readiness,
            )
    finally:
        await listening.close()
        await store.close()


def received(
    number: int, document: bytes, *, receiver: ParticipantId = SENDER, **changes: Any
) -> InboundMessage:
    """A received message with this document in its envelope; ours unless said otherwise."""
    routing = Routing(
        sender=RECEIVER, receiver=receiver, document_type=INVOICE, process=BILLING, country_c1="NL"
    )
    envelope = sbdh.Envelope(
        sender=routing.sender,
        receiver=routing.receiver,
        document_type=INVOICE,
        process=BILLING,
        country_c1="NL",
        instance_id=f"instance-{number}",
        created_at=AT,
        standard=INVOICE.namespace,
        type_name=INVOICE.local_name,
        type_version=INVOICE.version,
        mls_to=None,
        mls_type=None,
    )
    signed = gzip.compress(b"".join(sbdh.wrap(envelope, [document])))
    return inbound(
        number,
        document_id=f"doc_{number:026}",
        organisation=OURS if receiver == SENDER else THEIRS,
        routing=routing,
        **({"content": content(signed, gzip=True)} | changes),
    )


async def arrive(api: API, message: InboundMessage) -> str:
    """Store a received message and make it ready, as the check would."""
    assert await api.store.inbound.accept(message) is None
    await api.store.inbound.checked(
        message.document_id,
        event=Event.CHECKED,
        summary=Summary(kind="invoice", number="R-1"),
        validation="not_validated",
        validation_detail={},
        at=AT,
    )
    return message.document_id
