# SPDX-License-Identifier: Apache-2.0
"""Structure and header: each refusal meets a message that is right in all else."""

from __future__ import annotations

import re

import pytest

from gateway import as4
from gateway.as4 import const
from tests.as4_exchange import MESSAGE_ID, Edit, Exchange, Forgery, before, swap, without

FOREIGN = '<x:Block xmlns:x="urn:x"{attributes}></x:Block>'
S12 = f'xmlns:S12="{const.S12}"'


PART_PROPERTY = '<eb:Property name="{}">{}</eb:Property>'
PARTY = f'<eb:PartyId type="{const.PEPPOL_PMODE.party_type}">POP000111</eb:PartyId>'

PART_INFO = re.compile(r"<eb:PartInfo .*</eb:PartInfo>")


def part_twice(text: str) -> str:
    found = PART_INFO.search(text)
    assert found
    return text.replace(found[0], found[0] * 2)


HEADERS: list[tuple[str, Edit, str, str]] = [
    ("no wsu:Id", without(r' wsu:Id="msg-[^"]*"'), "EBMS:0009", "header"),
    ("no MessageInfo", without(r"<eb:MessageInfo>.*</eb:MessageInfo>"), "EBMS:0009", "header"),
    ("long MessageId", swap(MESSAGE_ID, "a" * 256), "EBMS:0009", "header"),
    ("blank MessageId", swap(MESSAGE_ID, " "), "EBMS:0009", "header"),
    ("empty MessageId", swap(MESSAGE_ID, ""), "EBMS:0009", "header"),
    ("no date", swap("2026-11-22T12:00:00.000Z", "yesterday"), "EBMS:0009", "header"),
    ("two parties", swap(PARTY, PARTY + PARTY), "EBMS:0003", "header"),
    (
        "no MimeType",
        without(r'<eb:Property name="MimeType">[^<]*</eb:Property>'),
        "EBMS:0003",
        "parts",
    ),
    (
        "unknown compression",
        swap(">application/gzip</eb:Property>", ">application/zip</eb:Property>"),
        "EBMS:0003",
        "parts",
    ),
    ("unknown charset", swap(">UTF-8<", ">KLINGON<"), "EBMS:0003", "parts"),
    (
        "property twice",
        before("</eb:PartProperties>", PART_PROPERTY.format("MimeType", "text/plain")),
        "EBMS:0003",
        "parts",
    ),
    ("external part", swap('href="cid:', 'href="https://'), "EBMS:0011", "parts"),
    ("part in the Body", swap('href="cid:', 'href="#'), "EBMS:0011", "parts"),
    ("no href", without(r' href="[^"]*"'), "EBMS:0011", "parts"),
    ("part twice", part_twice, "EBMS:0007", "parts"),
    ("no payload", without(r"<eb:PayloadInfo>.*</eb:PayloadInfo>"), "EBMS:0007", "parts"),
    ("party type", swap(f'"{const.PEPPOL_PMODE.party_type}"', '"urn:other"'), "EBMS:0010", "pmode"),
    ("role", swap("/initiator", "/responder"), "EBMS:0010", "pmode"),
    ("other role", swap("200704/responder<", "200704/initiator<"), "EBMS:0010", "pmode"),
    ("agreement", swap(":ap_provider", ":other"), "EBMS:0010", "pmode"),
    (
        "no agreement",
        without(r"<eb:AgreementRef>.*</eb:AgreementRef>"),
        "EBMS:0010",
        "pmode",
    ),
    ("mpc", swap("<eb:UserMessage>", '<eb:UserMessage mpc="urn:other">'), "EBMS:0010", "pmode"),
    ("not for us", swap("POP000112", "POP000333"), "EBMS:0010", "pmode"),
    ("To is no seat", swap("POP000112", "somebody"), "EBMS:0010", "pmode"),
    ("From is no seat", swap("POP000111", "somebody"), "EBMS:0101", "signer"),
    ("From is another", swap("POP000111", "POP000333"), "EBMS:0101", "signer"),
    ("no sender", swap('"originalSender"', '"somebody"'), "EBMS:0010", "pmode"),
    (
        "sender twice",
        swap('"finalRecipient"', '"originalSender"'),
        "EBMS:0010",
        "pmode",
    ),
    (
        "sender without type",
        swap('"originalSender" type="iso6523-actorid-upis"', '"originalSender"'),
        "EBMS:0004",
        "pmode",
    ),
    (
        "a signal",
        lambda text: re.sub(r"<eb:UserMessage>.*</eb:UserMessage>", "<eb:SignalMessage/>", text),
        "EBMS:0008",
        "header",
    ),
    (
        "a signal beside it",
        before("<eb:UserMessage>", "<eb:SignalMessage></eb:SignalMessage>"),
        "EBMS:0003",
        "header",
    ),
    (
        "nothing",
        lambda text: re.sub(r"<eb:UserMessage>.*</eb:UserMessage>", "", text),
        "EBMS:0009",
        "header",
    ),
]


