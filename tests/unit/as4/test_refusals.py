# SPDX-License-Identifier: Apache-2.0
"""Each row of the order of checks is met by a message that is right in all else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
from collections.abc import Callable

import pytest

from gateway import as4, pki
from gateway.as4 import const
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import LocalPKI
from tests.as4_exchange import MESSAGE_ID, PAYLOAD, Edit, Exchange, Forgery, swap
from tests.pki_fixtures import AT, shared_key

FOREIGN = '<x:Block xmlns:x="urn:x"{attributes}></x:Block>'
S12 = f'xmlns:S12="{const.S12}"'


def before(anchor: str, text: str) -> Edit:
    return swap(anchor, text + anchor)


def without(pattern: str) -> Edit:
    def edit(text: str) -> str:
        changed = re.sub(pattern, "", text)
        assert changed != text, pattern
        return changed

    return edit


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
    ("no href", without(r' href="[^"]*"'), "EBMS:0007", "parts"),
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
    ("From is no seat", swap("POP000111", "somebody"), "EBMS:0010", "pmode"),
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


SIGNATURES: list[tuple[str, dict[str, Edit], str, str]] = [
    ("tampered header", {"soap": swap("0106:87654321", "0106:11111111")}, "EBMS:0101", "signature"),
    ("tampered SignedInfo", {"soap": swap("<ds:SignedInfo xm", "<ds:SignedInfo  xm")}, "", ""),
    (
        "SHA-1 signature",
        {"signed_info": swap(const.RSA_SHA256, f"{const.DS}rsa-sha1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "SHA-1 digest",
        {"signed_info": swap(const.SHA256, f"{const.DS}sha1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "inclusive canonical form",
        {
            "signed_info": swap(
                f'Method Algorithm="{const.EXCLUSIVE_C14N}"',
                'Method Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"',
            )
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "Body not signed",
        {"signed_info": without(r'<ds:Reference URI="#body.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "Messaging not signed",
        {"signed_info": without(r'<ds:Reference URI="#msg.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "part not signed",
        {"signed_info": without(r'<ds:Reference URI="cid.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "other part signed",
        {"signed_info": swap('URI="cid:part', 'URI="cid:trap')},
        "EBMS:0103",
        "signature",
    ),
    (
        "empty URI",
        {"signed_info": lambda text: re.sub(r'URI="#body[^"]*"', 'URI=""', text)},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "foreign attribute in a reference",
        {"signed_info": swap("<ds:Reference ", '<ds:Reference xml:lang="en" ')},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "instruction in a reference",
        {"signed_info": swap("<ds:Transforms>", "<?x y?><ds:Transforms>")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "dangling reference",
        {"signed_info": lambda text: re.sub(r'URI="#body[^"]*"', 'URI="#nowhere"', text)},
        "EBMS:0101",
        "signature",
    ),
    (
        "reference to a key",
        {"signed_info": lambda text: text.replace('URI="#body', 'URI="#EK')},
        "EBMS:0103",
        "signature",
    ),
    (
        "part signed twice",
        {
            "signed_info": lambda text: re.sub(
                r'(<ds:Reference URI="cid:[^@]*)@(.*?</ds:Reference>)', r"\1@\2\1%40\2", text
            )
        },
        "EBMS:0103",
        "signature",
    ),
    (
        "list of prefixes with a default namespace",
        {
            "signed_info": lambda text: text.replace(
                f'<ds:Transform Algorithm="{const.EXCLUSIVE_C14N}"></ds:Transform>',
                f'<ds:Transform Algorithm="{const.EXCLUSIVE_C14N}"><ec:InclusiveNamespaces '
                f'xmlns:ec="{const.EC}" PrefixList="#default"></ec:InclusiveNamespaces>'
                "</ds:Transform>",
            ),
            "soap": swap("<S12:Envelope ", '<S12:Envelope xmlns="urn:x" '),
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "key by X509Data",
        {
            "encryption": lambda text: re.sub(
                r"<ds:KeyInfo>(<[^>]*>)<wsse:Reference URI=.#X509.*?</ds:KeyInfo>",
                "<ds:KeyInfo><ds:X509Data></ds:X509Data></ds:KeyInfo>",
                text,
            )
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "PKI path",
        {"encryption": swap("#X509v3", "#X509PKIPathv1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "token elsewhere",
        {"encryption": swap('URI="#X509-', 'URI="#G-')},
        "EBMS:0101",
        "signer",
    ),
]


@pytest.mark.parametrize(
    ("edits", "code", "step"),
    [case[1:] for case in SIGNATURES],
    ids=[case[0] for case in SIGNATURES],
)
def test_signature(forgery: Forgery, edits: dict[str, Edit], code: str, step: str) -> None:
    forged = forgery.but(**edits)
    if not code:  # white space that the canonical form does not show
        forged.exchange.receive(forged.message())
        return
    error = forged.refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail


ENCRYPTIONS: list[tuple[str, Edit, str]] = [
    ("no EncryptedKey", without(r"<xenc:EncryptedKey .*</xenc:EncryptedKey>"), "security"),
    ("no EncryptedData", without(r"<xenc:EncryptedData .*</xenc:EncryptedData>"), "security"),
    ("neither", without(r"<xenc:EncryptedKey .*</xenc:EncryptedData>"), "security"),
    (
        "other part",
        swap('CipherReference URI="cid:part', 'CipherReference URI="cid:trap'),
        "security",
    ),
    ("RSA 1.5", swap(const.RSA_OAEP, f"{const.XENC}rsa-1_5"), "algorithms"),
    ("mgf1p", swap(const.RSA_OAEP, f"{const.XENC}rsa-oaep-mgf1p"), "algorithms"),
    ("no MGF", without(r"<xenc11:MGF .*</xenc11:MGF>"), "algorithms"),
    ("MGF with SHA-1", swap(const.MGF1_SHA256, f"{const.XENC11}mgf1sha1"), "algorithms"),
    (
        "OAEP with SHA-1",
        swap(f'{const.SHA256}"></ds:DigestMethod><x', f'{const.DS}sha1"></ds:DigestMethod><x'),
        "algorithms",
    ),
    (
        "OAEP with a label",
        before("</xenc:EncryptionMethod>", "<xenc:OAEPparams>AA==</xenc:OAEPparams>"),
        "algorithms",
    ),
    ("CBC", swap(const.AES128_GCM, f"{const.XENC}aes128-cbc"), "algorithms"),
    ("AES-256", swap("#aes128-gcm", "#aes256-gcm"), "algorithms"),
    ("whole part", swap("Attachment-Content-Only", "Attachment-Complete"), "algorithms"),
    (
        "other transform",
        swap("#Attachment-Ciphertext-Transform", "#Attachment-Complete-Transform"),
        "algorithms",
    ),
    (
        "cipher elsewhere",
        swap('CipherReference URI="cid:', 'CipherReference URI="http:'),
        "algorithms",
    ),
    ("other key", swap('wsse:Reference URI="#EK', 'wsse:Reference URI="#XK'), "algorithms"),
    ("nameless key", swap('wsse:Reference URI="#G', 'wsse:Reference URI="#Q'), "algorithms"),
]


@pytest.mark.parametrize(
    ("edit", "step"), [case[1:] for case in ENCRYPTIONS], ids=[case[0] for case in ENCRYPTIONS]
)
def test_encryption_policy(forgery: Forgery, edit: Edit, step: str) -> None:
    error = forgery.but(encryption=edit).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", step), error.detail


def key_named(form: str) -> Edit:
    """The EncryptedKey names its certificate in another form."""

    def edit(text: str) -> str:
        reference = re.search(r'<wsse:Reference URI="#G[^>]*></wsse:Reference>', text)
        assert reference
        return text.replace(reference[0], form)

    return edit


def key_forms(certificate: pki.Certificate) -> dict[str, str]:
    ski = base64.b64encode(certificate.subject_key_id or b"").decode()
    print_ = base64.b64encode(hashlib.sha1(certificate.der).digest()).decode()
    identifier = "<wsse:KeyIdentifier ValueType={}>{}</wsse:KeyIdentifier>"
    return {
        "issuer": "<ds:X509Data><ds:X509IssuerSerial>"
        f"<ds:X509IssuerName>{certificate.issuer}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate.serial}</ds:X509SerialNumber>"
        "</ds:X509IssuerSerial></ds:X509Data>",
        "ski": identifier.format(f'"{const.X509_SKI}"', ski),
        "thumbprint": identifier.format(f'"{const.THUMBPRINT_SHA1}"', print_),
    }


@pytest.mark.parametrize("form", ["issuer", "ski", "thumbprint"])
def test_key_may_be_named_in_other_forms(exchange: Exchange, forgery: Forgery, form: str) -> None:
    ours = key_forms(exchange.receiver.certificate)[form]
    exchange.receive(forgery.but(encryption=key_named(ours)).message())
    theirs = key_forms(exchange.sender.certificate)[form]
    error = forgery.but(encryption=key_named(theirs)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")


@pytest.mark.parametrize(
    "form",
    [
        "",
        "<wsse:KeyIdentifier ValueType='urn:x'>AAAA</wsse:KeyIdentifier>",
        f"<wsse:KeyIdentifier ValueType='{const.X509_SKI}'>!</wsse:KeyIdentifier>",
        "<ds:X509Data></ds:X509Data>",
        "<ds:KeyName>x</ds:KeyName>",
    ],
)
def test_key_named_in_no_form(forgery: Forgery, form: str) -> None:
    error = forgery.but(encryption=key_named(form)).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", "algorithms")


def test_key_may_list_its_data(exchange: Exchange, forgery: Forgery) -> None:
    """Without KeyInfo the list of references in the key says what it opens."""
    edit = without(r"<ds:KeyInfo[^>]*><wsse:SecurityTokenReference [^>]*>.*?#EK.*?</ds:KeyInfo>")
    exchange.receive(forgery.but(encryption=edit).message())
    both = lambda text: edit(text).replace('DataReference URI="#ED', 'DataReference URI="#XD')  # noqa: E731
    error = forgery.but(encryption=both).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0103", "algorithms")


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


def test_broken_gzip_far_from_its_end(exchange: Exchange, forgery: Forgery) -> None:
    """The fault is kept back over many pieces; tag and digest are judged first."""
    content = b"\x1f\x8b" + random.Random(3).randbytes(900_000)
    error = forgery.but(content=content).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0303", "decompress")
    error = forgery.but(content=content, used_key=b"f" * 16).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")


def test_two_encrypted_keys_or_parts(forgery: Forgery) -> None:
    for name in ("EncryptedKey", "EncryptedData"):
        found = re.compile(rf"<xenc:{name} .*</xenc:{name}>")

        def twice(text: str, found: re.Pattern[str] = found) -> str:
            once = found.search(text)
            assert once
            return text.replace(once[0], once[0] + once[0].replace(' Id="', ' Id="second-'))

        error = forgery.but(encryption=twice).refusal()
        assert (error.ebms_code, error.step) == ("EBMS:0103", "security")


def cut(size: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:size]


DECRYPTIONS: list[tuple[str, dict[str, object]]] = [
    ("other key", {"used_key": b"f" * 16}),
    ("long key", {"key": b"0123456789abcdef" * 2, "used_key": b"0123456789abcdef"}),
    ("flipped byte", {"wire": lambda data: bytes([data[0] ^ 1]) + data[1:]}),
    ("flipped tag", {"wire": lambda data: data[:-1] + bytes([data[-1] ^ 1])}),
    ("flipped middle", {"wire": lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]}),
    ("cut", {"wire": cut(100)}),
    ("too short", {"wire": cut(27)}),
    ("empty", {"wire": cut(0)}),
    ("wrapped key broken", {"encryption": swap("<xenc:CipherValue>", "<xenc:CipherValue>A")}),
]


@pytest.mark.parametrize(
    "changes", [case[1] for case in DECRYPTIONS], ids=[case[0] for case in DECRYPTIONS]
)
def test_decryption_fails_with_one_wording(forgery: Forgery, changes: dict[str, object]) -> None:
    error = forgery.but(**changes).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0102", "decrypt")
    assert error.detail == "the message cannot be decrypted"
    assert error.message_id == MESSAGE_ID


CONTENTS: list[tuple[str, dict[str, object], str, str]] = [
    ("other digest", {"digest": bytes(32)}, "EBMS:0101", "digest"),
    ("not gzip", {"content": b"<sbd/>"}, "EBMS:0303", "decompress"),
    ("cut gzip", {"content": gzip.compress(PAYLOAD)[:-5]}, "EBMS:0303", "decompress"),
    ("empty", {"content": b""}, "EBMS:0303", "decompress"),
    ("trailing", {"content": gzip.compress(PAYLOAD) + b"x"}, "EBMS:0303", "decompress"),
    ("bomb", {"content": gzip.compress(bytes(20_000_000))}, "EBMS:0303", "decompress"),
    (
        "wrong checksum",
        {"content": gzip.compress(PAYLOAD)[:-8] + bytes(8)},
        "EBMS:0303",
        "decompress",
    ),
    # a fault in the plaintext never hides that the digest was wrong
    ("not gzip, other digest", {"content": b"<sbd/>", "digest": bytes(32)}, "EBMS:0101", "digest"),
]


@pytest.mark.parametrize(
    ("changes", "code", "step"), [case[1:] for case in CONTENTS], ids=[case[0] for case in CONTENTS]
)
def test_content(forgery: Forgery, changes: dict[str, object], code: str, step: str) -> None:
    error = forgery.but(**changes).refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail


def test_further_gzip_members_belong_to_the_payload(exchange: Exchange, forgery: Forgery) -> None:
    content = gzip.compress(PAYLOAD) + gzip.compress(b"more")
    _, payloads = exchange.receive(forgery.but(content=content).message())
    assert payloads == (PAYLOAD + b"more",)


@pytest.mark.parametrize(
    "flaw",
    [Flaw.EXPIRED, Flaw.NOT_YET, Flaw.REVOKED, Flaw.NO_DIGSIG, Flaw.FOREIGN, Flaw.SELF_SIGNED],
)
def test_signer_with_a_flaw(forgery: Forgery, local_pki: LocalPKI, flaw: Flaw) -> None:
    leaf = local_pki.issue(pki.Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key("flawed"))
    exchange = forgery.exchange
    forged = forgery.but(signer=leaf.pair)
    headers, body = forged.message()
    with pytest.raises(as4.FailedAuthenticationError) as caught:
        as4.receive(
            headers,
            body,
            keys=[exchange.receiver],
            trust=exchange.trust,
            revocation=local_pki.revocation(AT),
            at=AT,
        )
    assert caught.value.step == "signer"


def test_smp_certificate_does_not_sign(forgery: Forgery, local_pki: LocalPKI) -> None:
    leaf = local_pki.issue(pki.Role.SMP, "POP000111", at=AT, key=shared_key("flawed"))
    error = forgery.but(signer=leaf.pair).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")


def test_token_that_is_no_certificate(forgery: Forgery) -> None:
    def edit(text: str) -> str:
        return re.sub(r'(wsu:Id="X509-[^>]*>)[^<]*', r"\1QUJD", text)

    error = forgery.but(encryption=edit).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")

    def huge(text: str) -> str:
        return re.sub(r'(wsu:Id="X509-[^>]*>)[^<]*', r"\1" + "QUJD" * 10_000, text)

    error = forgery.but(encryption=huge).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")


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
