# SPDX-License-Identifier: Apache-2.0
"""Namespaces, algorithm names and the one processing mode of the Peppol network; no behaviour.

Sources: Peppol AS4 Profile 2.0.3; CEF eDelivery AS4 1.14; OASIS ebMS 3.0 Core, WS-Security 1.1.1
and its SwA profile; XML Signature; XML Encryption 1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

S12: Final = "http://www.w3.org/2003/05/soap-envelope"
S11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
EB: Final = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
EBBP: Final = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
_WSS_2004: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = _WSS_2004 + "wssecurity-secext-1.0.xsd"
WSSE11: Final = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
WSU: Final = _WSS_2004 + "wssecurity-utility-1.0.xsd"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
EC: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

# The prefixes of what we write. On receipt any prefix is right.
PREFIXES: Final = {
    "S12": S12,
    "eb": EB,
    "ebbp": EBBP,
    "wsse": WSSE,
    "wsse11": WSSE11,
    "wsu": WSU,
    "ds": DS,
    "xenc": XENC,
    "xenc11": XENC11,
    "xml": XML,
}

EXCLUSIVE_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SWA: Final = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
ATTACHMENT_CONTENT_SIGNATURE: Final = _SWA + "Attachment-Content-Signature-Transform"
ATTACHMENT_CIPHERTEXT: Final = _SWA + "Attachment-Ciphertext-Transform"
ATTACHMENT_CONTENT_ONLY: Final = _SWA + "Attachment-Content-Only"
AES128_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
RSA_OAEP: Final = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
MGF1_SHA256: Final = "http://www.w3.org/2009/xmlenc11#mgf1sha256"

X509V3: Final = _WSS_2004 + "x509-token-profile-1.0#X509v3"
X509_SKI: Final = _WSS_2004 + "x509-token-profile-1.0#X509SubjectKeyIdentifier"
BASE64_BINARY: Final = _WSS_2004 + "soap-message-security-1.0#Base64Binary"
_WSS_11: Final = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#"
THUMBPRINT_SHA1: Final = _WSS_11 + "ThumbprintSHA1"
ENCRYPTED_KEY: Final = _WSS_11 + "EncryptedKey"

SOAP_TYPE: Final = "application/soap+xml"
GZIP_TYPE: Final = "application/gzip"
MULTIPART_TYPE: Final = "multipart/related"
ULTIMATE_RECEIVER: Final = S12 + "/role/ultimateReceiver"

NOT_SERVICED: Final = "PEPPOL:NOT_SERVICED"

GCM_IV_SIZE: Final = 12
GCM_TAG_SIZE: Final = 16
AES_KEY_SIZE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingMode:
    """What both sides agree on beforehand (ebMS 3.0 Core, appendix D)."""

    party_type: str
    from_role: str
    to_role: str
    agreement: str
    mpc: str
    test_service: str
    test_action: str
    participant_type: str


PEPPOL_PMODE: Final = ProcessingMode(
    party_type="urn:fdc:peppol.eu:2017:identifiers:ap",
    from_role=EB + "initiator",
    to_role=EB + "responder",
    agreement="urn:fdc:peppol.eu:2017:agreements:tia:ap_provider",
    mpc=EB + "defaultMPC",
    test_service=EB + "service",
    test_action=EB + "test",
    participant_type="iso6523-actorid-upis",
)
