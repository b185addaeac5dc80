# SPDX-License-Identifier: Apache-2.0
"""Loading certificates in every wrapping they come in, and refusing what is none."""

from __future__ import annotations

import base64
import textwrap
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway import pki
from gateway.identifiers import PartyId
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.pki_fixtures import AT, CRL_BASE_URL, shared_key
from tests.shared import shared


def test_facts_of_a_leaf(sender_leaf: IssuedLeaf, local_pki: LocalPKI) -> None:
    certificate = sender_leaf.certificate
    assert certificate.party_id == PartyId("POP000111")
    assert certificate.common_name == "POP000111"
    assert certificate.organisational_units == ("PEPPOL TEST AP",)
    assert certificate.organisation == "Local Test Provider"
    assert certificate.country == "NL"
    assert certificate.subject == "CN=POP000111,OU=PEPPOL TEST AP,O=Local Test Provider,C=NL"
    assert certificate.issuer == local_pki.ap_ca.certificate.subject
    assert certificate.not_before == AT - timedelta(days=1)
    assert certificate.not_after == AT + timedelta(days=719)
    assert certificate.crl_urls == (f"{CRL_BASE_URL}/ap-ca.crl",)
    assert certificate.authority_key_id == local_pki.ap_ca.certificate.subject_key_id
    assert "data_encipherment" in certificate.key_usages
    assert certificate.signature_hash == "sha256"
    assert not certificate.authority
    assert not certificate.self_issued
    assert local_pki.root.certificate.self_issued
    assert len(certificate.sha256) == 64


def wrappings(der: bytes) -> dict[str, bytes | str]:
    text = base64.b64encode(der).decode()
    lines = "\n".join(textwrap.wrap(text, 64))
    pem = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    return {
        "der": der,
        "pem": pem.encode(),
        "pem text": f"\n  {pem}",
        "base64": text,
        "base64 bytes": text.encode(),
        "line breaks": lines.replace("\n", "\r\n"),
        "escaped returns": lines.replace("\n", "&#13;\n"),
        "escaped hex returns": lines.replace("\n", "&#xD;\n\t"),
        "one line pem": f"-----BEGIN CERTIFICATE----- {text} -----END CERTIFICATE-----",
    }


@pytest.mark.parametrize("wrapping", list(wrappings(b"")))
def test_every_wrapping_gives_the_same(wrapping: str, sender_leaf: IssuedLeaf) -> None:
    der = sender_leaf.certificate.der
    loaded = pki.load_certificate(wrappings(der)[wrapping])
    assert loaded == sender_leaf.certificate
    assert hash(loaded) == hash(sender_leaf.certificate)
    assert loaded.pem == sender_leaf.certificate_pem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "no base64 at all!",
        "MIIB",
        "ünïcode",
        b"\x30\x82\x01\x00short",
        b"\x30\x82" + bytes(17_000),
        "A" * 30_000,
        "A" * 24_000,
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
    ],
)
def test_anything_else_is_refused(data: bytes | str) -> None:
    with pytest.raises(pki.CertificateError):
        pki.load_certificate(data)


def test_trailing_bytes_are_refused(sender_leaf: IssuedLeaf) -> None:
    with pytest.raises(pki.CertificateError):
        pki.load_certificate(sender_leaf.certificate.der + b"\0")


def test_a_chain_is_not_one_certificate(sender_leaf: IssuedLeaf, local_pki: LocalPKI) -> None:
    chain = sender_leaf.certificate_pem + b"# comment\n" + local_pki.ap_ca.certificate.pem
    with pytest.raises(pki.CertificateError, match="several"):
        pki.load_certificate(chain)
    assert pki.load_certificates(chain) == (
        sender_leaf.certificate,
        local_pki.ap_ca.certificate,
    )


def test_a_bundle_of_one_der_certificate(sender_leaf: IssuedLeaf) -> None:
    assert pki.load_certificates(sender_leaf.certificate.der) == (sender_leaf.certificate,)
    with pytest.raises(pki.CertificateError):
        pki.load_certificates(b"nothing here")
    with pytest.raises(pki.CertificateError, match="1 MiB"):
        pki.load_certificates(bytes(1024 * 1024 + 1))


def test_flipped_bytes_raise_our_error_alone(sender_leaf: IssuedLeaf) -> None:
    der = sender_leaf.certificate.der
    for position in range(0, len(der), 3):
        for mask in (0x01, 0x20, 0xFF):
            broken = bytearray(der)
            broken[position] ^= mask
            try:
                loaded = pki.load_certificate(bytes(broken))
                assert loaded != sender_leaf.certificate
            except pki.CertificateError:
                pass
    for cut in range(0, len(der), 7):
        with pytest.raises(pki.CertificateError):
            pki.load_certificate(der[:cut])


def test_elliptic_keys_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "POP000111")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    with pytest.raises(pki.CertificateError, match="RSA"):
        pki.load_certificate(built.public_bytes(Encoding.DER))


def test_a_bare_certificate_has_no_extras() -> None:
    key = shared_key()
    names = [x509.NameAttribute(NameOID.COMMON_NAME, one) for one in ("POP000111", "POP000112")]
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name(names))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate = pki.load_certificate(built.public_bytes(Encoding.DER))
    assert certificate.key_usages == frozenset()
    assert certificate.subject_key_id is None
    assert certificate.authority_key_id is None
    assert certificate.crl_urls == ()
    assert not certificate.authority
    assert certificate.common_name == ""
    with pytest.raises(pki.CertificateError, match="seat id"):
        _ = certificate.party_id


def test_issuer_and_serial_name_a_certificate(sender_leaf: IssuedLeaf, local_pki: LocalPKI) -> None:
    certificate = sender_leaf.certificate
    reverse = ",".join(reversed(certificate.issuer.split(",")))
    serial = certificate.serial
    assert certificate.is_named_by(issuer=certificate.issuer, serial=serial)
    assert certificate.is_named_by(issuer=reverse, serial=serial)
    assert certificate.is_named_by(issuer=certificate.issuer.replace(",", ", "), serial=serial)
    assert not certificate.is_named_by(issuer=certificate.issuer, serial=serial + 1)
    assert not certificate.is_named_by(issuer="CN=Somebody else", serial=serial)
    assert not certificate.is_named_by(issuer="not a name", serial=serial)


def test_the_order_of_the_subject_is_free(local_pki: LocalPKI) -> None:
    leaf = local_pki.issue(pki.Role.AP, "POP000111", at=AT, flaw=Flaw.REVERSED, key=shared_key())
    assert leaf.certificate.subject.startswith("C=NL")
    assert str(leaf.certificate.party_id) == "POP000111"


@pytest.mark.parametrize(
    ("file", "seat", "usage"),
    [
        ("g3-test-ap-POP000306.pem", "POP000306", "data_encipherment"),
        ("g3-test-ap-PDE000576.pem", "PDE000576", "data_encipherment"),
        ("g2-test-ap-POP000306.pem", "POP000306", "key_agreement"),
        ("g2-test-smp-POP000010.pem", "POP000010", "key_agreement"),
        ("g2-prod-smp-PNL000052.pem", "PNL000052", "key_agreement"),
    ],
)
def test_real_leafs(file: str, seat: str, usage: str) -> None:
    data = (shared("data/pki/leaf-samples") / file).read_bytes()
    certificate = pki.load_certificate(data)
    assert str(certificate.party_id) == seat
    assert usage in certificate.key_usages
    assert certificate.public_key.key_size == 2048
    assert len(certificate.crl_urls) == 1
