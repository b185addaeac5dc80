# SPDX-License-Identifier: Apache-2.0
"""Keys and trusted certificates as Java programs read them: PKCS#12 files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import Certificate as X509Certificate
from cryptography.x509 import load_der_x509_certificate

from gateway.sandbox.issuing import Authority
from gateway.sandbox.pki import IssuedLeaf, LocalPKI

PASSWORD = "peppol"  # of the files and of the keys in them; they are made for one run
_ENCRYPTION = BestAvailableEncryption(PASSWORD.encode())


def keystore(leaf: IssuedLeaf, chain: Iterable[Authority], *, alias: str) -> bytes:
    """The key of an access point or an SMP with its chain, under this alias."""
    key = load_pem_private_key(leaf.key_pem, password=None)
    return pkcs12.serialize_key_and_certificates(
        alias.encode(),
        key,  # type: ignore[arg-type]  # RSA, like all of ours
        load_der_x509_certificate(leaf.certificate.der),
        [_x509(one) for one in chain],
        _ENCRYPTION,
    )


def truststore(authorities: Iterable[Authority]) -> bytes:
    """The authorities that a program is to trust."""
    trusted = [pkcs12.PKCS12Certificate(_x509(one), one.name.encode()) for one in authorities]
    return pkcs12.serialize_java_truststore(trusted, _ENCRYPTION)


def write_stores(folder: Path, pki: LocalPKI) -> dict[str, Path]:
    """Trust stores of a PKI by role: `ap` (root and CA of access points), `smp` (CA of SMPs)."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"ap": (pki.root, pki.ap_ca), "smp": (pki.root, pki.smp_ca)}
    files = {}
    for role, authorities in wanted.items():
        files[role] = folder / f"truststore-{role}.p12"
        files[role].write_bytes(truststore(authorities))
    return files


def _x509(authority: Authority) -> X509Certificate:
    return load_der_x509_certificate(authority.certificate.der)
