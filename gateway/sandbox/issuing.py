# SPDX-License-Identifier: Apache-2.0
"""Makes certificates and revocation lists of the Peppol shape, good ones and flawed ones.

For the sandbox and for tests; nothing here is fit for the real network. The shape follows the G3
generation: RSA with SHA-256, critical key usage, critical clientAuth, no alternative names.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from gateway import pki

AUTHORITY_USAGES = frozenset({"digital_signature", "key_cert_sign", "crl_sign"})
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA of the sandbox; `name` is the stem of its files and of its revocation list."""

    name: str
    certificate: pki.Certificate
    key: RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The parts of a subject, in the order in which they are encoded."""

    country: str
    organisation: str
    unit: str = ""
    common_name: str
    reverse: bool = False

    @property
    def name(self) -> x509.Name:
        """As X.509 has it."""
        parts = [
            (NameOID.COUNTRY_NAME, self.country),
            (NameOID.ORGANIZATION_NAME, self.organisation),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, self.unit),
            (NameOID.COMMON_NAME, self.common_name),
        ]
        attributes = [x509.NameAttribute(oid, value) for oid, value in parts if value]
        return x509.Name(attributes[::-1] if self.reverse else attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Everything about a certificate to be made but its issuer."""

    subject: Subject
    not_before: datetime
    not_after: datetime
    usages: frozenset[str]
    authority: bool = False
    path_length: int | None = None
    weak_hash: bool = False


def new_key(bits: int) -> RSAPrivateKey:
    """A fresh RSA key; 2048 bits take a tenth of a second."""
    return generate_private_key(public_exponent=65537, key_size=bits)


def key_pem(key: RSAPrivateKey) -> bytes:
    """The key in PEM (PKCS 8) without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(data: bytes) -> RSAPrivateKey:
    """A key that this room wrote."""
    key = load_pem_private_key(data, None)
    assert isinstance(key, RSAPrivateKey)
    return key


def make_certificate(
    form: Form, *, key: RSAPrivateKey, issuer: Authority | None, crl_base_url: str
) -> pki.Certificate:
    """Issue a certificate for `key`; without an issuer it signs itself."""
    public = key.public_key()
    subject = form.subject.name
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.x509.subject if issuer else subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(form.not_before)
        .not_valid_after(form.not_after)
        .add_extension(x509.BasicConstraints(form.authority, form.path_length), critical=True)
        .add_extension(_key_usage(form.usages), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if not form.authority:
        client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(client, critical=True)
    if issuer:
        builder = _add_addresses(builder, issuer, crl_base_url)
    # SHA-1 is worse, but the library does not sign with it any more.
    algorithm = hashes.SHA224() if form.weak_hash else hashes.SHA256()
    signed = builder.sign(issuer.key if issuer else key, algorithm)
    return pki.load_certificate(signed.public_bytes(Encoding.DER))


def make_crl(
    authority: Authority,
    serials: Collection[int],
    *,
    at: datetime,
    next_update: datetime,
    key: RSAPrivateKey | None = None,
) -> bytes:
    """A revocation list in DER; `key` signs in place of the authority, to make a false one."""
    signer = key or authority.key
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.x509.subject)
        .last_update(at)
        .next_update(next_update)
        .add_extension(key_id, critical=False)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def authority_form(subject: Subject, at: datetime, *, path_length: int | None) -> Form:
    """A CA that began three years ago, so that leafs may be older than the sandbox."""
    return Form(
        subject=subject,
        not_before=at - timedelta(days=1200),
        not_after=at + timedelta(days=3650),
        usages=AUTHORITY_USAGES,
        authority=True,
        path_length=path_length,
    )


def _key_usage(wanted: frozenset[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in wanted for name in _USAGES})


def _add_addresses(
    builder: x509.CertificateBuilder, issuer: Authority, crl_base_url: str
) -> x509.CertificateBuilder:
    base = f"{crl_base_url.rstrip('/')}/{issuer.name}"
    point = x509.DistributionPoint(
        [x509.UniformResourceIdentifier(f"{base}.crl")], None, None, None
    )
    access = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(f"{base}.crt")
    )
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return (
        builder.add_extension(key_id, critical=False)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    )
