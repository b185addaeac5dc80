# SPDX-License-Identifier: Apache-2.0
"""Reads eb:Messaging: a user message as a value, checked against schema and Peppol profile.

What it names is believed only after `signature.py` verified that very element. Sources: ebMS 3.0
Core 5.2; Peppol AS4 Profile 2.0.3, "Party Identification", "Agreement", "Use of SBDH".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from lxml import etree

from gateway.as4 import const
from gateway.as4.character_sets import is_known
from gateway.as4.const import PEPPOL_PMODE
from gateway.as4.elements import content, parse_date_time
from gateway.as4.errors import (
    ExternalPayloadError,
    FailedAuthenticationError,
    FeatureNotSupportedError,
    InvalidHeaderError,
    MimeInconsistencyError,
    OtherError,
    ProcessingModeMismatchError,
    Step,
    ValueInconsistentError,
)
from gateway.as4.limits import MAX_MESSAGE_ID
from gateway.as4.mime import content_id_of
from gateway.as4.schema import check_messaging
from gateway.as4.usermessage import PartInfo, Property, UserMessage
from gateway.identifiers import InvalidIdentifierError, PartyId

_EB: Final = f"{{{const.EB}}}"
_WSU_ID: Final = f"{{{const.WSU}}}Id"


def find_message_id(messaging: etree._Element) -> str | None:
    """The one MessageId, from a header that is not checked yet; so that an error can name it."""
    found = messaging.findall(f"{_EB}UserMessage/{_EB}MessageInfo/{_EB}MessageId")
    text = content(found[0]).strip() if len(found) == 1 else ""
    return text if 0 < len(text) <= MAX_MESSAGE_ID else None


def read_user_message(
    messaging: etree._Element, *, own_parties: Collection[PartyId]
) -> UserMessage:
    """Judge the header and read it. Numbers are rows of docs/architecture.md.

    6. it is schema-valid and holds one user message with one party on each side;
    7. payload references stay inside the message and name each part once;
    8. part properties are known ones;
    9. the fixed values of the profile are there, and the message is for one of `own_parties`.

    The caller still owes: the signature over this element (13), the signer's name against
    `sending_ap` (12), and that the parts are there (7). Raises `AS4Error`.
    """
    # 6
    user_message = _one_user_message(messaging)
    units = _by_name(user_message)
    info = _by_name(units["MessageInfo"])
    sides = _by_name(units["PartyInfo"])
    from_party, to_party = _one_party(sides["From"]), _one_party(sides["To"])
    message_id = _message_id(info["MessageId"])
    # 7, 8
    parts = _read_parts(_all(units.get("PayloadInfo"), "PartInfo"))
    # 9
    if user_message.get("mpc", PEPPOL_PMODE.mpc) != PEPPOL_PMODE.mpc:
        raise _mismatch("the message partition channel is not the default one")
    _check_sides(sides, from_party, to_party)
    collaboration = _by_name(units["CollaborationInfo"])
    _check_agreement(collaboration)
    properties = _properties(_all(units.get("MessageProperties"), "Property"))
    sender = _participant(properties, "originalSender")
    recipient = _participant(properties, "finalRecipient")
    receiving_ap = _receiving_ap(to_party, own_parties)
    sent_at = parse_date_time(content(info["Timestamp"]))
    assert sent_at is not None  # the schema check parsed it
    message = UserMessage(
        message_id=message_id,
        sent_at=sent_at,
        conversation_id=_collapsed(content(collaboration["ConversationId"])),
        sending_ap=_sending_ap(from_party),
        receiving_ap=receiving_ap,
        service=content(collaboration["Service"]).strip(),
        service_type=collaboration["Service"].get("type"),
        action=_collapsed(content(collaboration["Action"])),
        original_sender=sender.value,
        original_sender_type=sender.type or "",
        final_recipient=recipient.value,
        final_recipient_type=recipient.type or "",
        parts=parts,
        properties=properties,
    )
    if not parts and not message.ping:
        raise MimeInconsistencyError("the message names no payload", step=Step.PARTS)
    return message


def _one_user_message(messaging: etree._Element) -> etree._Element:
    signals, messages = _all(messaging, "SignalMessage"), _all(messaging, "UserMessage")
    if signals and not messages:
        raise FeatureNotSupportedError(
            "a signal is taken only as the answer to a request", step=Step.HEADER
        )
    if len(messages) + len(signals) > 1:
        raise ValueInconsistentError("there is more than one message unit", step=Step.HEADER)
    check_messaging(messaging)
    if not messaging.get(_WSU_ID):
        raise InvalidHeaderError("Messaging has no wsu:Id", step=Step.HEADER)
    return messages[0]


def _message_id(element: etree._Element) -> str:
    message_id = content(element).strip()
    if not 0 < len(message_id) <= MAX_MESSAGE_ID:
        raise InvalidHeaderError("the MessageId is empty or too long", step=Step.HEADER)
    return message_id


def _one_party(side: etree._Element) -> etree._Element:
    parties = _all(side, "PartyId")
    if len(parties) != 1:
        raise ValueInconsistentError("a side has more than one PartyId", step=Step.HEADER)
    return parties[0]


def _receiving_ap(element: etree._Element, own_parties: Collection[PartyId]) -> PartyId:
    name = content(element).strip()
    for party in own_parties:
        if party.value == name:
            return party
    raise _mismatch("the message is for another access point")


def _sending_ap(element: etree._Element) -> PartyId:
    try:
        return PartyId(content(element).strip())
    except InvalidIdentifierError as error:  # so no certificate can carry that name (12)
        raise FailedAuthenticationError(
            "the message names no access point as its sender", step=Step.SIGNER
        ) from error


def _check_sides(
    sides: Mapping[str, etree._Element], from_party: etree._Element, to_party: etree._Element
) -> None:
    for party in (from_party, to_party):
        if party.get("type") != PEPPOL_PMODE.party_type:
            raise _mismatch("a PartyId has not the Peppol type")
    for side, role in (("From", PEPPOL_PMODE.from_role), ("To", PEPPOL_PMODE.to_role)):
        if content(_by_name(sides[side])["Role"]).strip() != role:
            raise _mismatch(f"the role of {side} is not the Peppol one")


def _check_agreement(collaboration: Mapping[str, etree._Element]) -> None:
    agreement = collaboration.get("AgreementRef")
    # A stray pmode or type attribute is forbidden to senders and harmless here: tolerated.
    if agreement is None or content(agreement).strip() != PEPPOL_PMODE.agreement:
        raise _mismatch("the AgreementRef is not the Peppol one")


def _participant(properties: Iterable[Property], name: str) -> Property:
    found = [item for item in properties if item.name == name]
    if len(found) != 1:
        raise _mismatch(f"the property {name} is missing or stands there twice")
    if not found[0].type:
        raise OtherError(f"the property {name} has no type", step=Step.PMODE)
    return found[0]


def _read_parts(infos: Iterable[etree._Element]) -> tuple[PartInfo, ...]:
    parts: list[PartInfo] = []
    for info in infos:
        href = _collapsed(info.get("href", ""))
        if not href.startswith("cid:"):
            raise ExternalPayloadError("a payload lies outside the message", step=Step.PARTS)
        parts.append(_read_part(info, href))
    if len({part.content_id for part in parts}) != len(parts):
        raise MimeInconsistencyError("two payloads are the same MIME part", step=Step.PARTS)
    return tuple(parts)


def _read_part(info: etree._Element, href: str) -> PartInfo:
    properties = _properties(_all(_by_name(info).get("PartProperties"), "Property"))
    named = {item.name: item.value.strip() for item in properties}
    if len(named) != len(properties):
        raise ValueInconsistentError("a part property stands there twice", step=Step.PARTS)
    if not named.get("MimeType"):
        raise ValueInconsistentError("a part has no MimeType", step=Step.PARTS)
    compression = named.get("CompressionType")
    if compression not in (None, const.GZIP_TYPE):
        raise ValueInconsistentError("a part has an unknown CompressionType", step=Step.PARTS)
    character_set = named.get("CharacterSet")
    if character_set is not None and not is_known(character_set):
        raise ValueInconsistentError("a part has an unknown CharacterSet", step=Step.PARTS)
    return PartInfo(
        href=href,
        content_id=content_id_of(href),
        mime_type=named["MimeType"],
        compressed=compression is not None,
        character_set=character_set,
        properties=properties,
    )


def _properties(found: Iterable[etree._Element]) -> tuple[Property, ...]:
    return tuple(
        Property(name=item.get("name", ""), type=item.get("type"), value=content(item).strip())
        for item in found
    )


def _by_name(parent: etree._Element) -> dict[str, etree._Element]:
    """The children of an element that the schema check passed, by their names."""
    return {child.tag[len(_EB) :]: child for child in parent if isinstance(child.tag, str)}


def _all(parent: etree._Element | None, name: str) -> list[etree._Element]:
    tag = _EB + name
    return [] if parent is None else [child for child in parent if child.tag == tag]


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _mismatch(detail: str) -> ProcessingModeMismatchError:
    return ProcessingModeMismatchError(detail, step=Step.PMODE)
