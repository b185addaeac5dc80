# SPDX-License-Identifier: Apache-2.0
"""Certificates, keys, revocation and the signature rules that the engine rooms share.

Pure: somebody else fetches, and the moment is an argument. Enter by these names only.
"""

from __future__ import annotations

from gateway.pki import xmldsig
from gateway.pki.certificates import Certificate, load_certificate, load_certificates
from gateway.pki.errors import (
    CertificateError,
    CertificateExpiredError,
    CertificateRevokedError,
    KeyPairError,
    KeyUnwrapError,
    NotYetValidError,
    RevocationUnknownError,
    SignatureError,
    SignaturePolicyError,
    SignatureValueError,
    UntrustedError,
    WrongNetworkError,
    WrongRoleError,
)
from gateway.pki.keys import KeyPair, Signer, Unwrapper, load_key_pair
from gateway.pki.revocation import CRL, Revocation, Standing, Status, load_crl
from gateway.pki.trust import Role, Trusted, TrustPolicy, Unknown, Usage, judge

__all__ = [
    "CRL",
    "Certificate",
    "CertificateError",
    "CertificateExpiredError",
    "CertificateRevokedError",
    "KeyPair",
    "KeyPairError",
    "KeyUnwrapError",
    "NotYetValidError",
    "Revocation",
    "RevocationUnknownError",
    "Role",
    "SignatureError",
    "SignaturePolicyError",
    "SignatureValueError",
    "Signer",
    "Standing",
    "Status",
    "TrustPolicy",
    "Trusted",
    "Unknown",
    "UntrustedError",
    "Unwrapper",
    "Usage",
    "WrongNetworkError",
    "WrongRoleError",
    "judge",
    "load_certificate",
    "load_certificates",
    "load_crl",
    "load_key_pair",
    "xmldsig",
]
