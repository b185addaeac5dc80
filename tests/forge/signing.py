# SPDX-License-Identifier: Apache-2.0
"""Signs an envelope: references are digested where they stand, then SignedInfo likewise.

The envelope is text with a mark where the Signature goes. Whatever a reference says it did, the
digest is over what `digested` says, so a message can be wrong in one respect and right in all
others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from tests.forge import names

MARK = "<forge-signature/>"
Edit = Callable[[str], str]
_HASHES = {names.SHA256: "sha256", names.SHA1: "sha1", names.SHA512: "sha512"}
_SIGNATURE_HASHES: dict[str, hashes.HashAlgorithm] = {
    names.RSA_SHA1: hashes.SHA1(),
    names.RSA_SHA512: hashes.SHA512(),
}


@dataclass(frozen=True, kw_only=True)
class Ref:
    """One reference: `id` of an element in the envelope, or the bytes of a part."""

    uri: str
    data: bytes | None = None
    element: str | None = None  # the id that is really digested; None: the one of the URI
    transforms: tuple[str, ...] | None = None  # algorithms; None: the right one
    parameters: str = ""  # inside the last Transform
    prefixes: tuple[str, ...] = ()  # the PrefixList it canonicalises with
    listed: bool = True  # write that list
    digest: str = names.SHA256
    value: bytes | None = None

    def written(self, value: bytes) -> str:
        default = names.EC if self.data is None else names.SWA_SIGNATURE
        parts = (default,) if self.transforms is None else self.transforms
        inside = self.parameters
        if self.prefixes and self.listed:
            inside += _list(self.prefixes)
        transforms = "".join(
            f'<ds:Transform Algorithm="{one}">{inside if one is parts[-1] else ""}</ds:Transform>'
            for one in parts
        )
        if transforms:
            transforms = f"<ds:Transforms>{transforms}</ds:Transforms>"
        return (
            f'<ds:Reference URI="{self.uri}">{transforms}'
            f'<ds:DigestMethod Algorithm="{self.digest}"/>'
            f"<ds:DigestValue>{base64.b64encode(value).decode()}</ds:DigestValue></ds:Reference>"
        )


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How SignedInfo is written and signed."""

    algorithm: str = names.RSA_SHA256
    canonicalisation: str = names.EC
    prefixes: tuple[str, ...] = ()
    method_parameters: str = ""
    edit: Edit = field(default=lambda text: text)  # of SignedInfo, before it is signed
    after: Edit = field(default=lambda text: text)  # of the Signature, after it was signed
    value: bytes | None = None


def _list(prefixes: Sequence[str]) -> str:
    return f'<ec:InclusiveNamespaces xmlns:ec="{names.EC}" PrefixList="{" ".join(prefixes)}"/>'


def canonical(element: etree._Element, prefixes: Sequence[str] = ()) -> bytes:
    return etree.tostring(
        element,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=list(prefixes) or None,
    )


def tree(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def by_id(root: etree._Element, identifier: str) -> etree._Element:
    found = root.xpath(
        "//*[@wsu:Id=$id or @Id=$id or @id=$id]", id=identifier, namespaces={"wsu": names.WSU}
    )
    assert isinstance(found, list)
    assert found, identifier
    target = found[0]
    assert isinstance(target, etree._Element)
    return target


def sign(
    envelope: str, references: Sequence[Ref], key: RSAPrivateKey, key_info: str, how: Signing
) -> str:
    """The envelope with its Signature in the place of the mark."""
    root = tree(envelope)
    written = "".join(one.written(_value(one, root)) for one in references)
    signed_info = how.edit(
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{how.canonicalisation}">'
        f"{_list(how.prefixes) if how.prefixes else ''}</ds:CanonicalizationMethod>"
        f'<ds:SignatureMethod Algorithm="{how.algorithm}">{how.method_parameters}'
        f"</ds:SignatureMethod>{written}</ds:SignedInfo>"
    )

    def signature(value: str) -> str:
        return (
            f'<ds:Signature xmlns:ds="{names.DS}" Id="SIG-1">{signed_info}'
            f"<ds:SignatureValue>{value}</ds:SignatureValue>{key_info}</ds:Signature>"
        )

    placed = tree(envelope.replace(MARK, signature("")))
    element = next(placed.iter(f"{{{names.DS}}}SignedInfo"))
    value = _signed(key, canonical(element, how.prefixes), how)
    return envelope.replace(MARK, how.after(signature(base64.b64encode(value).decode())))


def _value(reference: Ref, root: etree._Element) -> bytes:
    if reference.value is not None:
        return reference.value
    data = reference.data
    if data is None:
        target = by_id(root, reference.element or reference.uri.removeprefix("#"))
        data = canonical(target, reference.prefixes)
    return hashlib.new(_HASHES.get(reference.digest, "sha256"), data).digest()


def _signed(key: RSAPrivateKey, data: bytes, how: Signing) -> bytes:
    if how.value is not None:
        return how.value
    if how.algorithm == names.RSA_PSS:
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return key.sign(data, pss, hashes.SHA256())
    used = _SIGNATURE_HASHES.get(how.algorithm, hashes.SHA256())
    return key.sign(data, padding.PKCS1v15(), used)
