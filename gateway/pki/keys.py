# SPDX-License-Identifier: Apache-2.0
"""Our own private keys behind two small interfaces, so that a hardware module fits in their place.

`Signer` makes RSASSA-PKCS1-v1_5 signatures with SHA-256, `Unwrapper` opens RSA-OAEP with SHA-256
and MGF1-SHA-256 (eDelivery AS4 2.0, 3.2.6). `KeyPair` is both, from PEM. Load it once at the start:
checking an RSA key takes 40 to 300 ms.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.pki.certificates import Certificate, load_certificates
from gateway.pki.errors import CertificateError, KeyPairError, KeyUnwrapError

MIN_RSA_BITS = 2048  # Peppol leafs have 2048
MAX_RSA_BITS = 4096  # larger keys only cost a verifier time

_PKCS1 = padding.PKCS1v15()
_SHA256 = hashes.SHA256()
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


class Signer(Protocol):
    """Something that signs as the subject of a certificate."""

    @property
    def certificate(self) -> Certificate:
        """Whose signature it is."""

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data`."""


class Unwrapper(Protocol):
    """Something that opens keys which were encrypted to a certificate."""

    @property
    def certificate(self) -> Certificate:
        """Whose key is used."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open RSA-OAEP with SHA-256 and MGF1-SHA-256. Raises `KeyUnwrapError`."""


class KeyPair:
    """A private key in memory and its certificate; never shows the key."""

    __slots__ = ("_certificate", "_key")

    def __init__(self, *, key: RSAPrivateKey, certificate: Certificate) -> None:
        """Raises `KeyPairError` unless the key is the certificate's and of a usable size."""
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise KeyPairError(f"the RSA key has {key.key_size} bits, 2048 to 4096 are usable")
        if key.public_key() != certificate.public_key:
            raise KeyPairError("the private key does not belong to the certificate")
        self._key = key
        self._certificate = certificate

    def __repr__(self) -> str:
        return f"KeyPair({self._certificate.subject!r})"

    @property
    def certificate(self) -> Certificate:
        """The public half."""
        return self._certificate

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over `data`."""
        return self._key.sign(data, _PKCS1, _SHA256)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open RSA-OAEP with SHA-256 and MGF1-SHA-256. Raises `KeyUnwrapError`."""
        try:
            return self._key.decrypt(wrapped, _OAEP)
        except ValueError as error:
            raise KeyUnwrapError from error


def load_key_pair(
    key_pem: bytes, certificate_pem: bytes, *, password: bytes | None = None
) -> KeyPair:
    """Read a key and its certificate; of a chain file the first certificate counts.

    Raises `KeyPairError`, in words without any path or secret.
    """
    try:
        key = load_pem_private_key(key_pem, password)
        certificate = load_certificates(certificate_pem)[0]
    except CertificateError as error:
        raise KeyPairError(f"the certificate of the key: {error.detail}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyPairError(
            "the private key cannot be read",
            advice="Give a PEM file with one RSA key, and its password if it has one.",
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyPairError("the private key is not an RSA key")
    return KeyPair(key=key, certificate=certificate)
