# SPDX-License-Identifier: Apache-2.0
"""Who is registered in the sandbox's network: the stand-in for the SML's database.

The SMP is asked for the participants it publishes (`GET /list/{user}`, as phoss SMP has it); the
last answer is kept in a file, so that a participant stays in DNS while the SMP is down.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from gateway import safexml, smp
from gateway.errors import GatewayError
from gateway.identifiers import ParticipantId

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0  # a registered name may outlive its registration by as much
TIMEOUT_SECONDS = 0.7  # who asks DNS waits for it, and gives up after some seconds
PAUSE_SECONDS = 3.0  # after a failure: an SMP that hangs must not look like DNS that hangs
MAX_LIST_BYTES = 16 * 1024 * 1024  # a hundred thousand participants


class Registrations:
    """DNS names of the registered participants, and the SMP address that they lead to."""

    def __init__(
        self,
        *,
        zone: str,
        smp_url: str,
        saved: Path,
        fetch: Callable[[], tuple[str, ...]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._zone = zone
        self._smp_url = smp_url
        self._saved = saved
        self._fetch = fetch
        self._lock = threading.Lock()
        self._names: frozenset[str] = self._named(self._load())
        self._clock = clock
        self._read_at = self._failed_at = float("-inf")

    def smp_address(self, name: str) -> str | None:
        """Where the participant of this DNS name has its metadata; None for a stranger."""
        wanted = name.lower().rstrip(".")
        if self._ask_for(wanted):
            with self._lock:
                if self._ask_for(wanted):  # not when somebody asked while we waited
                    self._refresh()
        return self._smp_url if wanted in self._names else None

    def _ask_for(self, wanted: str) -> bool:
        now = self._clock()
        if now - self._failed_at < PAUSE_SECONDS:
            return False
        return wanted not in self._names or now - self._read_at > FRESH_SECONDS

    def _refresh(self) -> None:
        try:
            participants = self._fetch()
        except (OSError, http.client.HTTPException, GatewayError) as error:
            log.warning("registrations_not_read", extra={"reason": str(error)})
            self._failed_at = self._clock()
            return
        names = self._named(participants)
        if names != self._names:
            self._keep(participants)
        self._names = names
        self._read_at = self._clock()

    def _named(self, participants: tuple[str, ...]) -> frozenset[str]:
        return frozenset(
            smp.dns_name(ParticipantId.parse(text), self._zone).lower().rstrip(".")
            for text in participants
        )

    def _load(self) -> tuple[str, ...]:
        if not self._saved.exists():
            return ()
        return tuple(json.loads(self._saved.read_bytes()))

    def _keep(self, participants: tuple[str, ...]) -> None:
        fresh = self._saved.with_suffix(".new")
        fresh.write_text(json.dumps(sorted(participants), indent=1))
        fresh.replace(self._saved)


def list_from_smp(url: str, *, user: str, password: str) -> tuple[str, ...]:
    """Ask the SMP at `url` which participants this user publishes.

    Raises `OSError` and `http.client.HTTPException` when it cannot be asked, `GatewayError` when
    the answer is not a list.
    """
    address = urlsplit(url)
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=TIMEOUT_SECONDS
    )
    with contextlib.closing(connection):
        path = f"{address.path.rstrip('/')}/list/{quote(user, safe='')}"
        connection.request("GET", path, headers={"Authorization": f"Basic {token}"})
        answer = connection.getresponse()
        body = answer.read(MAX_LIST_BYTES)
    if answer.status != http.HTTPStatus.OK:
        raise ConnectionError(f"the SMP answered {answer.status} to /list")
    return read_list(body)


def read_list(body: bytes) -> tuple[str, ...]:
    """The participants in a `ServiceGroupReferenceList`: last step of each `href`."""
    references = safexml.parse(body).iter("{*}ServiceGroupReference")
    last_steps = (href.get("href", "").rstrip("/").rpartition("/")[2] for href in references)
    return tuple(unquote(step) for step in last_steps if step)
