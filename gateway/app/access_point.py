# SPDX-License-Identifier: Apache-2.0
"""Builds the roles of an access point: as4, api and worker, over one store."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from gateway import __version__, as4
from gateway.app.keys import key_pairs
from gateway.app.parts import Parts
from gateway.app.validation import admission_policy, start_validator, wait_for_workers
from gateway.net.as4_transport import AS4Sender, as4_policy
from gateway.net.session import open_session
from gateway.service.access import Access
from gateway.service.access_point import AccessPoint
from gateway.service.admission import Admission
from gateway.service.check import Check
from gateway.service.compose import Composer
from gateway.service.deliver import Delivery
from gateway.service.documents import Documents
from gateway.service.exchange import Exchange
from gateway.service.idempotency import Idempotency
from gateway.service.inbox import Inbox
from gateway.service.judge import Judge
from gateway.service.receive import Receiver
from gateway.service.records import Queue
from gateway.service.submit import Submitter
from gateway.service.validation import Validations
from gateway.service.validator import Validator
from gateway.settings import API, AS4
from gateway.store import Store
from gateway.web import APILimits, APIParts, api_app, as4_application
from gateway.worker import Handler

_WITH_KEYS = frozenset({"as4", "worker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPointRoles:
    """One access point, ready to listen and to work; without keys there is no `as4`."""

    store: Store
    as4: web.Application | None
    api: web.Application
    handlers: Mapping[str, Handler]


@asynccontextmanager
async def open_access_point(
    parts: Parts, settings: AS4, *, roles: frozenset[str]
) -> AsyncIterator[AccessPointRoles]:
    """Build the roles; store and connections close when the context ends.

    The private key is opened only where a role needs it: `as4` or `worker`.
    """
    policy = as4_policy(parts.network)
    async with AsyncExitStack() as stack:
        store = Store.open(
            parts.settings.url(parts.settings.store.database),
            payload_folder=parts.settings.path(parts.settings.store.payloads),
        )
        stack.push_async_callback(store.close)
        validator = await stack.enter_async_context(start_validator(parts, roles=roles))
        admission = Admission(validator=validator, policy=admission_policy(parts.settings))
        api = _api(parts, store, validator=validator, admission=admission)
        if not roles & _WITH_KEYS:
            await wait_for_workers(validator)
            yield AccessPointRoles(store=store, as4=None, api=api, handlers={})
            return
        us = await _seat(parts, settings)
        session = await stack.enter_async_context(open_session(policy))
        transport = AS4Sender(session=session, policy=policy)
        await wait_for_workers(validator)
        yield AccessPointRoles(
            store=store,
            as4=_as4(parts, settings, us, store),
            api=api,
            handlers={
                Queue.DELIVER: _delivery(parts, us, store, transport).attempt,
                Queue.CHECK: _check(parts, store, validator).attempt,
                Queue.VALIDATE: _judge(parts, store, admission).attempt,
            },
        )


async def _seat(parts: Parts, settings: AS4) -> AccessPoint:
    keys = key_pairs(parts.settings, settings)
    await parts.revocations.learn(keys[0].certificate.crl_urls)
    return AccessPoint(
        signer=keys[0],
        keys=keys,
        trust=parts.ap_trust,
        revocation=parts.revocations.snapshot,
        host=settings.host,
    )


def _as4(parts: Parts, settings: AS4, us: AccessPoint, store: Store) -> web.Application:
    receiver = Receiver(
        store=store.inbound,
        payloads=store.payloads,
        participants=store.participants,
        access_point=us,
        clock=parts.clock,
        ids=parts.ids,
        threads=parts.threads,
        limits=as4.Limits(
            max_body_bytes=settings.max_body_bytes,
            max_payload_bytes=settings.max_payload_bytes,
        ),
    )
    return as4_application(
        receiver,
        path=urlsplit(settings.public_url).path or "/as4",
        max_body_bytes=settings.max_body_bytes,
        max_in_flight=settings.max_in_flight,
    )


def _delivery(parts: Parts, us: AccessPoint, store: Store, transport: AS4Sender) -> Delivery:
    return Delivery(
        submissions=store.submissions,
        documents=store.documents,
        jobs=store.jobs,
        lookup=parts.lookup,
        composer=Composer(
            payloads=store.payloads,
            access_point=us,
            clock=parts.clock,
            ids=parts.ids,
            threads=parts.threads,
        ),
        exchange=Exchange(
            payloads=store.payloads, transport=transport, access_point=us, clock=parts.clock
        ),
        clock=parts.clock,
        jitter=lambda: random.uniform(-1, 1),  # noqa: S311 - spreads load, guards nothing
    )


def _check(parts: Parts, store: Store, validator: Validator) -> Check:
    return Check(
        inbound=store.inbound,
        documents=store.documents,
        jobs=store.jobs,
        payloads=store.payloads,
        validator=validator,
        clock=parts.clock,
        reject_invalid=parts.settings.validation.deliver_invalid == "reject",
    )


def _judge(parts: Parts, store: Store, admission: Admission) -> Judge:
    return Judge(
        submissions=store.submissions,
        documents=store.documents,
        jobs=store.jobs,
        payloads=store.payloads,
        admission=admission,
        clock=parts.clock,
    )


def _submitter(parts: Parts, store: Store, admission: Admission) -> Submitter:
    return Submitter(
        submissions=store.submissions,
        participants=store.participants,
        payloads=store.payloads,
        admission=admission,
        clock=parts.clock,
        ids=parts.ids,
    )


def _api(
    parts: Parts, store: Store, *, validator: Validator, admission: Admission
) -> web.Application:
    settings = parts.settings.api or API()
    environment = parts.settings.preset.environment
    return api_app(
        APIParts(
            access=Access(
                accounts=store.accounts, clock=parts.clock, ids=parts.ids, environment=environment
            ),
            submitter=_submitter(parts, store, admission),
            validations=_validations(parts, store, validator),
            documents=_documents(parts, store),
            inbox=Inbox(index=store.documents, clock=parts.clock),
            idempotency=Idempotency(store=store.idempotency, clock=parts.clock),
            lookup=parts.lookup,
            participants=store.participants,
            ready=store.usable,
            clock=parts.clock,
            ids=parts.ids,
            environment=environment,
            version=__version__,
            public_url=settings.public_url or "",
            problem_type_base=settings.problem_base,
            limits=APILimits(
                document_bytes=settings.max_document_bytes, requests=settings.max_in_flight
            ),
        )
    )


def _validations(parts: Parts, store: Store, validator: Validator) -> Validations:
    return Validations(
        validator=validator,
        documents=store.documents,
        payloads=store.payloads,
        clock=parts.clock,
    )


def _documents(parts: Parts, store: Store) -> Documents:
    return Documents(
        index=store.documents,
        submissions=store.submissions,
        payloads=store.payloads,
        clock=parts.clock,
    )
