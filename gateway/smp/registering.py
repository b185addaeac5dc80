# SPDX-License-Identifier: Apache-2.0
"""What may be registered with us: judge a record that a management client writes.

Sources: Peppol SMP 1.4.0, sections 4 and 5; Policy for use of Identifiers 4.4.0, sections 5.1.2
and 7 (schemes, wildcards, transport profiles).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway import pki
from gateway.errors import Fault, GatewayError
from gateway.identifiers import (
    PROCESS_SCHEME,
    DocumentTypeId,
    TransportProfile,
)
from gateway.smp.metadata import Endpoint, Process, Redirect, ServiceMetadata
from gateway.smp.names import split_address
from gateway.smp.subjects import read_subject

MAX_PROCESSES = 50
MAX_ENDPOINTS = 20  # of one process: one per transport profile, more while a certificate changes
MAX_TEXT = 1000  # of a description or a contact


class RegistrationRefusedError(GatewayError):
    """A record that we do not publish; the sentence says why."""

    code = "malformed_request"
    fault = Fault.CALLER


def registrable(
    metadata: ServiceMetadata,
    *,
    ap_trust: pki.TrustPolicy,
    revocation: pki.Revocation,
    at: datetime,
    allow_http: bool = False,
) -> ServiceMetadata:
    """The record as it will be published. Raises `RegistrationRefusedError`.

    Certificates come out as base64 on one line. One that is good but whose revocation is not
    known is taken: the senders judge it again.
    """
    if isinstance(metadata, Redirect):
        return _redirect(metadata, allow_http=allow_http)
    refuse_wildcard(metadata.document_type)
    if not 0 < len(metadata.processes) <= MAX_PROCESSES:
        raise RegistrationRefusedError("a record has 1 to 50 processes")
    if len({process.id for process in metadata.processes}) != len(metadata.processes):
        raise RegistrationRefusedError("a process stands there twice")
    lenient = replace(ap_trust, unknown_revocation=pki.Unknown.ACCEPT)
    processes = []
    for process in metadata.processes:
        _check_process(process)
        endpoints = []
        for endpoint in process.endpoints:
            _check_endpoint(endpoint, allow_http=allow_http)
            certificate = _judged(endpoint, policy=lenient, revocation=revocation, at=at)
            endpoints.append(replace(endpoint, certificate=certificate))
        processes.append(replace(process, endpoints=tuple(endpoints)))
    return replace(metadata, processes=tuple(processes))


def refuse_wildcard(document_type: DocumentTypeId) -> None:
    """Check where a `*` stands (5.1.2): once, last, directly behind a part, no part twice."""
    customization = document_type.customization_id
    if "*" not in document_type.value:
        return
    parts = customization.removesuffix("*").split("@")
    if (
        not customization.endswith("*")
        or document_type.value.count("*") > 1
        or not all(parts)
        or len(set(parts)) != len(parts)
    ):
        raise RegistrationRefusedError(
            "a '*' stands once, at the end of the customization, directly behind a part"
        )


def _redirect(redirect: Redirect, *, allow_http: bool) -> Redirect:
    if split_address(redirect.href, allow_http=allow_http) is None:
        raise RegistrationRefusedError("a redirect needs an https address")
    if read_subject(redirect.certificate_uid) is None:
        raise RegistrationRefusedError(
            "CertificateUID must be the subject of the other SMP's certificate"
        )
    return redirect


def _check_process(process: Process) -> None:
    if process.id.scheme != PROCESS_SCHEME:
        raise RegistrationRefusedError(f"the process scheme is {PROCESS_SCHEME}")
    if not 0 < len(process.endpoints) <= MAX_ENDPOINTS:
        raise RegistrationRefusedError("a process has 1 to 20 endpoints")
    for number, endpoint in enumerate(process.endpoints):
        for other in process.endpoints[:number]:
            if endpoint.transport_profile == other.transport_profile and _overlap(endpoint, other):
                raise RegistrationRefusedError(
                    "two endpoints of one transport profile are active at the same time"
                )


def _check_endpoint(endpoint: Endpoint, *, allow_http: bool) -> None:
    if endpoint.transport_profile != TransportProfile.AS4_V2:
        raise RegistrationRefusedError(
            f"the transport profile {endpoint.transport_profile[:60]!r} is retired or unknown",
            advice=f"Use {TransportProfile.AS4_V2}.",
        )
    if split_address(endpoint.address, allow_http=allow_http) is None:
        raise RegistrationRefusedError("an endpoint needs an https address")
    texts = (endpoint.description, endpoint.technical_contact, endpoint.technical_information)
    if any(len(text or "") > MAX_TEXT for text in texts):
        raise RegistrationRefusedError("a description or contact is too long")
    if not endpoint.description or not endpoint.technical_contact:
        raise RegistrationRefusedError("an endpoint needs a description and a technical contact")


def _judged(
    endpoint: Endpoint, *, policy: pki.TrustPolicy, revocation: pki.Revocation, at: datetime
) -> str:
    """The certificate on one line, if it is an access point's of this network."""
    try:
        certificate = pki.load_certificate(endpoint.certificate)
        pki.judge(certificate, policy=policy, revocation=revocation, at=at, usage=pki.Usage.ENCRYPT)
    except pki.CertificateError as error:
        raise RegistrationRefusedError(
            f"the endpoint's certificate is not acceptable: {error.detail}"
        ) from error
    return certificate_text(certificate)


def certificate_text(certificate: pki.Certificate) -> str:
    """A certificate as an endpoint carries it: base64 without line breaks."""
    return "".join(certificate.pem.decode("ascii").split("-----")[2].split())


def _overlap(one: Endpoint, other: Endpoint) -> bool:
    """Whether there is a moment at which both are active."""
    starts = [entry.activation for entry in (one, other) if entry.activation is not None]
    ends = [entry.expiration for entry in (one, other) if entry.expiration is not None]
    return not starts or not ends or max(starts) < min(ends)
