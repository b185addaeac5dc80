# SPDX-License-Identifier: Apache-2.0
"""Who appears: a toy PKI of the Peppol shape and the holders of good and of bad certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_YEAR = timedelta(days=365)
_NAMES = {
    "CN": NameOID.COMMON_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "C": NameOID.COUNTRY_NAME,
}


@dataclass(frozen=True)
class Holder:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(*parts: tuple[str, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(_NAMES[kind], value) for kind, value in parts])


def _authority_name(common_name: str) -> x509.Name:
    return _name(("CN", common_name), ("OU", "FOR TEST ONLY"), ("O", "Forge PKI"), ("C", "NL"))


def seat_name(seat: str, unit: str = "PEPPOL TEST AP") -> x509.Name:
    return _name(("CN", seat), ("OU", unit), ("O", "Forge"), ("C", "NL"))


def _usage(*, sign: bool, encipher: bool, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=False,
        key_encipherment=encipher,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def issue(
    subject: x509.Name,
    public_key: rsa.RSAPublicKey,
    issuer: Holder | None,
    signing_key: rsa.RSAPrivateKey,
    *,
    authority: bool = False,
    start: datetime = AT - _YEAR,
    end: datetime = AT + _YEAR,
    sign: bool = True,
    usage: bool = True,
) -> x509.Certificate:
    """One certificate; without issuer it signs itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if usage:
        key_usage = _usage(sign=sign, encipher=not authority, authority=authority)
        builder = builder.add_extension(key_usage, critical=True)
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(purpose, critical=True)
    return builder.sign(signing_key, hashes.SHA256())


class Cast:
    """All holders by name; keys are drawn once and shared where that changes nothing."""

    def __init__(self) -> None:
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        root_key = self._key("root")
        root = issue(
            _authority_name("FORGE Root CA"),
            root_key.public_key(),
            None,
            root_key,
            authority=True,
            start=AT - 2 * _YEAR,
            end=AT + 9 * _YEAR,
        )
        self.root = Holder(root, root_key)
        self.ap_ca = self._authority("FORGE Access Point CA", "ca", self.root)
        self.smp_ca = self._authority("FORGE SMP CA", "smp ca", self.root)
        self.holders = self._good() | self._bad()

    def __getitem__(self, name: str) -> Holder:
        return self.holders[name]

    def crl(self) -> bytes:
        """The list of the access point CA, with the one that is revoked."""
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(self["revoked"].certificate.serial_number)
            .revocation_date(AT - timedelta(days=3))
            .build()
        )
        builder = x509.CertificateRevocationListBuilder().issuer_name(
            self.ap_ca.certificate.subject
        )
        builder = builder.last_update(AT - timedelta(days=1)).next_update(AT + timedelta(days=1))
        builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.ap_ca.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _key(self, name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
        if name not in self._keys:
            self._keys[name] = rsa.generate_private_key(65537, bits)
        return self._keys[name]

    def _authority(self, common_name: str, key: str, by: Holder) -> Holder:
        own = self._key(key)
        name = _authority_name(common_name)
        made = issue(name, own.public_key(), by, by.key, authority=True, end=AT + 5 * _YEAR)
        return Holder(made, own)

    def _good(self) -> dict[str, Holder]:
        seats = {
            "sender": "POP990011",
            "receiver": "POP990012",
            "receiver next": "POP990012",
            "third": "POP990013",
            "revoked": "POP990011",
        }
        return {role: self._leaf(seat, role) for role, seat in seats.items()}

    def _leaf(self, seat: str, key: str, **form: object) -> Holder:
        own = self._key(key)
        made = issue(seat_name(seat), own.public_key(), self.ap_ca, self.ap_ca.key, **form)  # type: ignore[arg-type]
        return Holder(made, own)

    def _bad(self) -> dict[str, Holder]:
        key = self._key("sender")
        name = seat_name("POP990011")
        stranger = Holder(
            issue(_authority_name("FORGE Access Point CA"), key.public_key(), None, key,
                  authority=True), key)  # fmt: skip
        outsider = issue(name, key.public_key(), None, key)
        weak = self._key("weak", 1024)
        huge = rsa.RSAPublicNumbers(65537, (1 << 8191) + 12345).public_key()
        smp = seat_name("POP990011", "PEPPOL TEST SMP")
        authority = self._leaf("POP990011", "sender", authority=True)
        by_root = issue(name, key.public_key(), self.root, self.root.key)
        by_smp_ca = issue(name, key.public_key(), self.smp_ca, self.smp_ca.key)
        smp_unit = issue(smp, key.public_key(), self.ap_ca, self.ap_ca.key)
        oversized = issue(name, huge, self.ap_ca, self.ap_ca.key)
        two_names = x509.Name([*name, x509.NameAttribute(NameOID.COMMON_NAME, "POP990013")])
        return {
            "expired": self._leaf("POP990011", "sender", end=AT - timedelta(days=1)),
            "not yet": self._leaf("POP990011", "sender", start=AT + timedelta(days=1)),
            "no signing": self._leaf("POP990011", "sender", sign=False),
            "no usage": self._leaf("POP990011", "sender", usage=False),
            "no seat": self._leaf("Acme Access Point", "sender"),
            "authority": authority,
            "under leaf": Holder(issue(name, key.public_key(), authority,
                                       key), key),
            "outsider": Holder(outsider, key),
            "other network": Holder(issue(name, key.public_key(), stranger, stranger.key), key),
            "by root": Holder(by_root, key),
            "by smp ca": Holder(by_smp_ca, key),
            "smp unit": Holder(smp_unit, key),
            "weak": Holder(issue(name, weak.public_key(), self.ap_ca, self.ap_ca.key), weak),
            "oversized": Holder(oversized, key),
            "two names": Holder(issue(two_names, key.public_key(), self.ap_ca,
                                      self.ap_ca.key), key),
            "reversed": Holder(issue(x509.Name(list(reversed(list(name)))), key.public_key(),
                                     self.ap_ca, self.ap_ca.key), key),
        }  # fmt: skip
