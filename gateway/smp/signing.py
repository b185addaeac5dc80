# SPDX-License-Identifier: Apache-2.0
"""Sign our records, verify those of others. Source: Peppol SMP 1.4.0, section 5.5.

Signing goes through signxml, verifying through the signature rules that pki has for all rooms: one
way each, so that the tests can hold one against the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from gateway import pki, safexml
from gateway.smp.errors import MetadataError, SignatureInvalidError
from gateway.smp.metadata import ServiceMetadata, SignedServiceMetadata
from gateway.smp.reading import read_service_metadata
from gateway.smp.writing import NAMESPACES, SMP, service_metadata_text

_ROOT = f"{{{SMP}}}SignedServiceMetadata"
_CONTENT = f"{{{SMP}}}ServiceMetadata"
_SIGNATURE = f"{{{pki.xmldsig.NAMESPACE}}}Signature"
_CERTIFICATES = f"{{{pki.xmldsig.NAMESPACE}}}X509Data/{{{pki.xmldsig.NAMESPACE}}}X509Certificate"


def sign(metadata: ServiceMetadata, signer: pki.Signer) -> bytes:
    """A signed record as it is answered: enveloped signature, last child of the root."""
    content = service_metadata_text(metadata)
    unsigned = f"<smp:SignedServiceMetadata {NAMESPACES}>{content}</smp:SignedServiceMetadata>"
    # The defaults are another canonicalisation and a second transform, which SMP 5.5.1 forbids.
    xml_signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    signed = xml_signer.sign(
        safexml.parse(unsigned.encode()),
        key=cast("Any", _SigningKey(signer)),
        cert=[signer.certificate.x509],
        exclude_c14n_transform_element=True,
    )
    return safexml.serialise(signed)


def verify(
    data: bytes, *, trust: pki.TrustPolicy, revocation: pki.Revocation, at: datetime
) -> SignedServiceMetadata:
    """Read a signed record and believe nothing else than what its signature covers.

    1. XML of the right root, whose children are one record and one signature;
    2. the form and the algorithms that section 5.5.1 allows, and no others;
    3. the one certificate in the signature is an SMP's of this network, now (5.5.2);
    4. the signature value, then the digest of the document without the signature;
    5. the record is read out of the bytes that the digest was computed on.

    The caller still owes the comparison with what was asked for.
    Raises `MetadataError` (1), `SignatureInvalidError` (2, 4) and `pki.UntrustedError` (3).
    """
    # 1
    element = _signature_of(_parsed(data))
    try:
        # 2
        signature = pki.xmldsig.read_signature(element)
        if len(signature.references) != 1:
            raise SignatureInvalidError(
                "the signature must have exactly one reference", cause="signature_form"
            )
        pki.xmldsig.check_algorithms(signature, pki.xmldsig.SMP_PROFILE)
        # 3
        trusted = pki.judge(
            _certificate(signature),
            policy=trust,
            revocation=revocation,
            at=at,
            usage=pki.Usage.SIGN,
        )
        # 4
        pki.xmldsig.verify_value(signature, trusted.certificate)
        covered = pki.xmldsig.canonical_around(element)
        pki.xmldsig.verify_digest(signature.references[0], hashlib.sha256(covered).digest())
    except pki.SignatureValueError as error:
        raise SignatureInvalidError(error.detail, cause="signature_wrong") from error
    except pki.SignaturePolicyError as error:
        raise SignatureInvalidError(error.detail, cause="signature_form") from error
    # 5
    return SignedServiceMetadata(
        metadata=read_service_metadata(safexml.parse(covered)[0]),
        signer=trusted.certificate,
        revocation=trusted.revocation,
    )


@dataclass(frozen=True, slots=True)
class _SigningKey:
    """What signxml calls a private key, in front of our `Signer`."""

    signer: pki.Signer

    def sign(self, data: bytes, *, padding: object, algorithm: object) -> bytes:
        """Sign; the algorithm is the one that `Signer` has."""
        del padding, algorithm
        return self.signer.sign(data)


def _parsed(data: bytes) -> etree._Element:
    try:
        return safexml.parse(data)
    except safexml.MalformedXMLError as error:
        raise MetadataError(error.detail, cause="not_xml") from error


def _signature_of(root: etree._Element) -> etree._Element:
    children = list(root.iterchildren(etree.Element))
    tags = [child.tag for child in children]
    if root.tag != _ROOT or tags[:1] != [_CONTENT]:
        raise MetadataError("the answer is no signed service metadata", cause="not_metadata")
    if tags == [_CONTENT]:
        raise SignatureInvalidError("the record is not signed", cause="signature_missing")
    if tags != [_CONTENT, _SIGNATURE]:
        raise SignatureInvalidError(
            "the record must hold one signature, as its last part", cause="signature_form"
        )
    return children[1]


def _certificate(signature: pki.xmldsig.Signature) -> pki.Certificate:
    """The signer's certificate out of KeyInfo; one, so that it is clear whose signature it is."""
    key_info = signature.key_info
    found = [] if key_info is None else key_info.findall(_CERTIFICATES)
    if len(found) != 1:
        raise SignatureInvalidError(
            "the signature must name one certificate", cause="signature_form"
        )
    try:
        return pki.load_certificate(found[0].text or "")
    except pki.CertificateError as error:
        raise SignatureInvalidError(error.detail, cause="signature_form") from error
