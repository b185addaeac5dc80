# SPDX-License-Identifier: Apache-2.0
"""A PKI of the Peppol shape for a laptop: one root, a CA for access points, one for SMPs, a web CA.

`issue` makes good certificates and, asked for a `Flaw`, each kind that must be refused; tests build
all their certificates with it. The names differ from the real ones, so that a mix-up is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway import pki
from gateway.pki import Role
from gateway.sandbox.flaws import Flaw, leaf_form
from gateway.sandbox.issuing import (
    Authority,
    Subject,
    authority_form,
    key_pem,
    make_certificate,
    make_crl,
    new_key,
    read_key,
)
from gateway.sandbox.private_files import write_private
from gateway.sandbox.tls import IssuedTLS, TLSAuthority

ORGANISATION = "Local Test PKI"
PROVIDER = "Local Test Provider"
_AUTHORITIES = ("root", "ap-ca", "smp-ca")
_FACTS = "pki.json"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IssuedLeaf:
    """A certificate and its private key."""

    key_pem: bytes
    certificate_pem: bytes
    certificate: pki.Certificate

    @property
    def pair(self) -> pki.KeyPair:
        """Both, ready to sign and to decrypt."""
        return pki.load_key_pair(self.key_pem, self.certificate_pem)


class LocalPKI:
    """The authorities with their keys, and what they have revoked."""

    def __init__(
        self,
        *,
        root: Authority,
        ap_ca: Authority,
        smp_ca: Authority,
        tls_ca: TLSAuthority,
        network: str,
        country: str,
        crl_base_url: str,
        revoked: dict[str, list[int]] | None = None,
        keys: Callable[[int], RSAPrivateKey] = new_key,
    ) -> None:
        self.root = root
        self.ap_ca = ap_ca
        self.smp_ca = smp_ca
        self.tls_ca = tls_ca
        self.network = network
        self.country = country
        self.crl_base_url = crl_base_url
        self.revoked = revoked or {name: [] for name in _AUTHORITIES}
        self._keys = keys
        self._foreign: LocalPKI | None = None

    def issuer(self, role: Role) -> Authority:
        """The CA that issues for a role."""
        return self.ap_ca if role is Role.AP else self.smp_ca

    def issue(
        self,
        role: Role,
        seat: str,
        *,
        at: datetime,
        days: int = 720,
        flaw: Flaw | None = None,
        organisation: str = PROVIDER,
        key: RSAPrivateKey | None = None,
    ) -> IssuedLeaf:
        """A certificate for an access point or an SMP, valid from the day before `at`."""
        key = key or self._keys(1024 if flaw is Flaw.RSA1024 else 2048)
        subject = Subject(
            country=self.country,
            organisation=organisation,
            unit=f"PEPPOL {self.network} {role}".upper(),
            common_name=seat,
        )
        form = leaf_form(subject, at, days=days, flaw=flaw)
        by = self._signer(role, flaw, at)
        certificate = make_certificate(form, key=key, issuer=by, crl_base_url=self.crl_base_url)
        if flaw is Flaw.REVOKED:
            self.revoke(certificate)
        return IssuedLeaf(key_pem(key), certificate.pem, certificate)

    def revoke(self, certificate: pki.Certificate) -> None:
        """Put a certificate on the list of the authority that issued it."""
        for authority in self.authorities:
            if authority.certificate.subject_name == certificate.issuer_name:
                self.revoked[authority.name].append(certificate.serial)

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Root, CA of the access points, CA of the SMPs."""
        return (self.root, self.ap_ca, self.smp_ca)

    def crls(self, at: datetime, *, days: int = 7) -> dict[str, bytes]:
        """The current revocation list of every authority by file name, in DER."""
        return {
            f"{authority.name}.crl": make_crl(
                authority, self.revoked[authority.name], at=at, next_update=at + days * _DAY
            )
            for authority in self.authorities
        }

    def revocation(self, at: datetime, *, days: int = 7) -> pki.Revocation:
        """The same lists, checked and ready to judge with."""
        issuers = [authority.certificate for authority in self.authorities]
        lists = self.crls(at, days=days)
        return pki.Revocation.of(pki.load_crl(crl, issuers=issuers) for crl in lists.values())

    def trust(
        self,
        role: Role,
        *,
        unknown_revocation: pki.Unknown = pki.Unknown.REFUSE,
        grace: timedelta = _DAY,
    ) -> pki.TrustPolicy:
        """Trust in the holders of one role of this PKI."""
        return pki.TrustPolicy(
            role=role,
            network=self.network,
            roots=(self.root.certificate,),
            issuers=(self.issuer(role).certificate,),
            unknown_revocation=unknown_revocation,
            grace=grace,
        )

    def issue_tls(self, hosts: Iterable[str], *, at: datetime) -> IssuedTLS:
        """A certificate for an https server."""
        return self.tls_ca.issue(hosts, at=at)

    def save(self, folder: Path) -> None:
        """Write certificates, keys (readable by the owner alone) and the revoked serials."""
        folder.mkdir(parents=True, exist_ok=True)
        for authority in self.authorities:
            folder.joinpath(f"{authority.name}.pem").write_bytes(authority.certificate.pem)
            write_private(folder / f"{authority.name}.key.pem", key_pem(authority.key))
        self.tls_ca.save(folder)
        facts = {
            "network": self.network,
            "country": self.country,
            "crl_base_url": self.crl_base_url,
            "revoked": {n: [f"{s:x}" for s in serials] for n, serials in self.revoked.items()},
        }
        folder.joinpath(_FACTS).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        facts = json.loads(folder.joinpath(_FACTS).read_text("utf-8"))
        root, ap_ca, smp_ca = (_read_authority(folder, name) for name in _AUTHORITIES)
        revoked = {n: [int(s, 16) for s in serials] for n, serials in facts["revoked"].items()}
        return cls(
            root=root,
            ap_ca=ap_ca,
            smp_ca=smp_ca,
            tls_ca=TLSAuthority.load(folder),
            network=facts["network"],
            country=facts["country"],
            crl_base_url=facts["crl_base_url"],
            revoked=revoked,
        )

    def _signer(self, role: Role, flaw: Flaw | None, at: datetime) -> Authority | None:
        if flaw is Flaw.SELF_SIGNED:
            return None
        if flaw is Flaw.BY_ROOT:
            return self.root
        return self.foreign(at).issuer(role) if flaw is Flaw.FOREIGN else self.issuer(role)

    def foreign(self, at: datetime) -> LocalPKI:
        """Another PKI whose authorities carry the same names and have other keys."""
        if self._foreign is None:
            self._foreign = make_pki(
                at,
                country=self.country,
                crl_base_url=self.crl_base_url,
                network=self.network,
                keys=self._keys,
            )
        return self._foreign