@pytest.mark.parametrize(
    ("edit", "code", "step"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS]
)
def test_header(forgery: Forgery, edit: Edit, code: str, step: str) -> None:
    error = forgery.but(messaging=edit).refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail
    assert error.status == 200


DUPLICATE = before("<S12:Header>", "<S12:Header></S12:Header>")
WRAPPER = '<x:W xmlns:x="urn:x">{}</x:W>'


def wrapped_messaging(text: str) -> str:
    """The signed Messaging moves aside; a forged one with another id takes its place."""
    signed = re.search(r"<eb:Messaging .*</eb:Messaging>", text)
    assert signed
    forged = signed[0].replace('wsu:Id="msg-', 'wsu:Id="forged-').replace("0106:8765", "0106:0000")
    return text.replace(signed[0], forged + WRAPPER.format(signed[0]))


STRUCTURES: list[tuple[str, Edit, str, str]] = [
    ("doctype", before("<S12:Envelope", "<!DOCTYPE a>"), "EBMS:0009", "xml"),
    ("cut off", lambda text: text[:-10], "EBMS:0009", "xml"),
    ("two headers", DUPLICATE, "EBMS:0009", "xml"),
    ("two bodies", before("</S12:Envelope>", "<S12:Body></S12:Body>"), "EBMS:0009", "xml"),
    ("no body", without(r"<S12:Body .*</S12:Body>"), "EBMS:0009", "xml"),
    ("another root", lambda text: "<a/>", "EBMS:0009", "xml"),
    ("text in the envelope", before("<S12:Body", "text"), "EBMS:0009", "xml"),
    ("id twice", before("</S12:Header>", '<a Id="msg-TOKEN"></a>'), "EBMS:0101", "ids"),
    ("xml:id twice", before("</S12:Header>", '<a xml:id="msg-TOKEN"></a>'), "EBMS:0101", "ids"),
    (
        "second Messaging",
        before("</S12:Header>", f'<eb:Messaging xmlns:eb="{const.EB}"></eb:Messaging>'),
        "EBMS:0009",
        "header",
    ),
    (
        "second Security",
        before("</S12:Header>", f'<w:Security xmlns:w="{const.WSSE}"></w:Security>'),
        "EBMS:0103",
        "security",
    ),
    ("no Security", without(r"<wsse:Security .*</wsse:Security>"), "EBMS:0103", "security"),
    ("no Signature", without(r"<ds:Signature .*</ds:Signature>"), "EBMS:0103", "security"),
    (
        "hidden copy",
        before("</S12:Header>", WRAPPER.format(f"<S12:Body {S12}></S12:Body>")),
        "EBMS:0103",
        "signature",
    ),
    ("wrapping", wrapped_messaging, "EBMS:0103", "signature"),
]


