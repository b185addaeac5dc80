# SPDX-License-Identifier: Apache-2.0
"""Whether a certificate is trusted, for one purpose, at one moment.

Trust is a value: `TrustPolicy` names the role, the network, the anchors and what to do without
revocation data, and has no defaults. The issuing CA tells access points from SMPs; the subject's
organisational unit is only a cross-check. Nothing is fetched and no clock is read here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from gateway.pki.certificates import Certificate
from gateway.pki.chains import CHAINS, Chain, build_chains, signed_itself
from gateway.pki.errors import (
    CertificateError,
    CertificateExpiredError,
    CertificateRevokedError,
    NotYetValidError,
    RevocationUnknownError,
    UntrustedError,
    WrongNetworkError,
    WrongRoleError,
)
from gateway.pki.keys import MAX_RSA_BITS, MIN_RSA_BITS
from gateway.pki.revocation import STRONG_HASHES, Revocation, Standing

# "PEPPOL TEST AP" and its three sisters; see the subject table of the Peppol PKI.
_UNIT = re.compile(r"PEPPOL (TEST|PRODUCTION) (AP|SMP)", re.IGNORECASE)
# What the names of authorities for the other role say.
_OTHER_ROLE_CA = {
    "ap": re.compile(r"SERVICE METADATA PUBLISH|\bSMP\b", re.IGNORECASE),
    "smp": re.compile(r"ACCESS POINT|\bAP\b", re.IGNORECASE),
}
_UNIT_WORD = {"test": "TEST", "production": "PRODUCTION"}


class Role(StrEnum):
    """What the holder of a certificate does."""

    AP = "ap"
    SMP = "smp"


class Usage(StrEnum):
    """What a certificate is wanted for; the value is the key usage it needs."""

    SIGN = "digital_signature"
    ENCRYPT = "key_encipherment"


class Unknown(StrEnum):
    """What to do where the revocation of a certificate is not known."""

    ACCEPT = "accept"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """Who is trusted: the holders of one role in one network.

    A certificate must be issued by one of `issuers`, the issuing CAs of this one role, and these by
    one of `roots` where roots are given. Without `issuers` it must stand directly under a root.
    `network` is `sandbox`, `test` or `production`. A revocation list that lapsed is still taken
    for `grace`; after that its answer is unknown.
    """

    role: Role
    network: str
    roots: tuple[Certificate, ...]
    issuers: tuple[Certificate, ...]
    unknown_revocation: Unknown
    grace: timedelta

    def __post_init__(self) -> None:
        if not self.roots and not self.issuers:
            raise CertificateError("a trust policy needs a root or an issuing CA")

    @classmethod
    def of(
        cls,
        *,
        role: Role,
        network: str,
        certificates: Iterable[Certificate],
        unknown_revocation: Unknown,
        grace: timedelta,
    ) -> Self:
        """Sort a bundle: what signed itself is a root, the rest are issuing CAs.

        A CA whose name says that it serves the other role is left out, so that one bundle does for
        both. Raises `CertificateError` if that leaves none of several.
        """
        bundle = tuple(dict.fromkeys(certificates))
        roots = tuple(c for c in bundle if signed_itself(c))
        others = tuple(c for c in bundle if c not in roots)
        other_role = _OTHER_ROLE_CA[role]
        issuers = tuple(c for c in others if not other_role.search(c.common_name))
        if others and not issuers:
            raise CertificateError(f"no certificate of the bundle issues for the role {role}")
        return cls(
            role=role,
            network=network,
            roots=roots,
            issuers=issuers,
            unknown_revocation=unknown_revocation,
            grace=grace,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A certificate that was judged good; `revocation` is `good` or `unknown: <why>`.

    `chain` runs from the certificate to its anchor.
    """

    certificate: Certificate
    revocation: str
    chain: tuple[Certificate, ...]


