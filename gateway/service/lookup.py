# SPDX-License-Identifier: Apache-2.0
"""Where a document goes: lookups with a memory. The steps of one lookup are in `discovery.py`.

A found endpoint is remembered for 5 minutes to 24 hours and judged again at each use; a final "no"
for a minute; what may be better at the next try not at all. Many askers share one query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway import pki
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.discovery import Discovery, Found
from gateway.service.lookup_cache import LookupCache, SharedFlights
from gateway.service.lookup_errors import LookupFailedError
from gateway.service.ports import Clock, MetadataTransport, Resolver
from gateway.service.revocations import Learn, nothing_learnt
from gateway.service.survey import Survey

__all__ = ["Found", "Lookup", "LookupFailedError"]

NEGATIVE = timedelta(seconds=60)  # a participant that registers now is found soon


class Lookup:
    """Finds endpoints and says what a participant takes."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        transport: MetadataTransport,
        smp_trust: pki.TrustPolicy,
        ap_trust: pki.TrustPolicy,
        revocation: Callable[[], pki.Revocation],
        clock: Clock,
        zone: str,
        learn: Learn = nothing_learnt,
        allow_http: bool = False,
    ) -> None:
        self._clock = clock
        self._discovery = Discovery(
            resolver=resolver,
            transport=transport,
            smp_trust=smp_trust,
            ap_trust=ap_trust,
            revocation=revocation,
            learn=learn,
            clock=clock,
            zone=zone,
            allow_http=allow_http,
        )
        self._survey = Survey(self._discovery, clock=clock)
        self._results: LookupCache[Found | LookupFailedError] = LookupCache()
        self._flights: SharedFlights[Found] = SharedFlights()
        self._surveys: dict[bool, SharedFlights[dict[str, Any]]] = {
            details: SharedFlights() for details in (False, True)
        }

    async def resolve(
        self,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        process: ProcessId,
        *,
        fresh: bool = False,
    ) -> Found:
        """The endpoint for a document. `fresh` asks again. Raises `LookupFailedError`."""
        key = (participant, document_type, process)
        if not fresh:
            known = self._results.get(key, self._clock())
            if isinstance(known, LookupFailedError):
                raise known.from_cache()
            if known is not None and self._still_trusted(known):
                return replace(known, report=known.report | {"from_cache": True})
        return await self._flights.join(key, lambda: self._ask(participant, document_type, process))

    async def survey(self, participant: ParticipantId, *, details: bool = True) -> dict[str, Any]:
        """What a participant takes, as a report with failures in it; `details`: every record."""
        return await self._surveys[details].join(
            (participant, None, None), lambda: self._survey.run(participant, details=details)
        )

    def forget(self, participant: ParticipantId) -> None:
        """Drop what is remembered of a participant: an address turned out to be stale."""
        self._results.forget(participant)

    async def _ask(
        self, participant: ParticipantId, document_type: DocumentTypeId, process: ProcessId
    ) -> Found:
        key = (participant, document_type, process)
        try:
            found = await self._discovery.find(participant, document_type, process)
        except LookupFailedError as error:
            if not error.retry:
                self._results.put(key, error, expires_at=self._clock() + NEGATIVE)
            raise
        self._results.put(key, found, expires_at=found.expires_at)
        return found

    def _still_trusted(self, found: Found) -> bool:
        """Certificates expire and are revoked while a result is remembered."""
        try:
            self._discovery.judge_again(found)
        except pki.UntrustedError:
            return False
        return True
