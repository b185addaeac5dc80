# SPDX-License-Identifier: Apache-2.0
"""Encryption and content: each refusal meets a message that is right in all else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
from collections.abc import Callable

import pytest

from gateway import pki
from gateway.as4 import const
from tests.as4_exchange import MESSAGE_ID, PAYLOAD, Edit, Exchange, Forgery, before, swap, without

ENCRYPTIONS: list[tuple[str, Edit, str]] = [
    ("no EncryptedKey", without(r"<xenc:EncryptedKey .*</xenc:EncryptedKey>"), "security"),
    ("no EncryptedData", without(r"<xenc:EncryptedData .*</xenc:EncryptedData>"), "security"),
    ("neither", without(r"<xenc:EncryptedKey .*</xenc:EncryptedData>"), "security"),
    (
        "other part",
        swap('CipherReference URI="cid:part', 'CipherReference URI="cid:trap'),
        "security",
    ),
    ("RSA 1.5", swap(const.RSA_OAEP, f"{const.XENC}rsa-1_5"), "algorithms"),
    ("mgf1p", swap(const.RSA_OAEP, f"{const.XENC}rsa-oaep-mgf1p"), "algorithms"),
    ("no MGF", without(r"<xenc11:MGF .*</xenc11:MGF>"), "algorithms"),
    ("MGF with SHA-1", swap(const.MGF1_SHA256, f"{const.XENC11}mgf1sha1"), "algorithms"),
    (
        "OAEP with SHA-1",
        swap(f'{const.SHA256}"></ds:DigestMethod><x', f'{const.DS}sha1"></ds:DigestMethod><x'),
        "algorithms",
    ),
    (
        "OAEP with a label",
        before("</xenc:EncryptionMethod>", "<xenc:OAEPparams>AA==</xenc:OAEPparams>"),
        "algorithms",
    ),
    ("CBC", swap(const.AES128_GCM, f"{const.XENC}aes128-cbc"), "algorithms"),
    ("AES-256", swap("#aes128-gcm", "#aes256-gcm"), "algorithms"),
    ("whole part", swap("Attachment-Content-Only", "Attachment-Complete"), "algorithms"),
    (
        "other transform",
        swap("#Attachment-Ciphertext-Transform", "#Attachment-Complete-Transform"),
        "algorithms",
    ),
    (
        "cipher elsewhere",
        swap('CipherReference URI="cid:', 'CipherReference URI="http:'),
        "algorithms",
    ),
    ("other key", swap('wsse:Reference URI="#EK', 'wsse:Reference URI="#XK'), "algorithms"),
    ("nameless key", swap('wsse:Reference URI="#G', 'wsse:Reference URI="#Q'), "algorithms"),
]


@pytest.mark.parametrize(
    ("edit", "step"), [case[1:] for case in ENCRYPTIONS], ids=[case[0] for case in ENCRYPTIONS]
)
def test_encryption_policy(forgery: Forgery, edit: Edit, step: str) -> None:
    error = forgery.but(encryption=edit).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", step), error.detail


def key_named(form: str) -> Edit:
    """The EncryptedKey names its certificate in another form."""

    def edit(text: str) -> str:
        reference = re.search(r'<wsse:Reference URI="#G[^>]*></wsse:Reference>', text)
        assert reference
        return text.replace(reference[0], form)

    return edit


def key_forms(certificate: pki.Certificate) -> dict[str, str]:
    ski = base64.b64encode(certificate.subject_key_id or b"").decode()
    print_ = base64.b64encode(hashlib.sha1(certificate.der).digest()).decode()
    identifier = "<wsse:KeyIdentifier ValueType={}>{}</wsse:KeyIdentifier>"
    return {
        "issuer": "<ds:X509Data><ds:X509IssuerSerial>"
        f"<ds:X509IssuerName>{certificate.issuer}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial}</ds:X509SerialNumber>"
        "</ds:X509IssuerSerial></ds:X509Data>",
        "ski": identifier.format(f'"{const.X509_SKI}"', ski),
        "thumbprint": identifier.format(f'"{const.THUMBPRINT_SHA1}"', print_),
    }


@pytest.mark.parametrize("form", ["issuer", "ski", "thumbprint"])
def test_key_may_be_named_in_other_forms(exchange: Exchange, forgery: Forgery, form: str) -> None:
    ours = key_forms(exchange.receiver.certificate)[form]
    exchange.receive(forgery.but(encryption=key_named(ours)).message())
    theirs = key_forms(exchange.sender.certificate)[form]
    error = forgery.but(encryption=key_named(theirs)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")


@pytest.mark.parametrize(
    "form",
    [
        "",
        "<wsse:KeyIdentifier ValueType='urn:x'>AAAA</wsse:KeyIdentifier>",
        f"<wsse:KeyIdentifier ValueType='{const.X509_SKI}'>!</wsse:KeyIdentifier>",
        "<ds:X509Data></ds:X509Data>",
        "<ds:KeyName>x</ds:KeyName>",
    ],
)
def test_key_named_in_no_form(forgery: Forgery, form: str) -> None:
    error = forgery.but(encryption=key_named(form)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", "algorithms")


def test_key_may_list_its_data(exchange: Exchange, forgery: Forgery) -> None:
    """Without KeyInfo the list of references in the key says what it opens."""
    edit = without(r"<ds:KeyInfo[^>]*><wsse:SecurityTokenReference [^>]*>.*?#EK.*?</ds:KeyInfo>")
    exchange.receive(forgery.but(encryption=edit).message())
    both = lambda text: edit(text).replace('DataReference URI="#ED', 'DataReference URI="#XD')  # noqa: E731
    error = forgery.but(encryption=both).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", "algorithms")


def test_broken_gzip_far_from_its_end(exchange: Exchange, forgery: Forgery) -> None:
    """The fault is kept back over many pieces; tag and digest are judged first."""
    content = b"\x1f\x8b" + random.Random(3).randbytes(900_000)
    error = forgery.but(content=content).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0303", "decompress")
    error = forgery.but(content=content, used_key=b"f" * 16).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")


def test_two_encrypted_keys_or_parts(forgery: Forgery) -> None:
    for name in ("EncryptedKey", "EncryptedData"):
        found = re.compile(rf"<xenc:{name} .*</xenc:{name}>")

        def twice(text: str, found: re.Pattern[str] = found) -> str:
            once = found.search(text)
            assert once
            return text.replace(once[0], once[0] + once[0].replace(' Id="', ' Id="second-'))

        error = forgery.but(encryption=twice).refusal()
        assert (error.ebms_code, error.step) == ("EBMS:0103", "security")


def cut(size: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:size]


DECRYPTIONS: list[tuple[str, dict[str, object]]] = [
    ("other key", {"used_key": b"f" * 16}),
    ("long key", {"key": b"0123456789abcdef" * 2, "used_key": b"0123456789abcdef"}),
    ("flipped byte", {"wire": lambda data: bytes([data[0] ^ 1]) + data[1:]}),
    ("flipped tag", {"wire": lambda data: data[:-1] + bytes([data[-1] ^ 1])}),
    ("flipped middle", {"wire": lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]}),
    ("cut", {"wire": cut(100)}),
    ("too short", {"wire": cut(27)}),
    ("empty", {"wire": cut(0)}),
    ("wrapped key broken", {"encryption": swap("<xenc:CipherValue>", "<xenc:CipherValue>A")}),
]


@pytest.mark.parametrize(
    "changes", [case[1] for case in DECRYPTIONS], ids=[case[0] for case in DECRYPTIONS]
)
def test_decryption_fails_with_one_wording(forgery: Forgery, changes: dict[str, object]) -> None:
    error = forgery.but(**changes).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")
    assert error.detail == "the message cannot be decrypted"
    assert error.message_id == MESSAGE_ID


CONTENTS: list[tuple[str, dict[str, object], str, str]] = [
    ("other digest", {"digest": bytes(32)}, "EBMS:0101", "digest"),
    ("not gzip", {"content": b"<sbd/>"}, "EBMS:0303", "decompress"),
    ("cut gzip", {"content": gzip.compress(PAYLOAD)[:-5]}, "EBMS:0303", "decompress"),
    ("empty", {"content": b""}, "EBMS:0303", "decompress"),
    ("trailing", {"content": gzip.compress(PAYLOAD) + b"x"}, "EBMS:0303", "decompress"),
    ("bomb", {"content": gzip.compress(bytes(20_000_000))}, "EBMS:0303", "decompress"),
    (
        "wrong checksum",
        {"content": gzip.compress(PAYLOAD)[:-8] + bytes(8)},
        "EBMS:0303",
        "decompress",
    ),
    # a fault in the plaintext never hides that the digest was wrong
    ("not gzip, other digest", {"content": b"<sbd/>", "digest": bytes(32)}, "EBMS:0101", "digest"),
]


@pytest.mark.parametrize(
    ("changes", "code", "step"), [case[1:] for case in CONTENTS], ids=[case[0] for case in CONTENTS]
)
def test_content(forgery: Forgery, changes: dict[str, object], code: str, step: str) -> None:
    error = forgery.but(**changes).refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail


def test_further_gzip_members_belong_to_the_payload(exchange: Exchange, forgery: Forgery) -> None:
    content = gzip.compress(PAYLOAD) + gzip.compress(b"more")
    _, payloads = exchange.receive(forgery.but(content=content).message())
    assert payloads == (PAYLOAD + b"more",)