def judge(
    certificate: Certificate,
    *,
    policy: TrustPolicy,
    revocation: Revocation,
    at: datetime,
    usage: Usage,
) -> Trusted:
    """Decide whether a certificate is trusted for `usage` at the moment `at`.

    1. key, signature algorithm and subject fit the role and the network;
    2. it was issued by the pinned CA of the role, and that by a root;
    3. the key usage allows what it is wanted for;
    4. it and its issuers are valid at `at`;
    5. neither it nor its issuer is revoked, as far as the snapshot knows.

    The caller still owes the binding: that the seat id is the one the message names. Steps 1 and 2
    do not depend on time and are remembered; the others are taken at each call.
    Raises `UntrustedError` or one of its subclasses.
    """
    # 1, 2
    chains = CHAINS.get((certificate, policy))
    if chains is None:
        _check_form(certificate)
        _check_subject(certificate, policy)
        chains = build_chains(certificate, roots=policy.roots, issuers=policy.issuers)
        CHAINS.put((certificate, policy), chains)
    # 3
    if usage.value not in certificate.key_usages:
        raise UntrustedError(f"the key usage of the certificate lacks {usage.value}")
    # 4
    chain = _valid_at(chains, at)
    # 5
    doubt = _revocation_doubt(chain, policy, revocation, at)
    return Trusted(
        certificate=certificate,
        revocation=f"unknown: {doubt}" if doubt else "good",
        chain=chain,
    )


def _check_form(certificate: Certificate) -> None:
    bits = certificate.public_key.key_size
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        raise UntrustedError(f"the RSA key has {bits} bits, 2048 to 4096 are allowed")
    if certificate.signature_hash not in STRONG_HASHES:
        raise UntrustedError("the certificate is signed with a hash weaker than SHA-256")
    if certificate.authority:
        raise UntrustedError("the certificate belongs to an authority, not to a seat")


def _check_subject(certificate: Certificate, policy: TrustPolicy) -> None:
    try:
        _ = certificate.party_id
    except CertificateError as error:
        raise UntrustedError(error.detail) from error
    units = [_UNIT.fullmatch(unit.strip()) for unit in certificate.organisational_units]
    found = [(unit[1].upper(), unit[2].lower()) for unit in units if unit]
    network = _UNIT_WORD.get(policy.network)
    if network and not found:
        raise WrongRoleError("the organisational unit names neither an access point nor an SMP")
    for unit_network, unit_role in found:
        if unit_role != policy.role:
            raise WrongRoleError(
                f"the certificate is one of the role {unit_role}, the role {policy.role} is due"
            )
        if network and unit_network != network:
            raise WrongNetworkError(
                f"the certificate is of the {unit_network.lower()} network, "
                f"we run in the {policy.network} network"
            )


def _valid_at(chains: tuple[Chain, ...], at: datetime) -> Chain:
    """The first chain of which every certificate is valid; a CA may exist in two editions."""
    for chain in chains:
        if all(c.not_before <= at <= c.not_after for c in chain):
            return chain
    culprit = next(c for c in chains[0] if not c.not_before <= at <= c.not_after)
    if at > culprit.not_after:
        raise CertificateExpiredError(
            f"the certificate {culprit.subject} expired at {culprit.not_after:%F %R}Z"
        )
    raise NotYetValidError(
        f"the certificate {culprit.subject} becomes valid at {culprit.not_before:%F %R}Z"
    )


def _revocation_doubt(
    chain: Chain, policy: TrustPolicy, revocation: Revocation, at: datetime
) -> str:
    """Empty if nothing is revoked and all is known, else what is not known."""
    doubt = ""
    for certificate, issuer in itertools.pairwise(chain):
        status = revocation.status(certificate, at, issuer=issuer)
        if status.standing is Standing.GOOD:
            continue
        if status.standing is Standing.REVOKED:
            raise CertificateRevokedError(
                f"the certificate {certificate.subject} is revoked: {status.why}"
            )
        in_grace = (
            status.standing is Standing.LAPSED
            and revocation.lapsed_for(at, issuer=issuer) <= policy.grace
        )
        if not in_grace and policy.unknown_revocation is Unknown.REFUSE:
            raise RevocationUnknownError(
                f"whether {certificate.subject} is revoked is not known: {status.why}",
                crl_urls=certificate.crl_urls,
                advice="Check that the revocation lists can be fetched.",
            )
        doubt = doubt or status.why
    return doubt