@pytest.mark.parametrize(
    ("edit", "code", "step"),
    [case[1:] for case in STRUCTURES],
    ids=[case[0] for case in STRUCTURES],
)
def test_structure(forgery: Forgery, edit: Edit, code: str, step: str) -> None:
    token = forgery.names.token
    error = forgery.but(soap=lambda text: edit(text).replace("msg-TOKEN", f"msg-{token}")).refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail
    named = error.message_id == MESSAGE_ID
    assert error.status == (200 if named or step != "xml" else 400)


def test_id_written_twice_on_one_element(exchange: Exchange, forgery: Forgery) -> None:
    identifier = forgery.names.id("msg")
    edit = swap("<eb:Messaging ", f'<eb:Messaging id="{identifier}" ')
    reorder = lambda text: canonical_order(edit(text), identifier)  # noqa: E731
    exchange.receive(forgery.but(messaging=reorder).message())


def canonical_order(text: str, identifier: str) -> str:
    """The attribute without namespace stands behind the declarations, before the others."""
    plain = f' id="{identifier}"'
    return text.replace(plain, "", 1).replace(" wsu:Id=", f"{plain} wsu:Id=", 1)


def test_comments_between_header_blocks(exchange: Exchange, forgery: Forgery) -> None:
    exchange.receive(forgery.but(soap=swap("<S12:Header>", "<S12:Header><!--x--><?y?>")).message())


@pytest.mark.parametrize("role", ["", f' S12:role="{const.ULTIMATE_RECEIVER}"'])
def test_header_that_must_be_understood(exchange: Exchange, forgery: Forgery, role: str) -> None:
    block = FOREIGN.format(attributes=f' {S12} S12:mustUnderstand="true"{role}')
    forged = forgery.but(soap=before("</S12:Header>", block))
    with pytest.raises(as4.MustUnderstandError) as caught:
        exchange.receive(forged.message())
    assert (caught.value.status, caught.value.message_id) == (500, MESSAGE_ID)
    signal = as4.answer(caught.value, signer=exchange.receiver, message_id="s@r", at=exchange.at)
    assert signal.status == 500
    assert b"S12:MustUnderstand" in signal.body


def test_other_headers_are_ignored(exchange: Exchange, forgery: Forgery) -> None:
    for attributes in ("", f' {S12} S12:mustUnderstand="1" S12:role="urn:somebody"'):
        block = FOREIGN.format(attributes=attributes)
        exchange.receive(forgery.but(soap=before("</S12:Header>", block)).message())


def test_soap_1_1(exchange: Exchange, forgery: Forgery) -> None:
    forged = forgery.but(soap=swap(const.S12, const.S11))
    with pytest.raises(as4.VersionMismatchError):
        exchange.receive(forged.message())


def test_body_must_be_empty(forgery: Forgery) -> None:
    for content in ("text", "<a></a>"):
        error = forgery.but(body=before("</S12:Body>", content)).refusal()
        assert (error.ebms_code, error.step, error.status) == ("EBMS:0009", "xml", 200)


def test_blank_body_is_tolerated(exchange: Exchange, forgery: Forgery) -> None:
    exchange.receive(forgery.but(body=before("</S12:Body>", "\n ")).message())


def test_stray_pmode_is_tolerated(exchange: Exchange, forgery: Forgery) -> None:
    edit = swap("<eb:AgreementRef>", '<eb:AgreementRef pmode="x" type="y">')
    exchange.receive(forgery.but(messaging=edit).message())


def test_comment_cannot_split_a_value(exchange: Exchange, forgery: Forgery) -> None:
    """Canonical form does not show comments: what is read is what was signed."""
    value = "0106:87654321"

    def edit(text: str) -> str:
        return text.replace(value, "0106:8765<!-- -->4321")

    received, _ = exchange.receive(forgery.but(soap=edit).message())
    assert received.verified.user_message.final_recipient == value
