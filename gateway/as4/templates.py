# SPDX-License-Identifier: Apache-2.0
"""The SOAP parts that we send, as templates of canonical text: user message, receipt, error, fault.

What is signed (Messaging, Body, SignedInfo) is digested as the very text that is sent. Laid out
as peers read it: encryption before signature, each token before its use. Nothing is indented, since
white space inside signed elements would be signed too.
"""

from __future__ import annotations

from typing import Final

from gateway.as4 import const
from gateway.as4.const import PEPPOL_PMODE
from gateway.as4.rendering import Element, Raw, Slot, Template, el


def _messaging(unit: Element) -> Template:
    return Template(
        el("eb:Messaging", unit, S12__mustUnderstand="true", wsu__Id=Slot("messaging_id"))
    )


def _party(side: str, slot: str, role: str) -> Element:
    return el(
        f"eb:{side}",
        el("eb:PartyId", Slot(slot), type=PEPPOL_PMODE.party_type),
        el("eb:Role", role),
    )


def _property(name: str, value: str | Slot, **attributes: str) -> Element:
    return el("eb:Property", value, name=name, **attributes)


USER_MESSAGE: Final = _messaging(
    el(
        "eb:UserMessage",
        el(
            "eb:MessageInfo",
            el("eb:Timestamp", Slot("timestamp")),
            el("eb:MessageId", Slot("message_id")),
        ),
        el(
            "eb:PartyInfo",
            _party("From", "sending_ap", PEPPOL_PMODE.from_role),
            _party("To", "receiving_ap", PEPPOL_PMODE.to_role),
        ),
        el(
            "eb:CollaborationInfo",
            el("eb:AgreementRef", PEPPOL_PMODE.agreement),
            el("eb:Service", Slot("service"), type=Slot("service_type")),
            el("eb:Action", Slot("action")),
            el("eb:ConversationId", Slot("conversation_id")),
        ),
        el(
            "eb:MessageProperties",
            _property("originalSender", Slot("sender"), type=PEPPOL_PMODE.participant_type),
            _property("finalRecipient", Slot("recipient"), type=PEPPOL_PMODE.participant_type),
        ),
        el(
            "eb:PayloadInfo",
            el(
                "eb:PartInfo",
                el(
                    "eb:PartProperties",
                    _property("MimeType", "application/xml"),
                    _property("CharacterSet", "UTF-8"),
                    _property("CompressionType", const.GZIP_TYPE),
                ),
                href=Slot("href"),
            ),
        ),
    )
)


def _signal_info(*, with_reference: bool) -> Element:
    reference = (el("eb:RefToMessageId", Slot("ref")),) if with_reference else ()
    return el(
        "eb:MessageInfo",
        el("eb:Timestamp", Slot("timestamp")),
        el("eb:MessageId", Slot("message_id")),
        *reference,
    )


RECEIPT: Final = _messaging(
    el(
        "eb:SignalMessage",
        _signal_info(with_reference=True),
        el("eb:Receipt", el("ebbp:NonRepudiationInformation", Raw("references"))),
    )
)


def _error(*, with_reference: bool) -> Template:
    reference = {"refToMessageInError": Slot("ref")} if with_reference else {}
    return _messaging(
        el(
            "eb:SignalMessage",
            _signal_info(with_reference=with_reference),
            el(
                "eb:Error",
                el("eb:Description", Slot("description"), xml__lang="en"),
                el("eb:ErrorDetail", Slot("detail")),
                category=Slot("category"),
                errorCode=Slot("code"),
                origin=Slot("origin"),
                severity="failure",
                shortDescription=Slot("short_description"),
                **reference,
            ),
        )
    )


ERROR: Final = _error(with_reference=True)
ERROR_WITHOUT_REFERENCE: Final = _error(with_reference=False)

