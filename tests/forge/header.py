# SPDX-License-Identifier: Apache-2.0
"""The text of eb:Messaging with a user message, every value of it a free choice."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tests.forge.names import ACTOR, AGREEMENT, AP_TYPE, C1, C4, DOCUMENT, EB, PROCESS, S12, WSU

Attributes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Info:
    """What one PartInfo says."""

    href: str | None
    properties: tuple[tuple[str, str], ...] = (
        ("MimeType", "application/xml"),
        ("CharacterSet", "UTF-8"),
        ("CompressionType", "application/gzip"),
    )
    children: str = ""  # in front of PartProperties

    def text(self) -> str:
        href = "" if self.href is None else f" href={quoteattr(self.href)}"
        inside = "".join(prop(name, None, value) for name, value in self.properties)
        if inside:
            inside = f"<eb:PartProperties>{inside}</eb:PartProperties>"
        return f"<eb:PartInfo{href}>{self.children}{inside}</eb:PartInfo>"


@dataclass(frozen=True, kw_only=True)
class Header:
    """The values of eb:UserMessage; the defaults are right."""

    message_id: str = "8d0c6a0e-6d0b-4f0c-9a43-0e5a3c5b9a10@forge.example"
    timestamp: str = "2026-11-20T10:15:31.125Z"
    ref: str | None = None
    mpc: str | None = None
    from_parties: tuple[tuple[str | None, str], ...] = ((AP_TYPE, "POP990011"),)
    from_role: str = EB + "initiator"
    to_parties: tuple[tuple[str | None, str], ...] = ((AP_TYPE, "POP990012"),)
    to_role: str = EB + "responder"
    agreement: str | None = AGREEMENT
    agreement_attributes: Attributes = ()
    service: str = PROCESS
    service_type: str | None = "cenbii-procid-ubl"
    action: str = "busdox-docid-qns::" + DOCUMENT
    conversation: str = "5f1e3f61-0000-4000-8000-000000000000@forge.example"
    properties: tuple[tuple[str, str | None, str], ...] = (
        ("originalSender", ACTOR, C1),
        ("finalRecipient", ACTOR, C4),
    )

    def user_message(self, infos: tuple[Info, ...]) -> str:
        """The eb:UserMessage element."""
        mpc = "" if self.mpc is None else f" mpc={quoteattr(self.mpc)}"
        units = [self._info(), self._parties(), self._collaboration()]
        if self.properties:
            inside = "".join(prop(*one) for one in self.properties)
            units.append(f"<eb:MessageProperties>{inside}</eb:MessageProperties>")
        if infos:
            inside = "".join(info.text() for info in infos)
            units.append(f"<eb:PayloadInfo>{inside}</eb:PayloadInfo>")
        return f"<eb:UserMessage{mpc}>{''.join(units)}</eb:UserMessage>"

    def _info(self) -> str:
        ref = "" if self.ref is None else element("RefToMessageId", self.ref)
        return (
            f"<eb:MessageInfo>{element('Timestamp', self.timestamp)}"
            f"{element('MessageId', self.message_id)}{ref}</eb:MessageInfo>"
        )

    def _parties(self) -> str:
        return (
            f"<eb:PartyInfo><eb:From>{_party_ids(self.from_parties)}"
            f"{element('Role', self.from_role)}</eb:From><eb:To>{_party_ids(self.to_parties)}"
            f"{element('Role', self.to_role)}</eb:To></eb:PartyInfo>"
        )

    def _collaboration(self) -> str:
        agreement = (
            ""
            if self.agreement is None
            else element("AgreementRef", self.agreement, self.agreement_attributes)
        )
        kind = () if self.service_type is None else (("type", self.service_type),)
        return (
            f"<eb:CollaborationInfo>{agreement}{element('Service', self.service, kind)}"
            f"{element('Action', self.action)}{element('ConversationId', self.conversation)}"
            "</eb:CollaborationInfo>"
        )


def messaging(content: str, *, identifier: str = "msg-1", attributes: str = "") -> str:
    """eb:Messaging around message units."""
    return (
        f'<eb:Messaging xmlns:eb="{EB}" xmlns:wsu="{WSU}" xmlns:S12="{S12}" '
        f'S12:mustUnderstand="true" wsu:Id="{identifier}"{attributes}>{content}</eb:Messaging>'
    )


def element(name: str, text: str, attributes: Attributes = ()) -> str:
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes)
    return f"<eb:{name}{written}>{escape(text)}</eb:{name}>"


def prop(name: str, kind: str | None, value: str) -> str:
    attributes = (("name", name),) if kind is None else (("name", name), ("type", kind))
    return element("Property", value, attributes)


def _party_ids(parties: tuple[tuple[str | None, str], ...]) -> str:
    return "".join(
        element("PartyId", value, () if kind is None else (("type", kind),))
        for kind, value in parties
    )
