# SPDX-License-Identifier: Apache-2.0
"""What the REST interface is made of, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from gateway.service.access import Access
from gateway.service.documents import Documents
from gateway.service.idempotency import Idempotency
from gateway.service.inbox import Inbox
from gateway.service.lookup import Lookup
from gateway.service.ports import Clock, IdMaker, ParticipantStore
from gateway.service.submit import Submitter
from gateway.service.validation import Validations
from gateway.web.bodies import BodyLimits
from gateway.web.problems import DEFAULT_TYPE_BASE

Readiness = Callable[[], Awaitable[Mapping[str, bool]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class APILimits:
    """Ceilings of the REST interface."""

    document_bytes: int = 100 * 1024 * 1024
    json_bytes: int = 16 * 1024 * 1024  # JSON is read whole, and base64 with it
    metadata_bytes: int = 64 * 1024
    requests: int = 500  # at once, waiting ones included
    body: BodyLimits = field(default_factory=BodyLimits)
    download_piece_seconds: float = 60.0  # to take a piece of at most 256 kB


@dataclass(frozen=True, slots=True, kw_only=True)
class APIParts:
    """Use cases and values that the handlers need.

    `ready` names the parts that must be usable before anything is accepted, each with its state.
    `problem_type_base` is the address of docs/problems.md as published, up to the page's `#`.
    """

    access: Access
    submitter: Submitter
    documents: Documents
    validations: Validations
    inbox: Inbox
    idempotency: Idempotency
    lookup: Lookup
    participants: ParticipantStore
    ready: Readiness
    clock: Clock
    ids: IdMaker
    environment: str  # "test" or "live"
    version: str
    public_url: str
    problem_type_base: str = DEFAULT_TYPE_BASE
    limits: APILimits = field(default_factory=APILimits)


PARTS = web.AppKey("parts", APIParts)
