# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a certificate, a key or a signature.

Everything `judge` raises is an `UntrustedError`; its subclasses carry the code words of
docs/api.md. Signature errors come in two kinds, because AS4 answers them differently:
`SignaturePolicyError` for what we refuse to compute (EBMS:0103) and `SignatureValueError` for what
does not match (EBMS:0101).
"""

from __future__ import annotations

from gateway.errors import Fault, GatewayError


class CertificateError(GatewayError):
    """A certificate or a revocation list cannot be read, or is not what it should be."""

    code = "receiver_certificate_untrusted"
    fault = Fault.PEER


class UntrustedError(CertificateError):
    """A certificate was read well and is not acceptable for this purpose."""


class WrongRoleError(UntrustedError):
    """An access point's certificate where an SMP's is due, or the reverse."""


class WrongNetworkError(UntrustedError):
    """A test certificate in production, or the reverse."""


class NotYetValidError(UntrustedError):
    """The certificate, or the authority that issued it, becomes valid later."""


class CertificateExpiredError(UntrustedError):
    """The certificate, or the authority that issued it, is no longer valid."""

    code = "receiver_certificate_expired"


class CertificateRevokedError(UntrustedError):
    """The certificate, or the authority that issued it, stands on a revocation list."""

    code = "receiver_certificate_revoked"


class RevocationUnknownError(UntrustedError):
    """No usable revocation list, and the policy wants one; `crl_urls` is where it would be."""

    code = "revocation_unknown"
    fault = Fault.NETWORK
    retry = True

    def __init__(self, detail: str, *, crl_urls: tuple[str, ...] = (), advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.crl_urls = crl_urls


class KeyPairError(GatewayError):
    """A private key cannot be used: unreadable, wrong size, or not the certificate's."""


class KeyUnwrapError(GatewayError):
    """An encrypted key cannot be decrypted; one text for every cause, so that nothing leaks."""

    code = "ebms_error"
    fault = Fault.PEER

    def __init__(self) -> None:
        super().__init__("the encrypted key cannot be decrypted")


class SignatureError(GatewayError):
    """An XML signature is not acceptable."""

    code = "signature_invalid"
    fault = Fault.PEER


class SignaturePolicyError(SignatureError):
    """The signature has a form or an algorithm that is refused before anything is computed."""


class SignatureValueError(SignatureError):
    """The signature value or a digest does not match what was received."""
