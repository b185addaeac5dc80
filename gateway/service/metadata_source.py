# SPDX-License-Identifier: Apache-2.0
"""Verified records of other SMPs: fetch, verify, follow one redirect, compare with the question.

Source: Peppol SMP 1.4.0, sections 4.3, 5 and 5.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway import pki, smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.errors import UnreachableError
from gateway.service.lookup_errors import UntrustedSignerError
from gateway.service.lookup_report import Report
from gateway.service.ports import Clock, MetadataTransport
from gateway.service.revocations import Learn, informed
from gateway.service.stopwatch import Stopwatch

_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A verified record and the bytes it was in."""

    information: smp.ServiceInformation
    signed: smp.SignedServiceMetadata
    data: bytes


class MetadataSource:
    """Reads SMPs; each step leaves its mark in the report."""

    def __init__(
        self,
        *,
        transport: MetadataTransport,
        trust: pki.TrustPolicy,
        revocation: Callable[[], pki.Revocation],
        learn: Learn,
        clock: Clock,
        allow_http: bool,
    ) -> None:
        self._transport = transport
        self._trust = trust
        self._revocation = revocation
        self._learn = learn
        self._clock = clock
        self._allow_http = allow_http

    async def group(
        self, base_url: str, participant: ParticipantId, report: Report
    ) -> smp.ServiceGroup | None:
        """What the SMP lists for the participant; None when it does not know the participant."""
        data = await self._get(base_url + smp.group_path(participant), report)
        return None if data is None else smp.parse_service_group(data)

    async def record(
        self,
        base_url: str,
        participant: ParticipantId,
        registered: DocumentTypeId,
        report: Report,
    ) -> Record | None:
        """One verified record, over one redirect at most; None where there is none."""
        url = base_url + smp.metadata_path(participant, registered)
        data = await self._get(url, report)
        if data is None:
            return None
        signed = await self._verified(data, report)
        if isinstance(signed.metadata, smp.Redirect):
            data, signed = await self._redirected(signed.metadata, report)
        information = signed.metadata
        if isinstance(information, smp.Redirect):
            raise smp.RedirectRefusedError(
                "the receiver's SMP redirects to one that redirects again", cause="redirect_loop"
            )
        if information.participant != participant:
            raise smp.SignatureInvalidError(
                "the SMP answered with a record of another participant", cause="other_participant"
            )
        if information.document_type != registered:
            raise smp.SignatureInvalidError(
                "the SMP answered with another document type", cause="other_document_type"
            )
        return Record(information=information, signed=signed, data=data)

    async def _redirected(
        self, redirect: smp.Redirect, report: Report
    ) -> tuple[bytes, smp.SignedServiceMetadata]:
        """Follow a redirect, once, to the SMP whose certificate it names (section 4.3)."""
        if smp.split_address(redirect.href, allow_http=self._allow_http) is None:
            raise smp.RedirectRefusedError(
                "the receiver's SMP redirects to an address that must not be used",
                cause="redirect_address",
            )
        data = await self._get(redirect.href, report, redirected=True)
        if data is None:
            raise UnreachableError(
                "the SMP that was redirected to does not know the record", cause="http_status"
            )
        signed = await self._verified(data, report)
        if not smp.same_subject(redirect.certificate_uid, signed.signer.subject):
            report.smp_refused()
            raise smp.SignatureInvalidError(
                "the record is signed by another SMP than the redirect names",
                cause="redirect_certificate",
            )
        return data, signed

    async def _get(self, url: str, report: Report, *, redirected: bool = False) -> bytes | None:
        """GET; None for 404. Every other answer than 200 is a failure to be tried again."""
        watch = Stopwatch()
        answer = await self._transport.get(url)
        watch.lap("ms")
        report.smp_answered(answer.status, milliseconds=watch.laps["ms"], redirected=redirected)
        if answer.status == _NOT_FOUND:
            return None
        if answer.status != _OK:
            raise UnreachableError(
                f"the SMP answered with status {answer.status}", cause="http_status"
            )
        return answer.body

    async def _verified(self, data: bytes, report: Report) -> smp.SignedServiceMetadata:
        try:
            signed = await informed(lambda: self._verify(data), learn=self._learn)
        except pki.CertificateError as error:
            report.smp_refused()
            raise UntrustedSignerError(error) from error
        except smp.SignatureInvalidError:
            report.smp_refused()
            raise
        report.smp_verified(signed)
        return signed

    def _verify(self, data: bytes) -> smp.SignedServiceMetadata:
        return smp.verify(data, trust=self._trust, revocation=self._revocation(), at=self._clock())
