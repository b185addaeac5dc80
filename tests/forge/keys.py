# SPDX-License-Identifier: Apache-2.0
"""Tokens, EncryptedKey and EncryptedData: the half of the Security header that is not signed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.forge import names
from tests.forge.cast import Holder
from tests.forge.payload import Part


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def token(
    holder: Holder,
    identifier: str,
    *,
    value_type: str | None = names.X509V3,
    encoding: str | None = names.BASE64_BINARY,
    text: str | None = None,
) -> str:
    """A BinarySecurityToken."""
    attributes = f' wsu:Id="{identifier}"'
    if encoding is not None:
        attributes += f' EncodingType="{encoding}"'
    if value_type is not None:
        attributes += f' ValueType="{value_type}"'
    inside = b64(holder.der) if text is None else text
    return f"<wsse:BinarySecurityToken{attributes}>{inside}</wsse:BinarySecurityToken>"


def direct(identifier: str, value_type: str | None = names.X509V3) -> str:
    """A wsse:Reference to a token."""
    kind = "" if value_type is None else f' ValueType="{value_type}"'
    return f'<wsse:Reference URI="#{identifier}"{kind}/>'


def issuer_serial(holder: Holder, *, separator: str = ",", backwards: bool = False) -> str:
    name = holder.certificate.issuer
    parts = [relative.rfc4514_string() for relative in name.rdns]
    issuer = separator.join(parts if backwards else reversed(parts))
    return (
        f"<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{escape(issuer)}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{holder.certificate.serial_number}</ds:X509SerialNumber>"
        "</ds:X509IssuerSerial></ds:X509Data>"
    )


def key_identifier(value: bytes, value_type: str) -> str:
    return (
        f'<wsse:KeyIdentifier ValueType="{value_type}" EncodingType="{names.BASE64_BINARY}">'
        f"{b64(value)}</wsse:KeyIdentifier>"
    )


def ski(holder: Holder) -> str:
    extension = holder.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return key_identifier(extension.value.digest, names.SKI)


def thumbprint(holder: Holder) -> str:
    return key_identifier(hashlib.sha1(holder.der).digest(), names.THUMBPRINT)


def key_info(reference: str, *, attributes: str = "") -> str:
    return (
        f"<ds:KeyInfo><wsse:SecurityTokenReference{attributes}>{reference}"
        "</wsse:SecurityTokenReference></ds:KeyInfo>"
    )


@dataclass(frozen=True, kw_only=True)
class Wrapping:
    """How the AES key is wrapped: what the header says of it, and what is really done."""

    method: str = names.RSA_OAEP
    digest: str | None = names.SHA256
    mgf: str | None = names.MGF1_SHA256
    used_digest: type[hashes.HashAlgorithm] = hashes.SHA256
    used_mgf: type[hashes.HashAlgorithm] = hashes.SHA256
    pkcs1: bool = False
    label: bytes | None = None
    claimed_label: bytes | None = None

    def wrap(self, key: bytes, holder: Holder) -> bytes:
        public = holder.certificate.public_key()
        if self.pkcs1:
            return public.encrypt(key, padding.PKCS1v15())  # type: ignore[union-attr]
        oaep = padding.OAEP(padding.MGF1(self.used_mgf()), self.used_digest(), self.label)
        return public.encrypt(key, oaep)  # type: ignore[union-attr]

    def element(self) -> str:
        inside = ""
        if self.claimed_label is not None:
            inside += f"<xenc:OAEPparams>{b64(self.claimed_label)}</xenc:OAEPparams>"
        if self.digest is not None:
            inside += f'<ds:DigestMethod Algorithm="{self.digest}"/>'
        if self.mgf is not None:
            inside += f'<xenc11:MGF xmlns:xenc11="{names.XENC11}" Algorithm="{self.mgf}"/>'
        return f'<xenc:EncryptionMethod Algorithm="{self.method}">{inside}</xenc:EncryptionMethod>'


def encrypted_key(wrapped: str, method: str, info: str, data_ids: tuple[str, ...]) -> str:
    listed = "".join(f'<xenc:DataReference URI="#{one}"/>' for one in data_ids)
    listed = f"<xenc:ReferenceList>{listed}</xenc:ReferenceList>" if listed else ""
    return (
        f'<xenc:EncryptedKey xmlns:xenc="{names.XENC}" xmlns:ds="{names.DS}" Id="EK-1">{method}'
        f"{info}<xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue></xenc:CipherData>"
        f"{listed}</xenc:EncryptedKey>"
    )


def encrypted_data(part: Part, identifier: str, *, cipher: str, info: str | None = None) -> str:
    """An EncryptedData for one MIME part."""
    kind = "" if part.data_type is None else f' Type="{part.data_type}"'
    mime = "" if part.mime_type is None else f" MimeType={quoteattr(part.mime_type)}"
    uri = part.href if part.uri is None else part.uri
    if info is None:
        info = key_info(
            '<wsse:Reference URI="#EK-1"/>',
            attributes=f' xmlns:wsse11="{names.WSSE11}" wsse11:TokenType="{names.ENCRYPTED_KEY}"',
        )
    return (
        f'<xenc:EncryptedData xmlns:xenc="{names.XENC}" xmlns:ds="{names.DS}" '
        f'Id="{identifier}"{mime}{kind}><xenc:EncryptionMethod Algorithm="{cipher}"/>{info}'
        f"<xenc:CipherData><xenc:CipherReference URI={quoteattr(uri)}><xenc:Transforms>"
        f'<ds:Transform Algorithm="{names.SWA_CIPHERTEXT}"/></xenc:Transforms>'
        "</xenc:CipherReference></xenc:CipherData></xenc:EncryptedData>"
    )
