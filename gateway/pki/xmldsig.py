# SPDX-License-Identifier: Apache-2.0
"""XML signatures: read the structure, hold it against the one list of algorithms, compute.

AS4 and SMP signatures differ only in an `AlgorithmProfile`; both end here. Order for a verifier:
`read_signature` (structure), `check_algorithms` (nothing computed before), `verify_value`, then one
digest per reference. What a reference points to, and whether it covers enough, is the caller's.
Source: XML Signature Syntax and Processing 1.0; Exclusive XML Canonicalization 1.0.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from gateway import safexml
from gateway.pki.algorithms import (
    AS4_PROFILE,
    ENVELOPED,
    EXCLUSIVE_C14N,
    INCLUSIVE_C14N,
    RSA_SHA256,
    SHA256,
    SMP_PROFILE,
    SWA_CONTENT,
    AlgorithmProfile,
)
from gateway.pki.certificates import Certificate
from gateway.pki.errors import SignaturePolicyError, SignatureValueError
from gateway.pki.signatures import NAMESPACE, Reference, Signature, read_signature

__all__ = [
    "AS4_PROFILE",
    "ENVELOPED",
    "EXCLUSIVE_C14N",
    "INCLUSIVE_C14N",
    "NAMESPACE",
    "RSA_SHA256",
    "SHA256",
    "SMP_PROFILE",
    "SWA_CONTENT",
    "AlgorithmProfile",
    "Reference",
    "Signature",
    "canonical_around",
    "canonical_signed_info",
    "check_algorithms",
    "exclusive",
    "read_signature",
    "verify_digest",
    "verify_element",
    "verify_enveloped",
    "verify_value",
]

_PKCS1 = padding.PKCS1v15()
_HASH = hashes.SHA256()


def check_algorithms(signature: Signature, profile: AlgorithmProfile) -> None:
    """Hold a signature against the profile's list. Raises `SignaturePolicyError`."""
    if signature.canonicalisation != profile.canonicalisation:
        raise SignaturePolicyError(
            f"the canonicalisation {signature.canonicalisation[:100]} is refused"
        )
    if signature.algorithm != profile.signature:
        raise SignaturePolicyError(
            f"the signature algorithm {signature.algorithm[:100]} is refused"
        )
    seen: set[str] = set()
    for reference in signature.references:
        if reference.digest_algorithm != profile.digest:
            raise SignaturePolicyError(
                f"the digest algorithm {reference.digest_algorithm[:100]} is refused"
            )
        transforms = profile.transforms_for(reference.uri)
        if transforms is None or reference.uri in seen:
            raise SignaturePolicyError(f"the reference {reference.uri[:100]!r} is refused")
        if reference.transforms != transforms:
            raise SignaturePolicyError(
                f"the transforms of the reference {reference.uri[:100]!r} are refused"
            )
        seen.add(reference.uri)


def verify_value(signature: Signature, certificate: Certificate) -> bytes:
    """Verify RSASSA-PKCS1-v1_5 with SHA-256 over the canonical SignedInfo, and return that.

    Only after `check_algorithms`; the certificate is judged elsewhere. Raises
    `SignatureValueError`, and `SignaturePolicyError` for a list of prefixes that is refused.
    """
    signed = canonical_signed_info(signature)
    try:
        certificate.public_key.verify(signature.value, signed, _PKCS1, _HASH)
    except InvalidSignature as error:
        raise SignatureValueError("the signature value does not match") from error
    return signed


def verify_digest(reference: Reference, digest: bytes) -> None:
    """Compare what was computed with what was signed. Raises `SignatureValueError`."""
    if not hmac.compare_digest(reference.digest_value, digest):
        raise SignatureValueError(f"the digest of {reference.uri[:100]!r} does not match")


def verify_element(reference: Reference, element: etree._Element) -> None:
    """Check the digest of an element that went through exclusive canonicalisation alone.

    Raises `SignatureValueError`, or `SignaturePolicyError` for a list of prefixes that is refused.
    """
    canonical = exclusive(element, reference.inclusive_prefixes)
    verify_digest(reference, hashlib.sha256(canonical).digest())


def verify_enveloped(signature: Signature) -> None:
    """Check the digest of the whole document around an enveloped signature (`URI=""`).

    The document is what the root element holds; instructions outside it are not looked at, so one
    that was signed makes the digest fail. Raises `SignatureValueError`.
    """
    canonical = canonical_around(signature.element)
    verify_digest(signature.references[0], hashlib.sha256(canonical).digest())


def canonical_signed_info(signature: Signature) -> bytes:
    """The bytes that were signed."""
    if signature.canonicalisation == INCLUSIVE_C14N:
        # lxml writes a wrong xmlns="" below an element whose default namespace stands further up.
        return safexml.canonicalise(safexml.reparsed(signature.signed_info), exclusive=False)
    return exclusive(signature.signed_info, signature.inclusive_prefixes)


def canonical_around(signature: etree._Element) -> bytes:
    """Inclusive canonical form of a signature's document without the signature itself."""
    root = signature.getroottree().getroot()
    path = signature.getroottree().getelementpath(signature)
    copy = safexml.reparsed(root)
    found = copy.find(path)
    parent = found.getparent() if found is not None else None
    if found is None or parent is None:
        raise SignaturePolicyError("the signature does not stand inside a document")
    _detach(found, parent)
    return safexml.canonicalise(copy, exclusive=False)


def exclusive(element: etree._Element, prefixes: Sequence[str] = ()) -> bytes:
    """Exclusive canonical form of an element, with a list of InclusiveNamespaces prefixes.

    `#default` cannot be honoured (the XML library drops it). Where no default namespace is in
    scope it means nothing; elsewhere it is refused with `SignaturePolicyError`.
    """
    if "#default" in prefixes:
        if None in element.nsmap or _declares_default(element):
            raise SignaturePolicyError("#default in a list of inclusive prefixes is refused")
        prefixes = [prefix for prefix in prefixes if prefix != "#default"]
    return safexml.canonicalise(element, inclusive_prefixes=prefixes)


def _declares_default(element: etree._Element) -> bool:
    # By events: `nsmap` collects all that is in scope anew for each element.
    declarations = etree.iterwalk(element, events=("start-ns",))
    return any(declared and not declared[0] for _, declared in declarations)


def _detach(element: etree._Element, parent: etree._Element) -> None:
    """Remove an element and leave the text behind it where it is."""
    tail = element.tail or ""
    before = element.getprevious()
    parent.remove(element)
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