def make_pki(
    at: datetime,
    *,
    country: str = "NL",
    crl_base_url: str,
    network: str = "test",
    keys: Callable[[int], RSAPrivateKey] = new_key,
) -> LocalPKI:
    """A new PKI that is valid around `at`; `network="production"` gives one of that look."""
    word = "TEST " if network == "test" else ""

    def make(name: str, common_name: str, issuer: Authority | None) -> Authority:
        subject = Subject(
            country=country,
            organisation=ORGANISATION,
            unit="FOR TEST ONLY" if word else "",
            common_name=f"LOCAL {common_name} {word}CA - G3",
        )
        key = keys(2048)
        form = authority_form(subject, at, path_length=1 if issuer else None)
        certificate = make_certificate(form, key=key, issuer=issuer, crl_base_url=crl_base_url)
        return Authority(name, certificate, key)

    root = make("root", "Root", None)
    return LocalPKI(
        root=root,
        ap_ca=make("ap-ca", "ACCESS POINT", root),
        smp_ca=make("smp-ca", "SERVICE METADATA PUBLISHER", root),
        tls_ca=TLSAuthority.make(at),
        network=network,
        country=country,
        crl_base_url=crl_base_url,
        keys=keys,
    )


def _read_authority(folder: Path, name: str) -> Authority:
    certificate = pki.load_certificate(folder.joinpath(f"{name}.pem").read_bytes())
    return Authority(name, certificate, read_key(folder.joinpath(f"{name}.key.pem").read_bytes()))
