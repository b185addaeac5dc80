# SPDX-License-Identifier: Apache-2.0
"""Revocation lists: who signed them, how old they are, what they cover."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import pki
from gateway.pki import Standing
from gateway.sandbox.issuing import Authority, make_crl
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.pki_fixtures import AT

WEEK = timedelta(days=7)


def listed(authority: Authority, serials: Iterable[int] = (), **dates: timedelta) -> bytes:
    start = AT + dates.get("start", timedelta(0))
    return make_crl(authority, list(serials), at=start, next_update=start + WEEK)


def with_extension(
    authority: Authority, extension: x509.ExtensionType, *, critical: bool = True
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.x509.subject)
        .last_update(AT)
        .next_update(AT + WEEK)
        .add_extension(extension, critical=critical)
    )
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def distribution_point(**flags: bool) -> x509.IssuingDistributionPoint:
    wanted = {
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
        **flags,
    }
    name = [x509.UniformResourceIdentifier("http://crl.example/ap-ca.crl")]
    return x509.IssuingDistributionPoint(
        full_name=name, relative_name=None, only_some_reasons=None, **wanted
    )


def standing(
    leaf: IssuedLeaf, authority: Authority, crls: Iterable[pki.CRL], at: timedelta = timedelta(0)
) -> Standing:
    revocation = pki.Revocation.of(crls)
    issuer = authority.certificate
    return revocation.status(leaf.certificate, AT + at, issuer=issuer).standing


def test_der_and_pem_give_the_same(local_pki: LocalPKI) -> None:
    der = listed(local_pki.ap_ca, [5, 6])
    lines = base64.encodebytes(der)
    pem = b"-----BEGIN X509 CRL-----\n" + lines + b"-----END X509 CRL-----\n"
    issuers = [local_pki.smp_ca.certificate, local_pki.ap_ca.certificate]
    crl = pki.load_crl(der, issuers=issuers)
    assert crl == pki.load_crl(pem, issuers=issuers)
    assert crl.serials == {5, 6}
    assert crl.signer == local_pki.ap_ca.certificate
    assert crl.this_update == AT
    assert crl.next_update == AT + WEEK
    assert crl.der == der


def test_good_revoked_and_lapsed(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    ap_ca = local_pki.ap_ca
    issuers = [ap_ca.certificate]
    empty = pki.load_crl(listed(ap_ca), issuers=issuers)
    full = pki.load_crl(listed(ap_ca, [sender_leaf.certificate.serial]), issuers=issuers)
    assert standing(sender_leaf, ap_ca, [empty]) is Standing.GOOD
    assert standing(sender_leaf, ap_ca, [full]) is Standing.REVOKED
    late = WEEK + timedelta(seconds=1)
    assert standing(sender_leaf, ap_ca, [empty], WEEK) is Standing.GOOD
    assert standing(sender_leaf, ap_ca, [empty], late) is Standing.LAPSED
    assert standing(sender_leaf, ap_ca, [full], late) is Standing.REVOKED
    assert standing(sender_leaf, ap_ca, []) is Standing.UNKNOWN


def test_the_newest_list_counts(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    ap_ca = local_pki.ap_ca
    issuers = [ap_ca.certificate]
    serial = sender_leaf.certificate.serial
    old = pki.load_crl(listed(ap_ca, start=timedelta(days=-1)), issuers=issuers)
    new = pki.load_crl(listed(ap_ca, [serial]), issuers=issuers)
    assert standing(sender_leaf, ap_ca, [old, new]) is Standing.REVOKED
    assert standing(sender_leaf, ap_ca, [new, old]) is Standing.REVOKED
    assert len(pki.Revocation.of([new, old]).crls) == 2
    # Before the newer one was made, only the older one can have been known.
    before = timedelta(minutes=-6)
    assert standing(sender_leaf, ap_ca, [old, new], before) is Standing.GOOD


def test_a_list_from_the_future_is_left_aside(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    ap_ca = local_pki.ap_ca
    ahead = listed(ap_ca, start=timedelta(minutes=10))
    crl = pki.load_crl(ahead, issuers=[ap_ca.certificate])
    assert standing(sender_leaf, ap_ca, [crl]) is Standing.UNKNOWN
    assert standing(sender_leaf, ap_ca, [crl], timedelta(minutes=5)) is Standing.GOOD
    revocation = pki.Revocation.of([crl])
    assert revocation.lapsed_for(AT, issuer=ap_ca.certificate) == timedelta.max


def test_how_long_a_list_has_lapsed(local_pki: LocalPKI) -> None:
    ap_ca = local_pki.ap_ca
    crl = pki.load_crl(listed(ap_ca), issuers=[ap_ca.certificate])
    revocation = pki.Revocation.of([crl])
    hour = timedelta(hours=1)
    assert revocation.lapsed_for(AT, issuer=ap_ca.certificate) == timedelta(0)
    assert revocation.lapsed_for(AT + WEEK + hour, issuer=ap_ca.certificate) == hour


def test_a_false_signer_is_refused(local_pki: LocalPKI) -> None:
    false = make_crl(local_pki.ap_ca, [], at=AT, next_update=AT + WEEK, key=local_pki.smp_ca.key)
    issuers = [authority.certificate for authority in local_pki.authorities]
    with pytest.raises(pki.CertificateError, match="not signed by the issuer"):
        pki.load_crl(false, issuers=issuers)
    with pytest.raises(pki.CertificateError, match="not trusted"):
        pki.load_crl(listed(local_pki.ap_ca), issuers=[local_pki.root.certificate])


def test_a_foreign_list_of_the_same_name_does_not_count(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    foreign = local_pki.foreign(AT).ap_ca
    crl = pki.load_crl(listed(foreign), issuers=[foreign.certificate])
    assert standing(sender_leaf, local_pki.ap_ca, [crl]) is Standing.UNKNOWN


def test_an_issuer_that_may_not_sign_lists(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    key: RSAPrivateKey = sender_leaf.pair._key
    seat = Authority("leaf", sender_leaf.certificate, key)
    with pytest.raises(pki.CertificateError, match="not signed by"):
        pki.load_crl(listed(seat), issuers=[sender_leaf.certificate])


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        (distribution_point(indirect_crl=True), "not complete"),
        (x509.DeltaCRLIndicator(1), "delta"),
    ],
)
def test_lists_that_are_not_complete_are_refused(
    extension: x509.ExtensionType, words: str, local_pki: LocalPKI
) -> None:
    data = with_extension(local_pki.ap_ca, extension)
    with pytest.raises(pki.CertificateError, match=words):
        pki.load_crl(data, issuers=[local_pki.ap_ca.certificate])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, Standing.GOOD),
        ({"only_contains_user_certs": True}, Standing.GOOD),
        ({"only_contains_ca_certs": True}, Standing.UNKNOWN),
    ],
)
def test_the_scope_of_a_list(
    flags: dict[str, bool],
    expected: Standing,
    local_pki: LocalPKI,
    sender_leaf: IssuedLeaf,
) -> None:
    data = with_extension(local_pki.ap_ca, distribution_point(**flags))
    crl = pki.load_crl(data, issuers=[local_pki.ap_ca.certificate])
    assert standing(sender_leaf, local_pki.ap_ca, [crl]) is expected
    assert crl.covers(local_pki.ap_ca.certificate) is not crl.covers(sender_leaf.certificate) or (
        flags == {}
    )


def test_other_extensions_matter_if_they_are_critical(local_pki: LocalPKI) -> None:
    issuers = [local_pki.ap_ca.certificate]
    number = x509.CRLNumber(7)
    pki.load_crl(with_extension(local_pki.ap_ca, number, critical=False), issuers=issuers)
    with pytest.raises(pki.CertificateError, match="critical"):
        pki.load_crl(with_extension(local_pki.ap_ca, number), issuers=issuers)


def test_a_weak_hash_is_refused(local_pki: LocalPKI) -> None:
    authority = local_pki.ap_ca
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.x509.subject)
        .last_update(AT)
        .next_update(AT + WEEK)
    )
    data = builder.sign(authority.key, hashes.SHA224()).public_bytes(Encoding.DER)
    with pytest.raises(pki.CertificateError, match="weak"):
        pki.load_crl(data, issuers=[authority.certificate])


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    long = (0x81, size) if size < 256 else (0x82, *size.to_bytes(2, "big"))
    return bytes((tag, *long)) + content


def test_a_list_must_say_when_the_next_one_comes(local_pki: LocalPKI) -> None:
    authority = local_pki.ap_ca
    tbs = x509.load_der_x509_crl(listed(authority)).tbs_certlist_bytes
    # The second of the two UTCTimes (tag 17, 13 bytes) is nextUpdate.
    second = tbs.index(b"\x17\x0d", tbs.index(b"\x17\x0d") + 15)
    header = 2 + (tbs[1] & 0x7F)  # the length is in the long form
    unsigned = der(0x30, tbs[header:second] + tbs[second + 15 :])
    signature = authority.key.sign(unsigned, PKCS1v15(), hashes.SHA256())
    algorithm = bytes.fromhex("300d06092a864886f70d01010b0500")
    data = der(0x30, unsigned + algorithm + der(0x03, b"\0" + signature))
    with pytest.raises(pki.CertificateError, match="when the next one comes"):
        pki.load_crl(data, issuers=[authority.certificate])


@pytest.mark.parametrize("data", [b"", b"<html>", b"0\x82\x01\x00", b"-----BEGIN X509 CRL-----"])
def test_rubbish_is_refused(data: bytes, local_pki: LocalPKI) -> None:
    with pytest.raises(pki.CertificateError, match="cannot be read"):
        pki.load_crl(data, issuers=[local_pki.ap_ca.certificate])


def test_the_size_is_limited() -> None:
    with pytest.raises(pki.CertificateError, match="32 MiB"):
        pki.load_crl(bytes(32 * 1024 * 1024 + 1), issuers=[])


def test_flipped_bytes_raise_our_error_alone(local_pki: LocalPKI) -> None:
    der = listed(local_pki.ap_ca, [1, 2, 3])
    issuers = [local_pki.ap_ca.certificate]
    for position in range(len(der)):
        broken = bytearray(der)
        broken[position] ^= 0x11
        with pytest.raises(pki.CertificateError):
            pki.load_crl(bytes(broken), issuers=issuers)
