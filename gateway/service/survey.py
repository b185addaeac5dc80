# SPDX-License-Identifier: Apache-2.0
"""What a participant can receive: its list of document types and, on request, every record."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from gateway import smp
from gateway.errors import GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.discovery import Discovery, Located
from gateway.service.lookup_errors import (
    DocumentTypeNotSupportedError,
    LookupFailedError,
    failure,
)
from gateway.service.lookup_report import (
    Report,
    document_type_facts,
    endpoint_facts,
    identifier_facts,
)
from gateway.service.ports import Clock

MAX_RECORDS = 60  # read of one participant; the widest offers in the field have about 40
AT_ONCE = 4

_LIFETIME = timedelta(minutes=5)


class Survey:
    """Reads all that an SMP says of a participant."""

    def __init__(self, discovery: Discovery, *, clock: Clock) -> None:
        self._discovery = discovery
        self._clock = clock

    async def run(self, participant: ParticipantId, *, details: bool) -> dict[str, Any]:
        """The report. What failed is told in it, for the whole or for one document type."""
        report = self._discovery.report(participant)
        try:
            located = await self._discovery.locate(participant, report)
            group = await self._discovery.source.group(located.base_url, participant, report)
        except GatewayError as error:
            return failure(error, report.as_dict()).report
        offered = group.document_types if group is not None else ()
        if not offered:
            return DocumentTypeNotSupportedError(
                "the participant is registered, but takes nothing",
                cause="document_type" if group is not None else "unknown_to_smp",
                report=report.as_dict(),
            ).report
        if not details:
            report.listed([document_type_facts(kind, []) for kind in offered])
        else:
            await self._read_all(located, participant, offered[:MAX_RECORDS], report)
        whole = report.as_dict()
        ending = _ending(whole["document_types"]) if details else ("reachable", None)
        report.ended(outcome=ending[0], cause=ending[1], expires_at=self._clock() + _LIFETIME)
        return report.as_dict()

    async def _read_all(
        self,
        located: Located,
        participant: ParticipantId,
        offered: tuple[DocumentTypeId, ...],
        report: Report,
    ) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def read(document_type: DocumentTypeId) -> dict[str, Any]:
            async with gate:
                return await self._one(located, participant, document_type)

        entries = await asyncio.gather(*(read(kind) for kind in offered))
        report.listed(entries)
        report.smp_like(entries[0]["smp"])

    async def _one(
        self, located: Located, participant: ParticipantId, document_type: DocumentTypeId
    ) -> dict[str, Any]:
        """One document type with its processes, endpoints and what is wrong with them."""
        report = self._discovery.report(participant)
        try:
            record = await self._discovery.source.record(
                located.base_url, participant, document_type, report
            )
        except GatewayError as error:
            return _failed(document_type, failure(error, report.as_dict()))
        if record is None:
            missing = DocumentTypeNotSupportedError(
                "the SMP lists this document type, but has no record of it",
                cause="document_type",
                report=report.as_dict(),
            )
            return _failed(document_type, missing)
        information = record.information
        processes = [await self._process(information, entry) for entry in information.processes]
        outcome, cause = _ending(processes)
        return document_type_facts(document_type, processes) | {
            "outcome": outcome,
            "cause": cause,
            "smp": report.as_dict()["smp"],
        }

    async def _process(
        self, information: smp.ServiceInformation, process: smp.Process
    ) -> dict[str, Any]:
        """One process: its endpoint of this moment, and whether that can be used."""
        endpoint: dict[str, Any] | None = None
        outcome, cause = "reachable", None
        try:
            chosen = smp.choose_endpoint(information, process.id, self._clock())
            endpoint = endpoint_facts(chosen)
            trusted = await self._discovery.judge_endpoint(chosen)
            endpoint = self._discovery.endpoint_report(chosen, trusted)
        except GatewayError as error:
            failed = failure(error, {})
            outcome, cause = failed.outcome, failed.cause
        facts = {"outcome": outcome, "cause": cause, "endpoint": endpoint}
        return identifier_facts(process.id) | facts


def _ending(parts: list[dict[str, Any]]) -> tuple[str, str | None]:
    """The best that can be said of the whole: one reachable part is enough."""
    if not parts:
        return "no_supported_transport", "transport_profile"
    best = next((part for part in parts if part["outcome"] == "reachable"), parts[0])
    return best["outcome"], best["cause"]


def _failed(document_type: DocumentTypeId, error: LookupFailedError) -> dict[str, Any]:
    return document_type_facts(document_type, []) | {
        "outcome": error.outcome,
        "cause": error.cause,
        "smp": error.report["smp"],
    }
