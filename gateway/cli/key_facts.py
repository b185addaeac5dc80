# SPDX-License-Identifier: Apache-2.0
"""What `keys show` tells about certificates, requests, private keys and revocation lists.

Describes, judges nothing: whether a certificate is trusted is decided with a policy, in `pki`.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from gateway.errors import Fault, GatewayError
from gateway.identifiers import InvalidIdentifierError, PartyId

Facts: TypeAlias = dict[str, str | int | bool | list[str] | None]

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_ROLES = (
    ("AP", "AP"),
    ("SMP", "SMP"),
    ("ACCESS POINT", "AP"),
    ("SERVICE METADATA PUBLISHER", "SMP"),
)
_PARSE_ERRORS = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


class UnknownKeyFileError(GatewayError):
    """A file holds nothing that `keys show` can describe."""

    code = "malformed_request"
    fault = Fault.CALLER


def describe(data: bytes, at: datetime) -> list[Facts]:
    """Facts about everything in a file, PEM blocks in order or one DER structure.

    Raises `UnknownKeyFileError`.
    """
    blocks = list(_BLOCK.finditer(data))
    if not blocks:
        return [_describe_der(data, at)]
    return [_describe_pem(block[1].decode("ascii"), block[0], at) for block in blocks]


def _describe_pem(label: str, block: bytes, at: datetime) -> Facts:
    try:
        if label in ("CERTIFICATE", "X509 CERTIFICATE"):
            return _certificate(x509.load_pem_x509_certificate(block), at)
        if label.endswith("CERTIFICATE REQUEST"):
            return _request(x509.load_pem_x509_csr(block))
        if label == "X509 CRL":
            return _crl(x509.load_pem_x509_crl(block), at)
        if label == "ENCRYPTED PRIVATE KEY" or b"Proc-Type: 4,ENCRYPTED" in block:
            return {"kind": "private key", "encrypted": True}
        if label.endswith("PRIVATE KEY"):
            return _private_key(load_pem_private_key(block, None))
    except _PARSE_ERRORS as error:
        raise UnknownKeyFileError(f"the block {label} cannot be read") from error
    raise UnknownKeyFileError(f"the block {label} is nothing that is known here")


def _describe_der(data: bytes, at: datetime) -> Facts:
    readers: tuple[Callable[[], Facts], ...] = (
        lambda: _certificate(x509.load_der_x509_certificate(data), at),
        lambda: _crl(x509.load_der_x509_crl(data), at),
        lambda: _request(x509.load_der_x509_csr(data)),
        lambda: _private_key(load_der_private_key(data, None)),
    )
    for read in readers:
        with contextlib.suppress(*_PARSE_ERRORS):
            return read()
    raise UnknownKeyFileError(
        "this is no certificate, request, private key or revocation list",
        advice="Give PEM or DER files.",
    )


def _certificate(certificate: x509.Certificate, at: datetime) -> Facts:
    der = certificate.public_bytes(Encoding.DER)
    left = certificate.not_valid_after_utc - at
    return {
        "kind": "certificate",
        **_subject(certificate.subject),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "authority": _is_authority(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "days_left": left.days,
        "state": _state(certificate, at),
        **_public_key(certificate.public_key()),
        "sha256": hashlib.sha256(der).hexdigest(),
        "crl_urls": _crl_urls(certificate),
    }


def _request(request: x509.CertificateSigningRequest) -> Facts:
    return {
        "kind": "certificate request",
        **_subject(request.subject),
        "signature_valid": request.is_signature_valid,
        **_public_key(request.public_key()),
    }


def _private_key(key: object) -> Facts:
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise UnknownKeyFileError("the private key is neither RSA nor elliptic")
    return {"kind": "private key", "encrypted": False, **_public_key(key.public_key())}


def _crl(crl: x509.CertificateRevocationList, at: datetime) -> Facts:
    until = crl.next_update_utc
    return {
        "kind": "revocation list",
        "issuer": crl.issuer.rfc4514_string(),
        "this_update": crl.last_update_utc.isoformat(),
        "next_update": until.isoformat() if until else None,
        "days_left": (until - at).days if until else None,
        "state": "lapsed" if until and until < at else "current",
        "entries": len(crl),
    }


def _subject(name: x509.Name) -> Facts:
    def texts(oid: x509.ObjectIdentifier) -> list[str]:
        return [str(attribute.value) for attribute in name.get_attributes_for_oid(oid)]

    common_names, units = texts(NameOID.COMMON_NAME), texts(NameOID.ORGANIZATIONAL_UNIT_NAME)
    told = f" {' '.join(units + common_names).upper()} "
    role = next((role for phrase, role in _ROLES if f" {phrase} " in told), None)
    words = told.split() if role or units else ()
    return {
        "subject": name.rfc4514_string(),
        "seat": next(filter(_is_seat, common_names), None),
        "role": role,
        "network": next((word for word in ("TEST", "PRODUCTION") if word in words), None),
        "organisation": next(iter(texts(NameOID.ORGANIZATION_NAME)), None),
    }


def _is_seat(common_name: str) -> bool:
    try:
        PartyId(common_name)
    except InvalidIdentifierError:
        return False
    return True


def _public_key(key: object) -> Facts:
    if isinstance(key, rsa.RSAPublicKey):
        kind = f"RSA {key.key_size}"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        kind = f"EC {key.curve.name}"
    else:
        return {"key": "neither RSA nor elliptic"}
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"key": kind, "key_sha256": hashlib.sha256(spki).hexdigest()}


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for point in points for name in point.full_name or ()]


def _state(certificate: x509.Certificate, at: datetime) -> str:
    if at > certificate.not_valid_after_utc:
        return "expired"
    return "valid" if at >= certificate.not_valid_before_utc else "not yet valid"
