# SPDX-License-Identifier: Apache-2.0
"""`keys new`, `keys show` and `keys test-pki` as an operator uses them."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from gateway.cli import main
from gateway.cli.key_facts import UnknownKeyFileError, describe
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.pki_fixtures import AT, shared_key

NEW = ["--seat", "PNL000001", "--role", "ap", "--country", "nl", "--organisation", "Own [x] BV"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["keys", *map(str, arguments)])


def shown(*files: Path) -> list[dict[str, Any]]:
    result = run("show", "--json", *files)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_new_makes_a_key_and_a_request(tmp_path: Path) -> None:
    out = tmp_path / "made"
    result = run("new", "--out", out, *NEW)
    assert result.exit_code == 0, result.output
    key, request = out / "PNL000001-ap.key.pem", out / "PNL000001-ap.csr.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    facts = shown(request, key)
    assert facts[0]["kind"] == "certificate request"
    assert facts[0]["subject"] == "CN=PNL000001,OU=PEPPOL TEST AP,O=Own [x] BV,C=NL"
    assert facts[0]["seat"] == "PNL000001"
    assert facts[0]["role"] == "AP"
    assert facts[0]["signature_valid"] is True
    assert facts[0]["key_sha256"] == facts[1]["key_sha256"]
    before = key.read_bytes()
    again = run("new", "--out", out, *NEW)
    assert again.exit_code == 1
    assert "there already" in again.output
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [("--seat", "NL1", "seat id"), ("--country", "N1", "two letters"), ("--role", "x", "role")],
)
def test_new_refuses_nonsense(option: str, value: str, words: str, tmp_path: Path) -> None:
    result = run("new", "--out", tmp_path / "made", *NEW, option, value)
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "made").exists()


def test_test_pki_writes_a_whole_network(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    assert run("test-pki", folder).exit_code == 0
    facts = {Path(f["file"]).name: f for f in shown(*sorted(folder.glob("*.[pc][er][ml]")))}
    assert facts["ap1.cert.pem"]["seat"] == "POP000111"
    assert facts["ap1.cert.pem"]["days_left"] == 718
    assert facts["ap1.cert.pem"]["state"] == "valid"
    assert facts["ap1.cert.pem"]["key_sha256"] == facts["ap1.key.pem"]["key_sha256"]
    assert facts["ap-ca.pem"]["authority"] is True
    assert facts["ap-ca.pem"]["role"] == "AP"
    assert facts["smp-ca.pem"]["role"] == "SMP"
    assert facts["smp-ca.crl"]["kind"] == "revocation list"
    assert facts["tls-ca.pem"]["key"] == "EC secp256r1"
    for key in folder.glob("*.key.pem"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert run("test-pki", folder).exit_code == 1


def test_show_draws_a_tree(tmp_path: Path, sender_leaf: IssuedLeaf) -> None:
    file = tmp_path / "both.pem"
    file.write_bytes(sender_leaf.key_pem + sender_leaf.certificate_pem)
    result = run("show", file)
    assert result.exit_code == 0
    for words in ("private key", "certificate", "seat POP000111", "role AP", "encrypted no"):
        assert words in result.output


def test_states_over_time(sender_leaf: IssuedLeaf, local_pki: LocalPKI) -> None:
    leaf = sender_leaf.certificate
    states = {
        leaf.not_before - timedelta(days=1): "not yet valid",
        AT: "valid",
        leaf.not_after + timedelta(days=1): "expired",
    }
    for moment, state in states.items():
        assert describe(leaf.der, moment)[0]["state"] == state
    crl = local_pki.crls(AT)["ap-ca.crl"]
    assert describe(crl, AT)[0]["state"] == "current"
    assert describe(crl, AT + timedelta(days=8))[0]["state"] == "lapsed"


def test_every_encoding_of_a_key(sender_leaf: IssuedLeaf) -> None:
    key = shared_key("sender")
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    old = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert describe(der, AT) == describe(sender_leaf.key_pem, AT) == describe(old, AT)
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        locked = key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret"))
        assert describe(locked, AT) == [{"kind": "private key", "encrypted": True}]


def test_other_kinds_of_key() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UnknownKeyFileError, match="neither RSA"):
        describe(pem, AT)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "plain")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    certificate = (
        builder.public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT)
        .sign(key, None)
    )
    facts = describe(certificate.public_bytes(Encoding.DER), AT)[0]
    assert facts["key"] == "neither RSA nor elliptic"
    assert facts["authority"] is False
    assert facts["seat"] is None
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    for encoding in (Encoding.DER, Encoding.PEM):
        data = request.sign(shared_key(), hashes.SHA256()).public_bytes(encoding)
        assert describe(data, AT)[0]["kind"] == "certificate request"


def test_a_revocation_list_in_pem(local_pki: LocalPKI) -> None:
    der = local_pki.crls(AT)["ap-ca.crl"]
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    assert describe(pem, AT) == describe(der, AT)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "cannot be read"),
        (b"-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----", "nothing that is"),
    ],
)
def test_show_refuses_what_it_does_not_know(data: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "thing.pem"
    file.write_bytes(data)
    result = run("show", file)
    assert result.exit_code == 1
    assert words in result.output
    assert "thing.pem" in result.output


def test_show_has_a_ceiling(tmp_path: Path) -> None:
    file = tmp_path / "huge.pem"
    with file.open("wb") as target:
        target.truncate(32 * 1024 * 1024 + 1)
    result = run("show", file)
    assert result.exit_code == 1
    assert "32 MiB" in result.output
