# SPDX-License-Identifier: Apache-2.0
"""What another distribution may add to a gateway: a sub-application and job handlers.

An extension registers a factory under the entry-point group below; the gateway knows none by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Protocol

from aiohttp import web

from gateway.app.parts import Parts
from gateway.store import Store
from gateway.worker import Handler

GROUP = "peppol_gateway.extensions"


class Extension(Protocol):
    """One addition; it runs in the gateway's process."""

    name: str

    def application(self, parts: Parts, store: Store) -> web.Application | None:
        """Pages or an API, mounted under `/<name>` beside the REST interface."""
        ...

    def handlers(self, parts: Parts, store: Store) -> Mapping[str, Handler]:
        """Handlers of job queues of its own."""
        ...


def installed() -> tuple[Extension, ...]:
    """Every extension that is installed, made."""
    return tuple(entry.load()() for entry in entry_points(group=GROUP))
