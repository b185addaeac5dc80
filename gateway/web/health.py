# SPDX-License-Identifier: Apache-2.0
"""`/healthz` and `/readyz`: whether the process lives, and whether it can keep what it accepts."""

from __future__ import annotations

from aiohttp import web

from gateway.web.auth import OpenEndpoint
from gateway.web.parts import PARTS
from gateway.web.reading import JSON
from gateway.web.schemas import encode

READY, NOT_READY = 200, 503


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.Response(body=encode({"status": "ok"}), content_type=JSON)


async def readyz(request: web.Request) -> web.Response:
    """Every part that accepting needs is usable; otherwise 503 with the ones that are not."""
    checks = dict(await request.app[PARTS].ready())
    ready = all(checks.values())
    body = {"status": "ready" if ready else "not_ready", "checks": checks}
    return web.Response(status=READY if ready else NOT_READY, body=encode(body), content_type=JSON)


OPEN_ENDPOINTS = (
    OpenEndpoint(path="/healthz", handler=healthz, summary="The process lives"),
    OpenEndpoint(path="/readyz", handler=readyz, summary="Documents can be accepted"),
)
