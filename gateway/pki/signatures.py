# SPDX-License-Identifier: Apache-2.0
"""A `ds:Signature` element as a value: structure checked, nothing computed.

What is not in the schema's place is refused, so that nothing rides along unseen.
Source: XML Signature Syntax and Processing 1.0, section 4.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from lxml import etree

from gateway.pki.algorithms import EXCLUSIVE_C14N
from gateway.pki.errors import SignaturePolicyError

NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"

MAX_REFERENCES = 64  # an AS4 message has one per part and two for the header and body
MAX_TRANSFORMS = 4  # the profiles allow one
MAX_BASE64 = 16 * 1024  # an RSA 4096 signature has 700 characters
MAX_PREFIXES = 64

_DS = f"{{{NAMESPACE}}}"
_REFERENCE, _KEY_INFO, _TRANSFORM = _DS + "Reference", _DS + "KeyInfo", _DS + "Transform"
_TRANSFORMS = _DS + "Transforms"
_IN_SIGNATURE = [_DS + "SignedInfo", _DS + "SignatureValue"]
_IN_SIGNED_INFO = [_DS + "CanonicalizationMethod", _DS + "SignatureMethod", _REFERENCE]
_IN_REFERENCE = [_DS + "DigestMethod", _DS + "DigestValue"]
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One `ds:Reference` as found; `inclusive_prefixes` are those of its exclusive transform."""

    uri: str
    transforms: tuple[str, ...]
    inclusive_prefixes: tuple[str, ...]
    digest_algorithm: str
    digest_value: bytes
    element: etree._Element = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One `ds:Signature` as found, structure checked and nothing computed yet."""

    canonicalisation: str
    inclusive_prefixes: tuple[str, ...]
    algorithm: str
    value: bytes
    references: tuple[Reference, ...]
    element: etree._Element = field(repr=False, compare=False)
    signed_info: etree._Element = field(repr=False, compare=False)
    key_info: etree._Element | None = field(repr=False, compare=False)


def read_signature(element: etree._Element) -> Signature:
    """Read a `ds:Signature` element of a parsed document.

    Every child must be known and stand where the schema has it; `ds:Object`, parameters of
    algorithms such as HMACOutputLength, and comments inside values are refused.
    Raises `SignaturePolicyError`.
    """
    if element.tag != _DS + "Signature":
        raise SignaturePolicyError("this is not a ds:Signature")
    signed_info, value, *rest = _children(element, _IN_SIGNATURE, _KEY_INFO)
    method, algorithm, *references = _children(signed_info, _IN_SIGNED_INFO, _REFERENCE)
    if len(rest) > 1 or len(references) > MAX_REFERENCES:
        raise SignaturePolicyError("the signature has too many parts")
    if len(algorithm):
        raise SignaturePolicyError("the signature method has parameters")
    return Signature(
        canonicalisation=_algorithm(method),
        inclusive_prefixes=_prefixes(method),
        algorithm=_algorithm(algorithm),
        value=_base64(value),
        references=tuple(_reference(reference) for reference in references),
        element=element,
        signed_info=signed_info,
        key_info=rest[0] if rest else None,
    )


def _reference(element: etree._Element) -> Reference:
    uri = element.get("URI")
    if uri is None:
        raise SignaturePolicyError("a reference has no URI")
    children = _elements(element)
    transforms: list[etree._Element] = []
    if children and children[0].tag == _TRANSFORMS:
        transforms = _children(children.pop(0), [_TRANSFORM], _TRANSFORM)
    if [child.tag for child in children] != _IN_REFERENCE:
        raise SignaturePolicyError("a reference has other parts than transforms and a digest")
    if len(transforms) > MAX_TRANSFORMS or len(children[0]):
        raise SignaturePolicyError("a reference has too many transforms or digest parameters")
    prefixes = [prefix for transform in transforms for prefix in _prefixes(transform)]
    return Reference(
        uri=uri,
        transforms=tuple(_algorithm(transform) for transform in transforms),
        inclusive_prefixes=tuple(prefixes),
        digest_algorithm=_algorithm(children[0]),
        digest_value=_base64(children[1]),
        element=element,
    )


def _elements(parent: etree._Element) -> list[etree._Element]:
    """The child elements, without comments and instructions."""
    return [child for child in parent if isinstance(child.tag, str)]


def _children(element: etree._Element, required: list[str], then: str) -> list[etree._Element]:
    """The child elements: first `required` in this order, after them only `then`."""
    children = _elements(element)
    names = [child.tag for child in children]
    more = len(names) - len(required)
    if names != required and (more <= 0 or names != required + [then] * more):
        inside = etree.QName(element).localname
        raise SignaturePolicyError(f"the children of ds:{inside} are not as the schema has them")
    return children


def _algorithm(element: etree._Element) -> str:
    algorithm = element.get("Algorithm")
    if not algorithm:
        raise SignaturePolicyError("an algorithm is not named")
    return algorithm


def _prefixes(element: etree._Element) -> tuple[str, ...]:
    """The prefix list of an exclusive canonicalisation; any other parameter is refused."""
    if len(element) == 0:
        return ()
    children = _elements(element)
    if not children:
        return ()
    only = children[0]
    exclusive_method = element.get("Algorithm") == EXCLUSIVE_C14N
    if len(children) > 1 or only.tag != _INCLUSIVE_NAMESPACES or not exclusive_method:
        raise SignaturePolicyError("a transform or canonicalisation has parameters")
    prefixes = tuple((only.get("PrefixList") or "").split())
    if len(prefixes) > MAX_PREFIXES:
        raise SignaturePolicyError("a list of inclusive prefixes is too long")
    return prefixes


def _base64(element: etree._Element) -> bytes:
    # A comment inside would split the text: what the canonical form joins, `.text` does not.
    if len(element):
        raise SignaturePolicyError("a base64 value has something inside that is not text")
    text = "".join((element.text or "").split())
    if not text or len(text) > MAX_BASE64:
        raise SignaturePolicyError("a base64 value is empty or too long")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignaturePolicyError("a base64 value is not base64") from error
