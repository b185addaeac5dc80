# SPDX-License-Identifier: Apache-2.0
"""How a lookup can end without an endpoint: one class per problem code, with the report so far.

`outcome` is one of the words of docs/api.md (lookups), `code` the problem code that a document
gets, `cause` the finer reason. Only what an authority said for certain is final.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from gateway import pki, smp
from gateway.errors import Fault, GatewayError
from gateway.service.errors import DNSUnavailableError, UnreachableError

_CERTIFICATE_CAUSES: tuple[tuple[type[pki.CertificateError], str], ...] = (
    (pki.RevocationUnknownError, "revocation_unknown"),
    (pki.CertificateRevokedError, "revoked"),
    (pki.CertificateExpiredError, "expired"),
    (pki.NotYetValidError, "not_yet_valid"),
    (pki.WrongNetworkError, "wrong_network"),
    (pki.WrongRoleError, "wrong_role"),
    (pki.UntrustedError, "untrusted"),
    (pki.CertificateError, "unreadable"),
)


class LookupFailedError(GatewayError):
    """No endpoint was found. `report` has the shape of a lookup in docs/api.md."""

    fault = Fault.PEER
    outcome: ClassVar[str] = "smp_unavailable"

    def __init__(
        self, detail: str, *, cause: str, report: dict[str, Any], advice: str = ""
    ) -> None:
        super().__init__(detail, advice=advice)
        self.cause = cause
        self.report = report | {
            "outcome": self.outcome,
            "cause": cause,
            "advice": [text for text in (detail, advice) if text],
        }

    def from_cache(self) -> Self:
        """The same failure once more, for the next asker."""
        report = self.report | {"from_cache": True}
        return type(self)(self.detail, cause=self.cause, report=report, advice=self.advice)


class ParticipantNotRegisteredError(LookupFailedError):
    """DNS says that the participant is not registered, or not usably."""

    code = outcome = "not_registered"


class DocumentTypeNotSupportedError(LookupFailedError):
    """The participant is registered, but does not take this document type."""

    code = outcome = "document_type_not_supported"


class OtherProcessOnlyError(LookupFailedError):
    """The document type is taken in another process."""

    code = outcome = "process_not_supported"


class TransportNotSupportedError(LookupFailedError):
    """There is no endpoint that speaks AS4."""

    code = outcome = "no_supported_transport"


class OutsideDatesError(LookupFailedError):
    """The endpoint is not active yet, or not any more."""

    code = outcome = "endpoint_not_active"


class DNSLookupError(LookupFailedError):
    """DNS gave no answer that says anything."""

    code = outcome = "dns_unavailable"
    fault = Fault.NETWORK
    retry = True


class SMPUnavailableError(LookupFailedError):
    """The SMP gave no usable answer."""

    code = outcome = "smp_unavailable"
    retry = True


class SMPSignatureInvalidError(LookupFailedError):
    """The SMP's answer is not signed as it must be, or not by an SMP of this network."""

    code = outcome = "smp_signature_invalid"


class SMPRevocationUnknownError(SMPSignatureInvalidError):
    """Whether the SMP's certificate is revoked is not known now."""

    code = "revocation_unknown"
    retry = True


class ReceiverUntrustedError(LookupFailedError):
    """The receiver's certificate is not an access point's of this network."""

    code = "receiver_certificate_untrusted"
    outcome = "receiver_certificate_invalid"


class ReceiverExpiredError(ReceiverUntrustedError):
    """The receiver's certificate has expired."""

    code = "receiver_certificate_expired"


class ReceiverRevokedError(ReceiverUntrustedError):
    """The receiver's certificate is revoked."""

    code = "receiver_certificate_revoked"


class ReceiverRevocationUnknownError(ReceiverUntrustedError):
    """Whether the receiver's certificate is revoked is not known now."""

    code = "revocation_unknown"
    retry = True


_BY_CODE: dict[str, type[LookupFailedError]] = {
    "not_registered": ParticipantNotRegisteredError,
    "process_not_supported": OtherProcessOnlyError,
    "no_supported_transport": TransportNotSupportedError,
    "endpoint_not_active": OutsideDatesError,
    "smp_signature_invalid": SMPSignatureInvalidError,
    "receiver_certificate_untrusted": ReceiverUntrustedError,
    "receiver_certificate_expired": ReceiverExpiredError,
    "receiver_certificate_revoked": ReceiverRevokedError,
    "revocation_unknown": ReceiverRevocationUnknownError,
}


class UntrustedSignerError(GatewayError):
    """Carries what is wrong with an SMP's certificate past the code words of receivers'."""

    def __init__(self, error: pki.CertificateError) -> None:
        super().__init__(f"the SMP's certificate: {error.detail}", advice=error.advice)
        self.error = error


def failure(error: GatewayError, report: dict[str, Any]) -> LookupFailedError:
    """What an error of a room or a port means for the lookup."""
    if isinstance(error, LookupFailedError):
        return error
    if isinstance(error, DNSUnavailableError):
        return DNSLookupError(error.detail, cause=error.cause, report=report)
    if isinstance(error, UntrustedSignerError):
        unknown = isinstance(error.error, pki.RevocationUnknownError)
        signer = SMPRevocationUnknownError if unknown else SMPSignatureInvalidError
        cause = certificate_cause(error.error)
        return signer(error.detail, cause=cause, report=report, advice=error.advice)
    if isinstance(error, pki.CertificateError):
        cause = certificate_cause(error)
    elif isinstance(error, smp.DiscoveryError | UnreachableError):
        cause = error.cause
    else:
        cause = "address_refused"
    kind = _BY_CODE.get(error.code, SMPUnavailableError)
    return kind(error.detail, cause=cause, report=report, advice=error.advice)


def certificate_cause(error: pki.CertificateError) -> str:
    """One word for what is wrong with a certificate."""
    return next(word for kind, word in _CERTIFICATE_CAUSES if isinstance(error, kind))
