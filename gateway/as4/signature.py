# SPDX-License-Identifier: Apache-2.0
"""Who signed a header, whether the signature holds, and what exactly it covers; and our own.

The digests of payload parts are only handed on: they can be compared when the parts have been
decrypted. Sources: XML Signature; WS-Security SwA profile 5.3; AS4 Profile of ebMS 3.0, 5.1.4.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from gateway import pki, safexml
from gateway.as4 import const
from gateway.as4.errors import (
    FailedAuthenticationError,
    PolicyNoncomplianceError,
    Step,
    UnprotectedPartError,
)
from gateway.as4.key_names import TOKEN
from gateway.as4.mime import content_id_of
from gateway.as4.repeating import repeat_references
from gateway.as4.soap import SIGNATURE, SOAP, refuse_copies
from gateway.as4.wsse import TIMESTAMP, signer_certificate
from gateway.identifiers import PartyId
from gateway.pki import xmldsig

_FOREIGN: Final = etree.XPath(
    "boolean(.//*[namespace-uri() != $ds and namespace-uri() != $ec]"
    " | .//@*[namespace-uri()] | .//processing-instruction())".replace(
        "$ds", f"'{const.DS}'"
    ).replace("$ec", f"'{const.EC}'")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReference:
    """One reference of a SignedInfo: what was signed, and its digest."""

    uri: str
    digest_algorithm: str
    digest_value: bytes

    @property
    def line(self) -> str:
        """One line of canonical text; equal lines mean the same bytes under the same name."""
        digest = base64.b64encode(self.digest_value).decode("ascii")
        return f"{self.uri} {self.digest_algorithm} {digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """A signature that holds. `part_digests` (by Content-ID) are still to be compared."""

    signer: pki.Certificate
    revocation: str
    references: tuple[SignedReference, ...]
    part_digests: Mapping[str, bytes]
    reference_elements: tuple[bytes, ...]

    @property
    def digests(self) -> str:
        """Canonical text of all references; equal for a true repeat of a message."""
        return "\n".join(sorted(reference.line for reference in self.references))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a signature must fulfil to be believed."""

    party: PartyId | None  # whose it must be; None takes any access point of the network
    content_ids: frozenset[str]
    trust: pki.TrustPolicy
    revocation: pki.Revocation
    at: datetime


def verify_signature(
    soap: SOAP, security: etree._Element, expected: Expectation
) -> VerifiedSignature:
    """Verify the signature of a SOAP header. Numbers are rows of docs/architecture.md.

    11. structure, algorithms and transforms are on the list, the key is named by its token;
    12. the signer is an access point of this network now, and the one the message names;
    13. the signature value holds, so do the digests of all elements, and the very Messaging and
        Body elements and exactly the expected parts are covered.

    The caller still owes the digests of the parts (16). Raises `PolicyNoncomplianceError` or
    `FailedAuthenticationError`.
    """
    # 11
    element = security.find(SIGNATURE)
    assert element is not None  # `find_security` saw it
    signature = _read(element)
    certificate = signer_certificate(signature.key_info, security, soap)
    # 12
    trusted = _judge(certificate, expected)
    # 13
    try:
        _refuse_foreign(signature)
        signed_info = xmldsig.verify_value(signature, certificate)
        covered = _verify_elements(soap, security, signature.references)
    except pki.SignaturePolicyError as error:
        raise _unallowed(error.detail) from error
    except pki.SignatureError as error:
        raise _wrong(error.detail) from error
    except safexml.MalformedXMLError as error:  # no canonical form: nothing can have been signed
        raise _wrong("what is signed has no canonical form") from error
    if soap.messaging not in covered or soap.body not in covered:
        raise _uncovered("Messaging and Body must both be signed")
    digests = _part_digests(signature.references)
    if digests.keys() != expected.content_ids:
        raise UnprotectedPartError(
            "the signature must cover exactly the payload parts",
            step=Step.SIGNATURE,
            unprotected=expected.content_ids - digests.keys(),
        )
    refuse_copies(soap.root)
    return VerifiedSignature(
        signer=certificate,
        revocation=trusted.revocation,
        references=tuple(_as_value(reference) for reference in signature.references),
        part_digests=digests,
        reference_elements=repeat_references(signature, signed_info),
    )


def _read(element: etree._Element) -> xmldsig.Signature:
    try:
        signature = xmldsig.read_signature(element)
        xmldsig.check_algorithms(signature, xmldsig.AS4_PROFILE)
    except pki.SignaturePolicyError as error:
        raise _unallowed(error.detail) from error
    return signature


def _judge(certificate: pki.Certificate, expected: Expectation) -> pki.Trusted:
    try:
        trusted = pki.judge(
            certificate,
            policy=expected.trust,
            revocation=expected.revocation,
            at=expected.at,
            usage=pki.Usage.SIGN,
        )
        party = certificate.party_id
    except pki.CertificateError as error:
        # The peer gets one sentence; why exactly is for our own operator.
        raise FailedAuthenticationError(
            "the signer's certificate is not acceptable", step=Step.SIGNER, advice=error.detail
        ) from error
    if expected.party is not None and party != expected.party:
        raise FailedAuthenticationError(
            "the signer is not the access point that the message names", step=Step.SIGNER
        )
    return trusted


def _verify_elements(
    soap: SOAP, security: etree._Element, references: Iterable[xmldsig.Reference]
) -> list[etree._Element]:
    covered: list[etree._Element] = []
    for reference in references:
        if not reference.uri.startswith("#"):
            continue
        if "(" in reference.uri:
            raise _unallowed("a reference of the signature is an XPointer")
        if reference.uri[1:] not in soap.ids:
            raise _wrong("a reference of the signature leads nowhere")
        target = soap.targets.get(reference.uri[1:])
        if target is None or not _may_be_signed(target, soap, security):
            raise _uncovered("the signature covers an element that does not belong there")
        if target in covered:
            raise _uncovered("an element is signed twice")
        xmldsig.verify_element(reference, target)
        covered.append(target)
    return covered


def _may_be_signed(target: etree._Element, soap: SOAP, security: etree._Element) -> bool:
    if target is soap.messaging or target is soap.body:
        return True
    return target.tag in (TOKEN, TIMESTAMP) and target.getparent() is security


def _part_digests(references: Iterable[xmldsig.Reference]) -> dict[str, bytes]:
    digests: dict[str, bytes] = {}
    for reference in references:
        if reference.uri.startswith("cid:"):
            content_id = content_id_of(reference.uri)
            if content_id in digests:
                raise _uncovered("a part is signed twice")
            digests[content_id] = reference.digest_value
    return digests


def _as_value(reference: xmldsig.Reference) -> SignedReference:
    return SignedReference(
        uri=reference.uri,
        digest_algorithm=reference.digest_algorithm,
        digest_value=reference.digest_value,
    )


def _refuse_foreign(signature: xmldsig.Signature) -> None:
    """Only the signature's own names: then its references mean the same inside a receipt."""
    if _FOREIGN(signature.signed_info):
        raise _unallowed("SignedInfo holds foreign elements, attributes or instructions")


def _wrong(detail: str) -> FailedAuthenticationError:
    return FailedAuthenticationError(detail, step=Step.SIGNATURE)


def _uncovered(detail: str) -> PolicyNoncomplianceError:
    return PolicyNoncomplianceError(detail, step=Step.SIGNATURE)


def _unallowed(detail: str) -> PolicyNoncomplianceError:
    return PolicyNoncomplianceError(detail, step=Step.ALGORITHMS)
