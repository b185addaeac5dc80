# SPDX-License-Identifier: Apache-2.0
"""Judging certificates that others made: of the real network, and of the labs of other programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway import pki
from gateway.pki import Role, Usage
from tests.shared import shared


def judge(
    certificate: pki.Certificate,
    trust: pki.TrustPolicy,
    *,
    at: datetime,
    usage: Usage = Usage.SIGN,
) -> pki.Trusted:
    return pki.judge(
        certificate, policy=trust, revocation=pki.Revocation.none(), at=at, usage=usage
    )


def sorted_policy(role: Role, certificates: list[pki.Certificate]) -> pki.TrustPolicy:
    return pki.TrustPolicy.of(
        role=role,
        network="test",
        certificates=certificates,
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(0),
    )


def real(*names: str) -> list[pki.Certificate]:
    folder = shared("data/pki")
    return [pki.load_certificate((folder / f"{name}.pem").read_bytes()) for name in names]


REAL = [
    ("g3-test-ap-POP000306", "g3-test", Role.AP),
    ("g3-test-ap-PDE000576", "g3-test", Role.AP),
    ("g2-test-ap-POP000306", "g2-test", Role.AP),
    ("g2-test-smp-POP000010", "g2-test", Role.SMP),
    ("g2-prod-smp-PNL000052", "g2-prod", Role.SMP),
]


@pytest.mark.parametrize(("leaf", "generation", "role"), REAL)
def test_real_leafs_under_the_real_authorities(leaf: str, generation: str, role: Role) -> None:
    (certificate,) = real(f"leaf-samples/{leaf}")
    bundle = real(f"{generation}-root", f"{generation}-ap-ca", f"{generation}-smp-ca")
    network = "production" if "prod" in generation else "test"
    trust = replace(sorted_policy(role, bundle), network=network)
    moment = certificate.not_before + timedelta(days=100)
    for usage in Usage:
        assert len(judge(certificate, trust, at=moment, usage=usage).chain) == 3
    with pytest.raises(pki.CertificateExpiredError):
        judge(certificate, trust, at=certificate.not_after + timedelta(seconds=1))
    other = replace(sorted_policy(Role.AP if role is Role.SMP else Role.SMP, bundle))
    with pytest.raises(pki.UntrustedError):
        judge(certificate, other, at=moment)


def test_a_g2_leaf_is_not_trusted_by_g3() -> None:
    (certificate,) = real("leaf-samples/g2-test-ap-POP000306")
    trust = sorted_policy(Role.AP, real("g3-test-root", "g3-test-ap-ca"))
    with pytest.raises(pki.UntrustedError, match="G2"):
        judge(certificate, trust, at=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("network", ["sandbox", "test"])
@pytest.mark.parametrize(
    ("folder", "anchors", "leaf"),
    [
        ("data/as4/own/pki", ("root.cert.pem", "apca.cert.pem"), "POP990001.cert.pem"),
        ("data/as4/peers/oxalis-lab", ("root.cert.pem", "ap-ca.cert.pem"), "ap1.cert.pem"),
        ("data/smp-samples/local-made", ("local-root.pem", "local-ap-ca.pem"), "local-ap-leaf.pem"),
    ],
)
def test_lab_pkis_are_good_enough(
    network: str, folder: str, anchors: tuple[str, ...], leaf: str
) -> None:
    files = shared(folder)
    bundle = [pki.load_certificate((files / name).read_bytes()) for name in anchors]
    trust = replace(sorted_policy(Role.AP, bundle), network=network)
    certificate = pki.load_certificate((files / leaf).read_bytes())
    moment = max(certificate.not_before, datetime(2026, 11, 20, 12, tzinfo=UTC))
    for usage in Usage:
        assert judge(certificate, trust, at=moment, usage=usage).revocation.startswith("unknown")
