# SPDX-License-Identifier: Apache-2.0
"""Answers of real SMPs from before June 2024: SHA-1, so production refuses them all.

What is shown here is that we canonicalise as those who signed them did: with SHA-1 allowed in the
test alone, exactly the ones verify that Java verifies.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from gateway import pki, safexml, smp
from gateway.pki import Role, xmldsig
from tests.shared import shared

pytestmark = pytest.mark.interop

SAMPLES = "data/smp-samples"
ALTERED = {  # by their authors; Java finds them broken too
    "difi-smp-result.xml",
    "smp-response-for-971033533.xml",
    "smp-response-with-as4.xml",
    "smp-response-with-unknown-protocol.xml",
    "sr-smp-result.xml",
    "signed-service-metadata1.xml",
}
DS = f"{{{xmldsig.NAMESPACE}}}"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


def samples() -> list[Path]:
    found = [
        path
        for folder in ("oxalis-ng", "peppol-commons", "vefa-peppol")
        for path in sorted(shared(f"{SAMPLES}/{folder}").glob("*.xml"))
        if b"SignatureValue" in path.read_bytes()
    ]
    assert len(found) == 26
    return found


def test_production_refuses_all_of_them() -> None:
    def ca(name: str) -> pki.Certificate:
        return pki.load_certificate(shared(f"data/pki/{name}.pem").read_bytes())

    for network in ("test", "production"):
        word = network[:4]
        policy = pki.TrustPolicy(
            role=Role.SMP,
            network=network,
            roots=(ca(f"g2-{word}-root"),),
            issuers=(ca(f"g2-{word}-smp-ca"),),
            unknown_revocation=pki.Unknown.ACCEPT,
            grace=timedelta(0),
        )
        for path in samples():
            with pytest.raises((smp.SignatureInvalidError, smp.MetadataError)) as caught:
                smp.verify(
                    path.read_bytes(),
                    trust=policy,
                    revocation=pki.Revocation.none(),
                    at=datetime(2021, 10, 29, tzinfo=UTC),
                )
            assert caught.value.cause in ("signature_form", "not_metadata")


def test_the_same_ones_verify_as_in_java() -> None:
    for path in samples():
        assert verifies_with_sha1(path.read_bytes()) == (path.name not in ALTERED), path.name


def test_their_content_can_be_read() -> None:
    for path in samples():
        root = safexml.parse(path.read_bytes())
        record = root.find("{http://busdox.org/serviceMetadata/publishing/1.0/}ServiceMetadata")
        if record is None:  # another version of the standard
            continue
        found = smp.parse_service_metadata(etree.tostring(record))
        if isinstance(found, smp.Redirect):
            assert found.href.startswith("http")
        else:
            assert found.processes
            assert found.processes[0].endpoints


def verifies_with_sha1(data: bytes) -> bool:
    root = safexml.parse(data)
    element = root.find(f".//{DS}Signature")
    assert element is not None
    signature = xmldsig.read_signature(element)
    reference = signature.references[0]
    assert reference.digest_algorithm == SHA1
    assert signature.key_info is not None
    text = signature.key_info.findtext(f".//{DS}X509Certificate")
    certificate = pki.load_certificate(text or "")
    try:
        certificate.public_key.verify(
            signature.value,
            xmldsig.canonical_signed_info(signature),
            PKCS1v15(),
            hashes.SHA1(),
        )
    except InvalidSignature:
        return False
    covered = xmldsig.canonical_around(element)
    if xmldsig.EXCLUSIVE_C14N in reference.transforms:
        covered = safexml.canonicalise(safexml.parse(covered), exclusive=True)
    return hashlib.sha1(covered).digest() == reference.digest_value
