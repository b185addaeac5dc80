# SPDX-License-Identifier: Apache-2.0
"""How a Security header names a certificate: by a token in it, by issuer and serial, by digests.

Source: WS-Security X.509 token profile 1.1.1, 3.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway import pki
from gateway.as4 import const
from gateway.as4.elements import content
from gateway.as4.soap import SOAP

_WSSE: Final = f"{{{const.WSSE}}}"
_DS: Final = f"{{{const.DS}}}"
_SERIAL = re.compile(r"[0-9]{1,60}")  # RFC 5280: at most 20 bytes

TOKEN: Final = _WSSE + "BinarySecurityToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyName:
    """Which certificate an encrypted key is for, in the one form that was used."""

    token: bytes | None = None
    issuer_serial: tuple[str, int] | None = None
    subject_key_id: bytes | None = None
    thumbprint: bytes | None = None

    def names(self, certificate: pki.Certificate) -> bool:
        """Whether this certificate is meant."""
        if self.token is not None:
            return self.token == certificate.der
        if self.issuer_serial is not None:
            issuer, serial = self.issuer_serial
            return certificate.is_named_by(issuer=issuer, serial=serial)
        if self.subject_key_id is not None:
            return self.subject_key_id == certificate.subject_key_id
        # SHA-1 names a certificate of our own here; nothing is trusted because of it.
        return self.thumbprint == hashlib.sha1(certificate.der, usedforsecurity=False).digest()


def read_key_name(
    reference: etree._Element, security: etree._Element, soap: SOAP
) -> KeyName | None:
    """What stands inside a SecurityTokenReference; None for a form that is not known."""
    # The profile wants the token here as well; the other forms are common and harmless.
    if reference.tag == _WSSE + "Reference":
        token = find_token(reference, security, soap)
        der = None if token is None else decoded("".join(content(token).split()))
        return None if der is None else KeyName(token=der)
    if reference.tag == _DS + "X509Data":
        return _issuer_serial(reference)
    value = decoded("".join(content(reference).split()))
    if reference.tag == _WSSE + "KeyIdentifier" and value:
        if reference.get("ValueType") == const.X509_SKI:
            return KeyName(subject_key_id=value)
        if reference.get("ValueType") == const.THUMBPRINT_SHA1:
            return KeyName(thumbprint=value)
    return None


def _issuer_serial(data: etree._Element) -> KeyName | None:
    issuer = data.find(f"{_DS}X509IssuerSerial/{_DS}X509IssuerName")
    number = data.find(f"{_DS}X509IssuerSerial/{_DS}X509SerialNumber")
    serial = "" if number is None else content(number).strip()
    if issuer is None or not _SERIAL.fullmatch(serial):
        return None
    return KeyName(issuer_serial=(content(issuer).strip(), int(serial)))


def find_token(
    reference: etree._Element, security: etree._Element, soap: SOAP
) -> etree._Element | None:
    """The X509v3 token in this very Security header that a wsse:Reference means."""
    uri = reference.get("URI", "")
    token = soap.targets.get(uri[1:]) if uri.startswith("#") else None
    if token is None or token.tag != TOKEN or token.getparent() is not security:
        return None
    if reference.get("ValueType", const.X509V3) != const.X509V3:
        return None
    right_type = token.get("ValueType") == const.X509V3
    encoded = token.get("EncodingType", const.BASE64_BINARY) == const.BASE64_BINARY
    return token if right_type and encoded else None


def decoded(text: str) -> bytes | None:
    """Base64 without blanks; None if it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
