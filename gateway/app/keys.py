# SPDX-License-Identifier: Apache-2.0
"""Reads keys, certificates and trust anchors from the files that the settings name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gateway import pki
from gateway.errors import Fault, GatewayError
from gateway.settings import AS4, Settings

GRACE = timedelta(days=1)  # how long a revocation list that lapsed is still good enough

_ISSUERS = {pki.Role.AP: "ap_issuers", pki.Role.SMP: "smp_issuers"}


class TrustAnchorError(GatewayError):
    """A file of the settings holds no certificate, or not the one that the network demands."""

    code = "invalid_settings"
    fault = Fault.CALLER


def trust_policy(settings: Settings, role: pki.Role) -> pki.TrustPolicy:
    """Whom to trust in this role. Raises `TrustAnchorError`."""
    return pki.TrustPolicy(
        role=role,
        network=settings.preset.name,
        roots=_anchors(settings, "roots"),
        issuers=_anchors(settings, _ISSUERS[role]),
        unknown_revocation=pki.Unknown(settings.network.unknown_revocation),
        grace=GRACE,
    )


def authorities(settings: Settings) -> tuple[pki.Certificate, ...]:
    """Every authority of the network, once."""
    names = ("roots", "ap_issuers", "smp_issuers")
    return tuple(dict.fromkeys(c for name in names for c in _anchors(settings, name)))


def key_pair(settings: Settings, key: str, certificate: str) -> pki.KeyPair:
    """A private key with its certificate. Raises `pki.KeyPairError` or `pki.CertificateError`."""
    return pki.load_key_pair(
        settings.path(key).read_bytes(), settings.path(certificate).read_bytes()
    )


def key_pairs(settings: Settings, as4: AS4) -> tuple[pki.KeyPair, ...]:
    """The pair that signs, then the next one during a rollover: both open what is sent to us."""
    pairs = [key_pair(settings, as4.key, as4.certificate)]
    if as4.next_key and as4.next_certificate:
        pairs.append(key_pair(settings, as4.next_key, as4.next_certificate))
    return tuple(pairs)


def _anchors(settings: Settings, name: str) -> tuple[pki.Certificate, ...]:
    found: list[pki.Certificate] = []
    for file in getattr(settings.network, name):
        found += _certificates(settings.path(file))
    demanded = settings.preset.authorities.get(name)
    if demanded and any(certificate.sha256 != demanded for certificate in found):
        raise TrustAnchorError(
            f"[network] {name} holds a certificate that is not of the network"
            f" {settings.preset.name}",
            advice=f"The network's certificate has the SHA-256 fingerprint {demanded}.",
        )
    return tuple(found)


def _certificates(file: Path) -> tuple[pki.Certificate, ...]:
    try:
        return pki.load_certificates(file.read_bytes())
    except pki.CertificateError as error:
        raise TrustAnchorError(f"{file.name}: {error.detail}") from error
