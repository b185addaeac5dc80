# SPDX-License-Identifier: Apache-2.0
"""X.509 certificates as values: load them, describe them, read the seat id out of the subject.

Loading says nothing about trust; `trust.py` judges. Certificates come as DER, as PEM, or as the
bare base64 of SMP answers and security tokens, which may be full of line breaks. All certificates
of the Peppol PKI are RSA; others are refused here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from gateway.errors import GatewayError
from gateway.identifiers import InvalidIdentifierError, PartyId
from gateway.pki.errors import CertificateError

MAX_CERTIFICATE = 16 * 1024  # real ones have 2 kB; the ceiling is for tokens of strangers
MAX_CERTIFICATE_TEXT = 24 * 1024  # the same in base64 with line breaks
MAX_BUNDLE = 1024 * 1024  # a file of the operator's with several certificates
_CACHED = 1024  # the network has a few hundred access points and SMPs

_PEM_BLOCK = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----(.*?)-----END (?:X509 )?CERTIFICATE-----", re.DOTALL
)
_BLANKS = re.compile(rb"\s+|&#(?:13|10|9|xd|xa|x9|x0d|x0a|x09);", re.IGNORECASE)
_SPACED = re.compile(r", {1,8}(?=[A-Za-z0-9.]{1,40} {0,8}=)")  # as many write names for people
_MAX_NAME = 4096
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)

# The parser raises these for broken input; a warning becomes an error under `-W error` only.
PARSE_ERRORS = (
    ValueError,
    TypeError,
    OverflowError,
    UserWarning,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """An X.509 certificate with an RSA key, read completely; equal if the DER bytes are equal.

    `subject` and `issuer` are RFC 4514 text for people; compare `subject_name` and `issuer_name`.
    `common_name` is empty unless the subject has exactly one. `key_id` is the SHA-256 of the
    public key, `signature_hash` the hash its issuer signed with, such as `sha256`.
    """

    der: bytes = field(repr=False)
    sha256: str
    subject: str
    issuer: str
    subject_name: bytes = field(repr=False)
    issuer_name: bytes = field(repr=False)
    serial: int
    not_before: datetime
    not_after: datetime
    common_name: str
    organisational_units: tuple[str, ...]
    organisation: str
    country: str
    public_key: RSAPublicKey = field(repr=False)
    key_id: bytes = field(repr=False)
    signature_hash: str
    key_usages: frozenset[str]
    authority: bool
    subject_key_id: bytes | None = field(repr=False)
    authority_key_id: bytes | None = field(repr=False)
    crl_urls: tuple[str, ...]
    x509: x509.Certificate = field(repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @property
    def party_id(self) -> PartyId:
        """The seat id in the subject's common name. Raises `CertificateError` if it is none."""
        try:
            return PartyId(self.common_name)
        except InvalidIdentifierError as error:
            raise CertificateError(
                f"the common name {self.common_name[:40]!r} of the certificate is not a seat id"
            ) from error

    @property
    def pem(self) -> bytes:
        """The certificate with its BEGIN and END lines."""
        return self.x509.public_bytes(Encoding.PEM)

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer carry the same name, as a root's do."""
        return self.subject_name == self.issuer_name

    def is_named_by(self, *, issuer: str, serial: int) -> bool:
        """Whether an `X509IssuerSerial` means this certificate; the order of the name is free."""
        if serial != self.serial:
            return False
        try:
            named = x509.Name.from_rfc4514_string(_SPACED.sub(",", issuer[:_MAX_NAME]))
        except PARSE_ERRORS:
            return False
        return _attributes(named) == _attributes(self.x509.issuer)


def load_certificate(data: bytes | str) -> Certificate:
    """Read one certificate from DER, PEM or base64 text with blanks in it.

    Raises `CertificateError` for anything else, for more than one certificate, and above 16 KiB.
    """
    raw = data.encode("ascii", "replace") if isinstance(data, str) else data
    if raw[:1] == b"\x30" and raw[1:2] >= b"\x80":
        return _from_der(raw)
    if len(raw) > MAX_CERTIFICATE_TEXT:
        raise CertificateError("the certificate is larger than 16 KiB")
    blocks = _PEM_BLOCK.findall(raw)
    if len(blocks) > 1:
        raise CertificateError("one certificate is wanted here, the text has several")
    return _from_der(_decode(blocks[0] if blocks else raw))


