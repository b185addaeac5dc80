# SPDX-License-Identifier: Apache-2.0
"""Reads the wsse:Security header: tokens, the encrypted key, the encrypted parts. Computes nothing.

Everything is held against the short list of the Peppol profile before a key is used. Sources:
WS-Security 1.1.1, its X.509 and SwA profiles; XML Encryption 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lxml import etree

from gateway import pki
from gateway.as4 import const
from gateway.as4.elements import by_tag, content, elements
from gateway.as4.errors import FailedAuthenticationError, PolicyNoncomplianceError, Step
from gateway.as4.key_names import KeyName, decoded, find_token, read_key_name
from gateway.as4.mime import content_id_of
from gateway.as4.soap import SECURITY, SIGNATURE, SOAP

_WSSE: Final = f"{{{const.WSSE}}}"
_WSU: Final = f"{{{const.WSU}}}"
_DS: Final = f"{{{const.DS}}}"
_XENC: Final = f"{{{const.XENC}}}"
_XENC11: Final = f"{{{const.XENC11}}}"

TIMESTAMP: Final = _WSU + "Timestamp"
_MAX_CIPHER_VALUE = 4096  # characters; RSA 4096 has 684
_MAX_TOKEN = 24 * 1024  # characters; certificates of up to 16 KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedKey:
    """The wrapped AES key; `wrapped` is empty where its base64 was broken."""

    key_name: KeyName
    wrapped: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedPart:
    """One xenc:EncryptedData: which MIME part, and the media type of what is inside."""

    content_id: str
    mime_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """The encryption half of a Security header."""

    key: EncryptedKey
    parts: tuple[EncryptedPart, ...]


def find_security(soap: SOAP) -> etree._Element:
    """The one Security header with its one Signature (row 10 of docs/architecture.md)."""
    headers = _named(soap.header, SECURITY)
    if len(headers) != 1:
        raise _refused("there is not exactly one Security header")
    if len(_named(headers[0], SIGNATURE)) != 1:
        raise _refused("the message is not signed by exactly one signature")
    return headers[0]


def read_encryption(security: etree._Element, soap: SOAP) -> Encryption | None:
    """How the parts are encrypted; None if nothing is. Rows 10 and 11 of docs/architecture.md."""
    keys = _named(security, _XENC + "EncryptedKey")
    data = _named(security, _XENC + "EncryptedData")
    if not keys and not data:
        return None
    if len(keys) != 1:
        raise _refused("there is not exactly one EncryptedKey")
    key = _read_key(keys[0], security, soap)
    return Encryption(key=key, parts=tuple(_read_data(item, keys[0]) for item in data))


def signer_certificate(
    key_info: etree._Element | None, security: etree._Element, soap: SOAP
) -> pki.Certificate:
    """The certificate of the signature: the token that its KeyInfo references, and nothing else.

    Peppol AS4 Profile 2.0.3, "Use of Peppol PKI". Raises `PolicyNoncomplianceError` for another
    form, `FailedAuthenticationError` for a token that is no certificate.
    """
    reference = (
        None
        if key_info is None
        else _only(_only(key_info, _WSSE + "SecurityTokenReference"), _WSSE + "Reference")
    )
    token = None if reference is None else find_token(reference, security, soap)
    if token is None:
        raise _unallowed("the signature must name its key by a BinarySecurityToken of type X509v3")
    return _certificate_in(content(token))


@lru_cache(maxsize=256)  # the access points that we meet; what fails is not kept
def _certificate_in(text: str) -> pki.Certificate:
    der = decoded("".join(text.split())) if len(text) <= _MAX_TOKEN else None
    if not der:
        raise FailedAuthenticationError("the signer's token is no certificate", step=Step.SIGNER)
    try:
        return pki.load_certificate(der)
    except pki.CertificateError as error:
        raise FailedAuthenticationError(
            "the signer's certificate cannot be read", step=Step.SIGNER, advice=error.detail
        ) from error


def _read_key(element: etree._Element, security: etree._Element, soap: SOAP) -> EncryptedKey:
    parts = by_tag(element)
    method = parts.get(_XENC + "EncryptionMethod")
    if method is None or method.get("Algorithm") != const.RSA_OAEP:
        raise _unallowed("the key must be encrypted with RSA-OAEP of XML Encryption 1.1")
    parameters = by_tag(method)
    if _algorithm(parameters.get(_DS + "DigestMethod")) != const.SHA256:
        raise _unallowed("RSA-OAEP must use SHA-256")
    if _algorithm(parameters.get(_XENC11 + "MGF")) != const.MGF1_SHA256:
        raise _unallowed("RSA-OAEP must use MGF1 with SHA-256")
    if _XENC + "OAEPparams" in parameters:
        raise _unallowed("RSA-OAEP must have no label")
    reference = _only(_only(parts.get(_DS + "KeyInfo"), _WSSE + "SecurityTokenReference"))
    key_name = None if reference is None else read_key_name(reference, security, soap)
    if key_name is None:
        raise _unallowed("the encrypted key does not say whose it is")
    value = _only(parts.get(_XENC + "CipherData"), _XENC + "CipherValue")
    text = "" if value is None else "".join(content(value).split())
    return EncryptedKey(key_name=key_name, wrapped=decoded(text[:_MAX_CIPHER_VALUE]) or b"")


def _algorithm(method: etree._Element | None) -> str | None:
    return None if method is None else method.get("Algorithm")


def _read_data(element: etree._Element, key: etree._Element) -> EncryptedPart:
    if element.get("Type") != const.ATTACHMENT_CONTENT_ONLY:
        raise _unallowed("only the content of a part may be encrypted")
    parts = by_tag(element)
    if _algorithm(parts.get(_XENC + "EncryptionMethod")) != const.AES128_GCM:
        raise _unallowed("a part must be encrypted with AES-128-GCM")
    if not _belongs_to(element, parts.get(_DS + "KeyInfo"), key):
        raise _unallowed("a part is not encrypted with the one EncryptedKey")
    cipher = _only(parts.get(_XENC + "CipherData"), _XENC + "CipherReference")
    uri = "" if cipher is None else cipher.get("URI", "").strip()
    if not uri.startswith("cid:"):
        raise _unallowed("an EncryptedData does not name a MIME part")
    transform = _only(_only(cipher, _XENC + "Transforms"), _DS + "Transform")
    if _algorithm(transform) != const.ATTACHMENT_CIPHERTEXT:
        raise _unallowed("an EncryptedData has other transforms than the SwA ciphertext one")
    mime_type = element.get("MimeType")
    return EncryptedPart(
        content_id=content_id_of(uri),
        mime_type=mime_type.strip().lower() if mime_type else None,
    )


def _belongs_to(data: etree._Element, key_info: etree._Element | None, key: etree._Element) -> bool:
    named = _only(_only(key_info, _WSSE + "SecurityTokenReference"), _WSSE + "Reference")
    if named is not None:
        return bool(key.get("Id")) and named.get("URI") == f"#{key.get('Id')}"
    uris = [item.get("URI") for item in key.iterfind(f"{_XENC}ReferenceList/{_XENC}DataReference")]
    return bool(data.get("Id")) and f"#{data.get('Id')}" in uris


def _named(parent: etree._Element, tag: str) -> list[etree._Element]:
    """The child elements of this name; `findall` would take three times as long."""
    return [child for child in parent if child.tag == tag]


def _only(parent: etree._Element | None, tag: str | None = None) -> etree._Element | None:
    """The only child element, if there is just one and it has this tag."""
    if parent is None:
        return None
    children = list(elements(parent)) if len(parent) != 1 else [parent[0]]
    if len(children) != 1 or (tag is not None and children[0].tag != tag):
        return None
    return children[0]


def _refused(detail: str) -> PolicyNoncomplianceError:
    return PolicyNoncomplianceError(detail, step=Step.SECURITY)


def _unallowed(detail: str) -> PolicyNoncomplianceError:
    return PolicyNoncomplianceError(detail, step=Step.ALGORITHMS)