EMPTY_BODY: Final = Template(el("S12:Body", wsu__Id=Slot("body_id")))
FAULT_BODY: Final = Template(
    el(
        "S12:Body",
        el(
            "S12:Fault",
            el("S12:Code", el("S12:Value", Slot("code"))),
            el("S12:Reason", el("S12:Text", Slot("reason"), xml__lang="en")),
        ),
    )
)


def _reference(slot: str, transform: str) -> Element:
    return el(
        "ds:Reference",
        el("ds:Transforms", el("ds:Transform", Algorithm=transform)),
        el("ds:DigestMethod", Algorithm=const.SHA256),
        el("ds:DigestValue", Raw(f"{slot}_digest")),
        URI=Slot(f"{slot}_uri"),
    )


def _signed_info(*references: Element) -> Template:
    return Template(
        el(
            "ds:SignedInfo",
            el("ds:CanonicalizationMethod", Algorithm=const.EXCLUSIVE_C14N),
            el("ds:SignatureMethod", Algorithm=const.RSA_SHA256),
            *references,
        )
    )


_HEADER_REFERENCES: Final = (
    _reference("messaging", const.EXCLUSIVE_C14N),
    _reference("body", const.EXCLUSIVE_C14N),
)
SIGNAL_SIGNED_INFO: Final = _signed_info(*_HEADER_REFERENCES)
MESSAGE_SIGNED_INFO: Final = _signed_info(
    *_HEADER_REFERENCES, _reference("part", const.ATTACHMENT_CONTENT_SIGNATURE)
)


def _token(identifier: str, slot: str) -> Element:
    return el(
        "wsse:BinarySecurityToken",
        Raw(slot),
        EncodingType=const.BASE64_BINARY,
        ValueType=const.X509V3,
        wsu__Id=Slot(identifier),
    )


def _token_reference(slot: str) -> Element:
    return el(
        "wsse:SecurityTokenReference",
        el("wsse:Reference", URI=Slot(slot), ValueType=const.X509V3),
    )


def _security(*encryption: Element) -> Template:
    return Template(
        el(
            "wsse:Security",
            *encryption,
            _token("signer_id", "signer"),
            el(
                "ds:Signature",
                Raw("signed_info"),
                el("ds:SignatureValue", Raw("signature")),
                el("ds:KeyInfo", _token_reference("signer_uri")),
                Id=Slot("signature_id"),
            ),
            S12__mustUnderstand="true",
        )
    )


_ENCRYPTED_KEY: Final = el(
    "xenc:EncryptedKey",
    el(
        "xenc:EncryptionMethod",
        el("ds:DigestMethod", Algorithm=const.SHA256),
        el("xenc11:MGF", Algorithm=const.MGF1_SHA256),
        Algorithm=const.RSA_OAEP,
    ),
    el("ds:KeyInfo", _token_reference("recipient_uri")),
    el("xenc:CipherData", el("xenc:CipherValue", Raw("wrapped_key"))),
    el("xenc:ReferenceList", el("xenc:DataReference", URI=Slot("data_uri"))),
    Id=Slot("key_id"),
)
_ENCRYPTED_DATA: Final = el(
    "xenc:EncryptedData",
    el("xenc:EncryptionMethod", Algorithm=const.AES128_GCM),
    el(
        "ds:KeyInfo",
        el(
            "wsse:SecurityTokenReference",
            el("wsse:Reference", URI=Slot("key_uri")),
            wsse11__TokenType=const.ENCRYPTED_KEY,
        ),
    ),
    el(
        "xenc:CipherData",
        el(
            "xenc:CipherReference",
            el("xenc:Transforms", el("ds:Transform", Algorithm=const.ATTACHMENT_CIPHERTEXT)),
            URI=Slot("href"),
        ),
    ),
    Id=Slot("data_id"),
    MimeType=const.GZIP_TYPE,
    Type=const.ATTACHMENT_CONTENT_ONLY,
)
SIGNAL_SECURITY: Final = _security()
MESSAGE_SECURITY: Final = _security(
    _token("recipient_id", "recipient"), _ENCRYPTED_KEY, _ENCRYPTED_DATA
)
