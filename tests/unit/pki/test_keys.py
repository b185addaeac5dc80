# SPDX-License-Identifier: Apache-2.0
"""Key pairs sign and unwrap, and refuse what does not fit together."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gateway import pki
from gateway.errors import Fault
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.issuing import key_pem
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.pki_fixtures import AT, shared_key

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
OAEP_SHA1 = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA256(), label=None)


def test_signs_with_pkcs1_and_sha256(sender_leaf: IssuedLeaf) -> None:
    signer: pki.Signer = sender_leaf.pair
    assert signer.certificate == sender_leaf.certificate
    signer.certificate.public_key.verify(
        signer.sign(b"data"), b"data", padding.PKCS1v15(), hashes.SHA256()
    )


def test_unwraps_oaep_with_sha256(receiver_leaf: IssuedLeaf) -> None:
    unwrapper: pki.Unwrapper = receiver_leaf.pair
    public = receiver_leaf.certificate.public_key
    assert unwrapper.unwrap(public.encrypt(b"k" * 16, OAEP)) == b"k" * 16


@pytest.mark.parametrize("kind", ["other padding", "other key", "short", "long", "empty"])
def test_every_failure_to_unwrap_looks_the_same(
    kind: str, receiver_leaf: IssuedLeaf, sender_leaf: IssuedLeaf
) -> None:
    good = receiver_leaf.certificate.public_key.encrypt(b"k" * 16, OAEP)
    wrapped = {
        "other padding": receiver_leaf.certificate.public_key.encrypt(b"k" * 16, OAEP_SHA1),
        "other key": sender_leaf.certificate.public_key.encrypt(b"k" * 16, OAEP),
        "short": good[:-1],
        "long": good + b"\0",
        "empty": b"",
    }[kind]
    with pytest.raises(pki.KeyUnwrapError) as caught:
        receiver_leaf.pair.unwrap(wrapped)
    assert caught.value.detail == pki.KeyUnwrapError().detail
    assert caught.value.fault is Fault.PEER


def test_the_representation_hides_the_key(sender_leaf: IssuedLeaf) -> None:
    assert repr(sender_leaf.pair) == f"KeyPair({sender_leaf.certificate.subject!r})"


def test_a_password_opens_the_key(sender_leaf: IssuedLeaf) -> None:
    locked = shared_key("sender").private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    pair = pki.load_key_pair(locked, sender_leaf.certificate_pem, password=b"secret")
    assert pair.certificate == sender_leaf.certificate
    for password in (None, b"wrong"):
        with pytest.raises(pki.KeyPairError) as caught:
            pki.load_key_pair(locked, sender_leaf.certificate_pem, password=password)
        assert "secret" not in caught.value.detail


def test_the_first_certificate_of_a_chain_counts(
    sender_leaf: IssuedLeaf, local_pki: LocalPKI
) -> None:
    chain = sender_leaf.certificate_pem + local_pki.ap_ca.certificate.pem
    assert pki.load_key_pair(sender_leaf.key_pem, chain).certificate == sender_leaf.certificate


def test_what_does_not_fit_is_refused(
    sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf, local_pki: LocalPKI
) -> None:
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    small = shared_key("small", 1024)
    small_leaf = local_pki.issue(pki.Role.AP, "POP000111", at=AT, flaw=Flaw.RSA1024, key=small)
    cases = [
        (receiver_leaf.key_pem, sender_leaf.certificate_pem, "does not belong"),
        (elliptic, sender_leaf.certificate_pem, "not an RSA key"),
        (b"rubbish", sender_leaf.certificate_pem, "cannot be read"),
        (sender_leaf.key_pem, b"rubbish", "certificate of the key"),
        (key_pem(small), small_leaf.certificate_pem, "1024 bits"),
    ]
    for key, certificate, words in cases:
        with pytest.raises(pki.KeyPairError, match=words):
            pki.load_key_pair(key, certificate)
