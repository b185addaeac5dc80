# SPDX-License-Identifier: Apache-2.0
"""Signatures of SMP answers: ours, those of others, and what must not pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from gateway import pki, safexml, smp
from gateway.pki import Role
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.discovery_builders import AT, INVOICE, endpoint, information
from tests.pki_fixtures import fresh_pki
from tests.shared import shared

DS = "http://www.w3.org/2000/09/xmldsig#"


def verify(data: bytes, local_pki: LocalPKI, *, at: datetime = AT) -> smp.SignedServiceMetadata:
    return smp.verify(
        data, trust=local_pki.trust(Role.SMP), revocation=local_pki.revocation(AT), at=at
    )


@pytest.fixture(scope="module")
def record(receiver_leaf: IssuedLeaf) -> smp.ServiceInformation:
    return information(endpoint(receiver_leaf))


@pytest.fixture(scope="module")
def signed(record: smp.ServiceInformation, smp_leaf: IssuedLeaf) -> bytes:
    return smp.sign(record, smp_leaf.pair)


def test_what_we_sign_verifies(
    record: smp.ServiceInformation, signed: bytes, smp_leaf: IssuedLeaf, local_pki: LocalPKI
) -> None:
    found = verify(signed, local_pki)
    assert found.metadata == record
    assert found.signer == smp_leaf.certificate
    assert found.revocation == "good"


def test_the_signature_has_the_form_of_the_specification(signed: bytes) -> None:
    root = etree.fromstring(signed)
    assert [etree.QName(child).localname for child in root] == ["ServiceMetadata", "Signature"]
    info = root[1][0]
    algorithms = [element.get("Algorithm") for element in info.iter() if element.get("Algorithm")]
    assert algorithms == [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ]
    assert [element.get("URI") for element in info.iter(f"{{{DS}}}Reference")] == [""]
    assert b"&#13;" not in signed


class ReparsingVerifier(XMLVerifier):
    """signxml with the care that inclusive canonicalisation of a part needs."""

    def _c14n(self, nodes, algorithm, inclusive_ns_prefixes=None):  # type: ignore[no-untyped-def]
        alone = etree.fromstring(etree.tostring(nodes, with_tail=False))
        return super()._c14n(alone, algorithm, inclusive_ns_prefixes)


def test_signxml_says_the_same(signed: bytes, smp_leaf: IssuedLeaf) -> None:
    ReparsingVerifier().verify(
        signed,
        x509_cert=smp_leaf.certificate.x509,
        expect_config=SignatureConfiguration(
            location="./",
            expect_references=1,
            signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
            digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
            default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (b"https://ap.example.org/as4", b"https://evil.example/as4", "signature_wrong"),
        (b"https://ap.example", b"https://ap.<!-- -->example", None),
        (b"xml-c14n-20010315", b"xml-c14n-20010315#WithComments", "signature_form"),
        (b"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-sha512", "signature_form"),
        (b"xmlenc#sha256", b"xmlenc#sha512", "signature_form"),
        (b'URI=""', b'URI="#x"', "signature_form"),
        (b"#enveloped-signature", b"#base64", "signature_form"),
        (b"<ds:DigestValue>", b"<ds:DigestValue>AAAA", "signature_wrong"),
    ],
)
def test_a_changed_record(
    signed: bytes, local_pki: LocalPKI, old: bytes, new: bytes, cause: str | None
) -> None:
    changed = signed.replace(old, new, 1)
    assert changed != signed
    if cause is None:
        # A comment is not signed. It must not cut the address either.
        found = verify(changed, local_pki).metadata
        assert isinstance(found, smp.ServiceInformation)
        assert found.processes[0].endpoints[0].address == "https://ap.example.org/as4"
        return
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify(changed, local_pki)
    assert caught.value.cause == cause


def test_every_byte_of_the_record_counts(signed: bytes, local_pki: LocalPKI) -> None:
    start, end = signed.index(b"<smp:ServiceMetadata>"), signed.index(b"</smp:SignedService")
    for position in range(start, end, 37):
        changed = bytearray(signed)
        changed[position] ^= 1
        try:
            found = verify(bytes(changed), local_pki)
        except (smp.SignatureInvalidError, smp.MetadataError, pki.CertificateError):
            continue
        # Blanks inside base64 of the signature may change without a change of meaning.
        assert position > signed.index(b"<ds:SignatureValue>")
        assert found == verify(signed, local_pki)


def test_a_second_record_or_signature_is_refused(signed: bytes, local_pki: LocalPKI) -> None:
    root = safexml.parse(signed)
    root.insert(0, safexml.reparsed(root[0]))
    with pytest.raises(smp.SignatureInvalidError):
        verify(safexml.serialise(root), local_pki)
    root = safexml.parse(signed)
    root.append(safexml.reparsed(root[1]))
    with pytest.raises(smp.SignatureInvalidError):
        verify(safexml.serialise(root), local_pki)


def test_a_signature_inside_the_record_does_not_count(signed: bytes, local_pki: LocalPKI) -> None:
    root = safexml.parse(signed)
    root[0].append(root[1])
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify(safexml.serialise(root), local_pki)
    assert caught.value.cause == "signature_missing"


def test_exactly_one_reference(signed: bytes, local_pki: LocalPKI) -> None:
    root = safexml.parse(signed)
    info = root[1][0]
    info.append(safexml.reparsed(info[-1]))
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify(safexml.serialise(root), local_pki)
    assert caught.value.cause == "signature_form"


@pytest.mark.parametrize(
    "key_info",
    [b"", b"<ds:KeyInfo/>", b"<ds:KeyInfo>TWICE</ds:KeyInfo>", b"<ds:KeyInfo>BROKEN</ds:KeyInfo>"],
)
def test_exactly_one_certificate(signed: bytes, local_pki: LocalPKI, key_info: bytes) -> None:
    start, end = signed.index(b"<ds:KeyInfo>"), signed.index(b"</ds:KeyInfo>")
    whole = signed[start + len(b"<ds:KeyInfo>") : end]
    broken = b"<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>"
    key_info = key_info.replace(b"TWICE", whole * 2).replace(b"BROKEN", broken)
    changed = signed[:start] + key_info + signed[end + len(b"</ds:KeyInfo>") :]
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify(changed, local_pki)
    assert caught.value.cause == "signature_form"


@pytest.mark.parametrize(
    "data",
    [b"", b"<html/>", b"not xml", b"<!DOCTYPE a><a/>", b'<?xml version="1.0"?><a><b></a>'],
)
def test_what_is_no_answer(data: bytes, local_pki: LocalPKI) -> None:
    with pytest.raises(smp.MetadataError):
        verify(data, local_pki)


def test_the_signer_must_be_an_smp(
    record: smp.ServiceInformation, receiver_leaf: IssuedLeaf, local_pki: LocalPKI
) -> None:
    with pytest.raises(pki.WrongRoleError):
        verify(smp.sign(record, receiver_leaf.pair), local_pki)


def test_the_signer_must_not_be_revoked(record: smp.ServiceInformation) -> None:
    own = fresh_pki()
    leaf = own.issue(Role.SMP, "POP000113", at=AT)
    data = smp.sign(record, leaf.pair)
    verify(data, own)
    own.revoke(leaf.certificate)
    with pytest.raises(pki.CertificateRevokedError):
        verify(data, own)


def test_the_signer_must_not_have_expired(signed: bytes, local_pki: LocalPKI) -> None:
    with pytest.raises(pki.CertificateExpiredError):
        verify(signed, local_pki, at=AT + timedelta(days=721))


def test_the_other_network_is_refused(
    record: smp.ServiceInformation, production_pki: LocalPKI, local_pki: LocalPKI
) -> None:
    leaf = production_pki.issue(Role.SMP, "POP000112", at=AT)
    with pytest.raises(pki.WrongNetworkError):
        verify(smp.sign(record, leaf.pair), local_pki)


MADE = "data/smp-samples/local-made"
MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)


def made_policy() -> pki.TrustPolicy:
    def load(name: str) -> pki.Certificate:
        return pki.load_certificate(shared(f"{MADE}/{name}").read_bytes())

    return pki.TrustPolicy(
        role=Role.SMP,
        network="test",
        roots=(load("local-root.pem"),),
        issuers=(load("local-smp-ca.pem"),),
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(0),
    )


def verify_made(name: str) -> smp.SignedServiceMetadata:
    return smp.verify(
        shared(f"{MADE}/{name}").read_bytes(),
        trust=made_policy(),
        revocation=pki.Revocation.none(),
        at=MADE_AT,
    )


@pytest.mark.interop
@pytest.mark.parametrize(
    "name",
    [
        "info-javastyle.xml",
        "info-signxml.xml",
        "periods-javastyle.xml",
        "redirect-javastyle.xml",
        "wildcard-javastyle.xml",
    ],
)
def test_good_ones_of_others(name: str) -> None:
    found = verify_made(name)
    assert found.signer.common_name == "PNL000999"
    assert isinstance(found.metadata, smp.Redirect) == name.startswith("redirect")
    if name.startswith("periods"):
        assert isinstance(found.metadata, smp.ServiceInformation)
        process = found.metadata.processes[0]
        chosen = smp.choose_endpoint(found.metadata, process.id, MADE_AT)
        assert chosen.activation == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.interop
def test_bad_ones_of_others() -> None:
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify_made("info-tampered.xml")
    assert caught.value.cause == "signature_wrong"
    with pytest.raises(smp.SignatureInvalidError) as caught:
        verify_made("info-signxml-two-transforms.xml")
    assert caught.value.cause == "signature_form"
    with pytest.raises(pki.WrongRoleError):
        verify_made("info-signed-by-ap-cert.xml")


def test_a_wildcard_record_names_its_registration() -> None:
    found = verify_made("wildcard-javastyle.xml").metadata
    assert isinstance(found, smp.ServiceInformation)
    assert found.document_type.customization_id.endswith("*")
    assert found.document_type != INVOICE
