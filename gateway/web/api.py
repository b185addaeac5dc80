# SPDX-License-Identifier: Apache-2.0
"""Puts the REST interface together: routes, guards, surroundings, its own description."""

from __future__ import annotations

from aiohttp import web

from gateway.web import (
    api_documents,
    api_inbox,
    api_lookups,
    api_me,
    api_submissions,
    api_validations,
    health,
    openapi,
)
from gateway.web.auth import mount
from gateway.web.middleware import surround
from gateway.web.parts import PARTS, APIParts

ENDPOINTS = (
    *api_submissions.ENDPOINTS,
    *api_documents.ENDPOINTS,
    *api_inbox.ENDPOINTS,
    *api_lookups.ENDPOINTS,
    *api_validations.ENDPOINTS,
    *api_me.ENDPOINTS,
)
OPEN_ENDPOINTS = (*health.OPEN_ENDPOINTS, *openapi.OPEN_ENDPOINTS)


def api_app(parts: APIParts) -> web.Application:
    """The REST interface as an application that `listeners.listen` starts."""
    app = web.Application(client_max_size=0)  # nothing reads a body whole past bodies.py
    app[PARTS] = parts
    surround(app)
    mount(app, ENDPOINTS, OPEN_ENDPOINTS)
    return app
