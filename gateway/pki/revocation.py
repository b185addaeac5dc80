# SPDX-License-Identifier: Apache-2.0
"""Revocation lists that somebody else fetched: check the signature once, then answer from a set.

A `Revocation` is a frozen snapshot; the worker puts a new one in place when lists are refreshed.
Only complete lists count (RFC 5280, section 5): delta lists, indirect lists and lists for some
reasons only are refused at load.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.pki.certificates import PARSE_ERRORS, Certificate
from gateway.pki.errors import CertificateError

MAX_CRL = 32 * 1024 * 1024  # an issuing CA of a few thousand entries has less than 1 MB
CLOCK_SKEW = timedelta(minutes=5)  # by how much an issuer's clock may run before ours
STRONG_HASHES = frozenset({"sha256", "sha384", "sha512"})
_PEM = re.compile(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)


class Standing(StrEnum):
    """What a snapshot knows of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    LAPSED = "lapsed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The answer for one certificate; `why` is a sentence unless it is good."""

    standing: Standing
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CRL:
    """A revocation list whose signature was checked against `signer`."""

    signer: Certificate
    this_update: datetime
    next_update: datetime
    serials: frozenset[int] = field(repr=False)
    for_users: bool
    for_authorities: bool
    sha256: str
    der: bytes = field(repr=False, compare=False)

    def covers(self, certificate: Certificate) -> bool:
        """Whether the list speaks about this kind of certificate."""
        return self.for_authorities if certificate.authority else self.for_users


@dataclass(frozen=True, slots=True)
class Revocation:
    """A snapshot of lists, newest first, by the key that signed them."""

    _lists: Mapping[tuple[bytes, bytes], tuple[CRL, ...]]

    @classmethod
    def none(cls) -> Self:
        """Nothing is known."""
        return cls({})

    @classmethod
    def of(cls, crls: Iterable[CRL]) -> Self:
        """Bring lists in order; several of one issuer may be given."""
        lists: dict[tuple[bytes, bytes], tuple[CRL, ...]] = {}
        for crl in sorted(crls, key=lambda crl: crl.this_update, reverse=True):
            key = (crl.signer.subject_name, crl.signer.key_id)
            lists[key] = (*lists.get(key, ()), crl)
        return cls(lists)

    @property
    def crls(self) -> tuple[CRL, ...]:
        """All lists of the snapshot."""
        return tuple(crl for crls in self._lists.values() for crl in crls)

    def evidence(self, certificate: Certificate) -> tuple[CRL, ...]:
        """The newest list of each authority above the certificate, issuing CA first."""
        found: list[CRL] = []
        name = certificate.issuer_name
        while lists := [crls for (signer, _), crls in self._lists.items() if signer == name]:
            found += [crls[0] for crls in lists]
            name = lists[0][0].signer.issuer_name
            if name == lists[0][0].signer.subject_name:
                break
        return tuple(found)

    def status(self, certificate: Certificate, at: datetime, *, issuer: Certificate) -> Status:
        """What the newest usable list of `issuer` says about a certificate that it issued.

        The list must carry the issuer's name and be signed by the issuer's key. A list that claims
        to be made after `at` is left aside. `LAPSED` means: not listed, in a list that is too old.
        """
        for crl in self._lists.get((certificate.issuer_name, issuer.key_id), ()):
            if crl.this_update <= at + CLOCK_SKEW and crl.covers(certificate):
                return _read(crl, certificate, at)
        return Status(
            standing=Standing.UNKNOWN, why=f"there is no revocation list of {_short(issuer)}"
        )

    def lapsed_for(self, at: datetime, *, issuer: Certificate) -> timedelta:
        """For how long the newest usable list of `issuer` has been out of date at `at`."""
        for crl in self._lists.get((issuer.subject_name, issuer.key_id), ()):
            if crl.this_update <= at + CLOCK_SKEW:
                return max(at - crl.next_update, timedelta(0))
        return timedelta.max


def load_crl(data: bytes, *, issuers: Iterable[Certificate]) -> CRL:
    """Read a list in DER or PEM and check its signature against the issuer that it names.

    Raises `CertificateError` if it cannot be read, is not complete, or is signed by none of
    `issuers` (RFC 5280, section 6.3.3).
    """
    if len(data) > MAX_CRL:
        raise CertificateError("the revocation list is larger than 32 MiB")
    pem = _PEM.search(data)
    try:
        crl = x509.load_pem_x509_crl(pem[0]) if pem else x509.load_der_x509_crl(data)
        return _checked(crl, issuers)
    except PARSE_ERRORS as error:
        raise CertificateError("the revocation list cannot be read") from error


def _checked(crl: x509.CertificateRevocationList, issuers: Iterable[Certificate]) -> CRL:
    for_users, for_authorities = _scope(crl)
    signer = _signer(crl, issuers)
    if crl.next_update_utc is None:  # RFC 5280, section 5.1.2.5 requires it
        raise CertificateError("the revocation list does not say when the next one comes")
    der = crl.public_bytes(Encoding.DER)
    return CRL(
        signer=signer,
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        serials=frozenset(entry.serial_number for entry in crl),
        for_users=for_users,
        for_authorities=for_authorities,
        sha256=hashlib.sha256(der).hexdigest(),
        der=der,
    )


def _signer(crl: x509.CertificateRevocationList, issuers: Iterable[Certificate]) -> Certificate:
    name = crl.issuer.public_bytes()
    named = [issuer for issuer in issuers if issuer.subject_name == name]
    if not named:
        raise CertificateError("the revocation list is from an issuer that is not trusted")
    algorithm = crl.signature_hash_algorithm
    if algorithm is None or algorithm.name not in STRONG_HASHES:
        raise CertificateError("the revocation list is signed with a weak algorithm")
    for issuer in named:
        if "crl_sign" in issuer.key_usages and crl.is_signature_valid(issuer.public_key):
            return issuer
    raise CertificateError("the revocation list is not signed by the issuer that it names")


def _scope(crl: x509.CertificateRevocationList) -> tuple[bool, bool]:
    """For users' and for authorities' certificates; raises for a list that is not complete."""
    users = authorities = True
    for extension in crl.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if value.indirect_crl or value.only_some_reasons or value.only_contains_attribute_certs:
                raise CertificateError("the revocation list is not complete")
            users = not value.only_contains_ca_certs
            authorities = not value.only_contains_user_certs
        elif extension.critical:  # a delta list's indicator is critical, so is what is unknown
            raise CertificateError("the revocation list has a critical extension, a delta perhaps")
    return users, authorities


def _read(crl: CRL, certificate: Certificate, at: datetime) -> Status:
    if certificate.serial in crl.serials:
        return Status(
            standing=Standing.REVOKED, why=f"it is on the revocation list of {_short(crl.signer)}"
        )
    if at > crl.next_update:
        return Status(
            standing=Standing.LAPSED,
            why=f"the revocation list of {_short(crl.signer)} lapsed at {crl.next_update:%F %R}Z",
        )
    return _GOOD


def _short(issuer: Certificate) -> str:
    return issuer.common_name or issuer.subject


_GOOD = Status(standing=Standing.GOOD)
