# SPDX-License-Identifier: Apache-2.0
"""One lookup, step by step: DNS, SMP, signature, registration, endpoint, certificate. No cache.

Sources: Peppol SMP 1.4.0, SML 1.3.0, Policy for use of Identifiers 4.4.0 section 5.1.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway import pki, smp
from gateway.errors import GatewayError
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.lookup_errors import (
    DocumentTypeNotSupportedError,
    failure,
)
from gateway.service.lookup_report import (
    Report,
    certificate_facts,
    document_type_facts,
    endpoint_facts,
    identifier_facts,
)
from gateway.service.metadata_source import MetadataSource, Record
from gateway.service.ports import Clock, MetadataTransport, Resolver
from gateway.service.records import Evidence
from gateway.service.revocations import Learn, informed
from gateway.service.stopwatch import Stopwatch

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)  # what the Dutch authority advises


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The endpoint of a receiver. `report` is a lookup of docs/api.md; it holds till `expires_at`.

    `document_type` is the registration that matched: with a `*` it serves the one asked for.
    """

    url: str
    certificate: pki.Certificate
    document_type: DocumentTypeId
    process: ProcessId
    signer: pki.Certificate
    expires_at: datetime
    report: dict[str, Any]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The SMP of a participant and how long DNS says that this holds."""

    base_url: str
    lifetime: timedelta


class Discovery:
    """Asks DNS and SMPs, judges what they say. Every failure is a `LookupFailedError`."""

    def __init__(
        self,
        *,
        resolver: Resolver,
        transport: MetadataTransport,
        smp_trust: pki.TrustPolicy,
        ap_trust: pki.TrustPolicy,
        revocation: Callable[[], pki.Revocation],
        learn: Learn,
        clock: Clock,
        zone: str,
        allow_http: bool = False,
    ) -> None:
        self._resolver = resolver
        self._learn = learn
        self.source = MetadataSource(
            transport=transport,
            trust=smp_trust,
            revocation=revocation,
            learn=learn,
            clock=clock,
            allow_http=allow_http,
        )
        self._smp_trust = smp_trust
        self._ap_trust = ap_trust
        self._revocation = revocation
        self._clock = clock
        self._zone = zone
        self._allow_http = allow_http

    def report(self, participant: ParticipantId) -> Report:
        """An empty report."""
        return Report(participant, zone=self._zone, at=self._clock())

    async def find(
        self, participant: ParticipantId, document_type: DocumentTypeId, process: ProcessId
    ) -> Found:
        """The endpoint for a document. Raises `LookupFailedError`."""
        report = self.report(participant)
        try:
            located = await self.locate(participant, report)
            record = await self._first_record(located, participant, document_type, report)
            registered = record.information.document_type
            report.matched(document_type, registered, process)
            endpoint = smp.choose_endpoint(record.information, process, self._clock())
            report.endpoint_chosen(endpoint_facts(endpoint))
            trusted = await self.judge_endpoint(endpoint)
            report.endpoint_chosen(self.endpoint_report(endpoint, trusted))
        except GatewayError as error:
            raise failure(error, report.as_dict()) from error
        expires_at = self._expiry(located, record, endpoint, trusted.certificate)
        report.ended(outcome="reachable", cause=None, expires_at=expires_at)
        return Found(
            url=endpoint.address,
            certificate=trusted.certificate,
            document_type=registered,
            process=process,
            signer=record.signed.signer,
            expires_at=expires_at,
            report=report.as_dict(),
            evidence=_evidence(record),
        )

    async def locate(self, participant: ParticipantId, report: Report) -> Located:
        """Ask DNS where the participant's metadata lies."""
        watch = Stopwatch()
        answer = await self._resolver.naptr(smp.dns_name(participant, self._zone))
        watch.lap("ms")
        report.dns_answered(answer, milliseconds=watch.laps["ms"])
        if answer.rcode == "NXDOMAIN":
            raise smp.NotRegisteredError("the participant is not registered", cause="nxdomain")
        base_url = smp.smp_address(answer.records, allow_http=self._allow_http)
        report.smp_found(base_url)
        lifetime = min(max(timedelta(seconds=answer.ttl), SHORTEST), LONGEST)
        return Located(base_url=base_url, lifetime=lifetime)

    async def judge_endpoint(self, endpoint: smp.Endpoint) -> pki.Trusted:
        """Whether an endpoint may be used: its address, then its certificate."""
        if smp.split_address(endpoint.address, allow_http=self._allow_http) is None:
            raise smp.NoSupportedTransportError(
                "the receiver's endpoint has an address that must not be used",
                cause="endpoint_address",
            )
        certificate = pki.load_certificate(endpoint.certificate)
        return await informed(lambda: self._judge_receiver(certificate), learn=self._learn)

    def endpoint_report(self, endpoint: smp.Endpoint, trusted: pki.Trusted) -> dict[str, Any]:
        """A judged endpoint as the API shows it."""
        facts = certificate_facts(trusted.certificate, revocation=trusted.revocation)
        return endpoint_facts(endpoint) | {"certificate": facts | {"role": "AP"}}

    def judge_again(self, found: Found) -> None:
        """Judge what was found earlier at this moment. Raises `pki.UntrustedError`."""
        self._judge_receiver(found.certificate)
        pki.judge(
            found.signer,
            policy=self._smp_trust,
            revocation=self._revocation(),
            at=self._clock(),
            usage=pki.Usage.SIGN,
        )

    async def _first_record(
        self,
        located: Located,
        participant: ParticipantId,
        document_type: DocumentTypeId,
        report: Report,
    ) -> Record:
        """The record of the best registration that exists (section 5.1.2.3)."""
        for candidate in smp.candidates(document_type):
            record = await self.source.record(located.base_url, participant, candidate, report)
            if record is not None:
                processes = [identifier_facts(entry.id) for entry in record.information.processes]
                report.listed([document_type_facts(candidate, processes)])
                return record
        refused = report.as_dict()
        cause = "document_type"
        try:
            group = await self.source.group(located.base_url, participant, report)
        except GatewayError:
            group = None  # what is offered instead is a courtesy
        else:
            cause = cause if group is not None else "unknown_to_smp"
        offered = [document_type_facts(kind, []) for kind in group.document_types] if group else []
        raise DocumentTypeNotSupportedError(
            "the receiver does not take this document type",
            cause=cause,
            report=refused | {"document_types": offered},
        )

    def _judge_receiver(self, certificate: pki.Certificate) -> pki.Trusted:
        return pki.judge(
            certificate,
            policy=self._ap_trust,
            revocation=self._revocation(),
            at=self._clock(),
            usage=pki.Usage.ENCRYPT,
        )

    def _expiry(
        self, located: Located, record: Record, endpoint: smp.Endpoint, receiver: pki.Certificate
    ) -> datetime:
        """As long as DNS says, never beyond the end of an endpoint or a certificate."""
        ends = [
            self._clock() + located.lifetime,
            receiver.not_after,
            record.signed.signer.not_after,
        ]
        if endpoint.expiration is not None:
            ends.append(endpoint.expiration)
        return min(ends)


def _evidence(record: Record) -> tuple[Evidence, ...]:
    signer = record.signed.signer
    return (
        Evidence(
            kind="smp_answer", sha256=hashlib.sha256(record.data).hexdigest(), data=record.data
        ),
        Evidence(kind="certificate", sha256=signer.sha256, data=signer.der),
    )