def load_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Read every certificate of a PEM file in order; text around the blocks is skipped.

    Raises `CertificateError`, also for a file without any certificate.
    """
    if len(pem) > MAX_BUNDLE:
        raise CertificateError("the certificate file is larger than 1 MiB")
    blocks = _PEM_BLOCK.findall(pem)
    if not blocks:
        return (load_certificate(pem),)
    return tuple(_from_der(_decode(block)) for block in blocks)


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(_BLANKS.sub(b"", text), validate=True)
    except binascii.Error as error:
        raise CertificateError("the certificate is neither DER nor PEM nor base64") from error


def _from_der(der: bytes) -> Certificate:
    if len(der) > MAX_CERTIFICATE:
        raise CertificateError("the certificate is larger than 16 KiB")
    return _parsed(der)


@lru_cache(maxsize=_CACHED)
def _parsed(der: bytes) -> Certificate:
    # Errors are not remembered, so that strangers cannot fill the cache with rubbish that fails.
    try:
        return _read(der, x509.load_der_x509_certificate(der))
    except GatewayError:
        raise
    except PARSE_ERRORS as error:
        raise CertificateError("the certificate cannot be read") from error


def _read(der: bytes, certificate: x509.Certificate) -> Certificate:
    key = certificate.public_key()
    if certificate.version is not x509.Version.v3 or not isinstance(key, RSAPublicKey):
        raise CertificateError("the certificate is not X.509 version 3 with an RSA key")
    extensions = certificate.extensions
    constraints = _extension(extensions, x509.BasicConstraints)
    subject_key = _extension(extensions, x509.SubjectKeyIdentifier)
    authority_key = _extension(extensions, x509.AuthorityKeyIdentifier)
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature_hash = certificate.signature_hash_algorithm
    common_names = _texts(certificate.subject, NameOID.COMMON_NAME)
    return Certificate(
        der=der,
        sha256=hashlib.sha256(der).hexdigest(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        subject_name=certificate.subject.public_bytes(),
        issuer_name=certificate.issuer.public_bytes(),
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        common_name=common_names[0] if len(common_names) == 1 else "",
        organisational_units=_texts(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
        organisation=" ".join(_texts(certificate.subject, NameOID.ORGANIZATION_NAME)),
        country=" ".join(_texts(certificate.subject, NameOID.COUNTRY_NAME)),
        public_key=key,
        key_id=hashlib.sha256(spki).digest(),
        signature_hash=signature_hash.name if signature_hash else "",
        key_usages=_key_usages(extensions),
        authority=bool(constraints and constraints.ca),
        subject_key_id=subject_key.digest if subject_key else None,
        authority_key_id=authority_key.key_identifier if authority_key else None,
        crl_urls=_crl_urls(extensions),
        x509=certificate,
    )


def _extension(extensions: x509.Extensions, kind: type[_Extension]) -> _Extension | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _key_usages(extensions: x509.Extensions) -> frozenset[str]:
    usage = _extension(extensions, x509.KeyUsage)
    return frozenset(name for name in _USAGES if usage and getattr(usage, name))


def _crl_urls(extensions: x509.Extensions) -> tuple[str, ...]:
    points = _extension(extensions, x509.CRLDistributionPoints) or ()
    names = [name for point in points for name in point.full_name or ()]
    return tuple(n.value for n in names if isinstance(n, x509.UniformResourceIdentifier))


def _texts(name: x509.Name, oid: x509.ObjectIdentifier) -> tuple[str, ...]:
    values = [attribute.value for attribute in name.get_attributes_for_oid(oid)]
    return tuple(value for value in values if isinstance(value, str))


def _attributes(name: x509.Name) -> list[tuple[str, str]]:
    return sorted((a.oid.dotted_string, str(a.value)) for a in name)
