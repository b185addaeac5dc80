# SPDX-License-Identifier: Apache-2.0
"""A small web CA for the https servers of the sandbox and of tests.

Peppol certificates cannot serve TLS and must not (Transport Security Policy 1.1.0), hence a CA of
its own, with elliptic keys because they are made at once.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.sandbox.private_files import write_private

_CERTIFICATE_FILE = "tls-ca.pem"
_KEY_FILE = "tls-ca.key.pem"
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LOCAL WEB TEST CA")])
_SHA256 = hashes.SHA256()


@dataclass(frozen=True, slots=True)
class IssuedTLS:
    """A server's key and its certificate, followed by the CA's."""

    key_pem: bytes
    certificate_pem: bytes


@dataclass(frozen=True, slots=True)
class TLSAuthority:
    """The web CA."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, at: datetime) -> Self:
        """A new CA that is valid around `at`."""
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(_NAME, key.public_key(), at, days=3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, _SHA256)
        )
        return cls(certificate, key)

    def save(self, folder: Path) -> None:
        """Write the certificate and the key, the key readable by the owner alone."""
        folder.joinpath(_CERTIFICATE_FILE).write_bytes(self.pem)
        write_private(folder / _KEY_FILE, _key_pem(self.key))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        key = load_pem_private_key(folder.joinpath(_KEY_FILE).read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        pem = folder.joinpath(_CERTIFICATE_FILE).read_bytes()
        return cls(x509.load_pem_x509_certificate(pem), key)

    @property
    def pem(self) -> bytes:
        """The certificate, for the trust stores of clients."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, hosts: Iterable[str], *, at: datetime, days: int = 90) -> IssuedTLS:
        """A server certificate for host names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_general_name(host) for host in hosts]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names[0].value))])
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        certificate = (
            _builder(subject, key.public_key(), at, days=days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(server, critical=False)
            .add_extension(authority_key, critical=False)
            .sign(self.key, _SHA256)
        )
        return IssuedTLS(_key_pem(key), certificate.public_bytes(Encoding.PEM) + self.pem)


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, *, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_NAME)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _general_name(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
