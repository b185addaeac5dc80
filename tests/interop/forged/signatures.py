# SPDX-License-Identifier: Apache-2.0
"""References, transforms, coverage, wrapping (rows 11 and 13 of docs/architecture.md)."""

from __future__ import annotations

from dataclasses import replace

from tests.forge import names
from tests.forge.names import EC
from tests.forge.payload import Part
from tests.forge.signing import Ref, Signing
from tests.interop.forged.table import Case, all_of, moved, part, request, swap

BAD = "EBMS:0103 algorithms"
UNCOVERED = "EBMS:0103 signature"
XPATH = f'<ds:XPath xmlns:ds="{names.DS}">true()</ds:XPath>'
XSLT = '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'


def without(uri: str) -> object:
    return lambda refs: [one for one in refs if not one.uri.startswith(uri)]


def plus(*more: Ref) -> object:
    return lambda refs: [*refs, *more]


def transformed(name: str, *transforms: str, expect: str = BAD, **changes: object) -> Case:
    """The Messaging reference goes through other transforms."""
    values = {"transforms": transforms, **changes}
    return request(f"transform: {name}", expect, "8 row 11", messaging_ref=values)


def signing(name: str, expect: str, **how: object) -> Case:
    return request(name, expect, "8 row 11", signing=Signing(**how))  # type: ignore[arg-type]


def swapped_info(name: str, expect: str, old: str, new: str) -> Case:
    return signing(name, expect, edit=swap(old, new, 1))


ALGORITHMS: tuple[Case, ...] = (
    signing("RSA-SHA-1", BAD, algorithm=names.RSA_SHA1),
    signing("RSA-SHA-512", BAD, algorithm=names.RSA_SHA512),
    signing("RSA-PSS", BAD, algorithm=names.RSA_PSS),
    signing("HMAC", BAD, algorithm=names.HMAC_SHA256),
    signing("no algorithm", BAD, algorithm=""),
    signing("inclusive canonicalisation", BAD, canonicalisation=names.C14N),
    signing("canonicalisation with comments", BAD, canonicalisation=EC + "WithComments"),
    signing("HMACOutputLength", BAD,
            method_parameters="<ds:HMACOutputLength>8</ds:HMACOutputLength>"),
    request("digest SHA-1", BAD, "8 row 11", messaging_ref={"digest": names.SHA1}),
    request("digest SHA-512", BAD, "8 row 11", part_ref={"digest": names.SHA512}),
    transformed("none", expect=BAD),
    transformed("inclusive", names.C14N),
    transformed("with comments", EC + "WithComments"),
    transformed("XSLT", EC, names.XSLT, parameters=XSLT),
    transformed("XPath", names.XPATH, parameters=XPATH),
    transformed("base64", names.DS + "base64", EC),
    transformed("enveloped", names.DS + "enveloped-signature", EC),
    transformed("STR", names.STR_TRANSFORM),
    transformed("exclusive twice", EC, EC),
    transformed("SwA on an element", names.SWA_SIGNATURE),
    transformed("parameters", EC, parameters="<x xmlns='urn:x'/>"),
    request("part: exclusive", BAD, "8 row 11", part_ref={"transforms": (EC,)}),
    request("part: none", BAD, "8 row 11", part_ref={"transforms": ()}),
    request("part: complete", BAD, "6.3", part_ref={"transforms": (names.SWA_COMPLETE,)}),
    request("part: SwA with a list of prefixes", BAD, "8 row 11", part_ref={"prefixes": ("S12",)}),
    swapped_info("SignedInfo with a foreign element", BAD, "</ds:SignedInfo>",
                 '<x xmlns="urn:x"/></ds:SignedInfo>'),
    signing("reference without digest", BAD, edit=lambda text: text.replace(
        "<ds:DigestValue>", "<ds:Other>", 1).replace("</ds:DigestValue>", "</ds:Other>", 1)),
    swapped_info("digest method twice", BAD, "<ds:DigestMethod", (
        f'<ds:DigestMethod Algorithm="{names.SHA256}"/><ds:DigestMethod')),
    swapped_info("reference with id and type", "accept", "<ds:Reference ",
                 '<ds:Reference Id="R-1" Type="urn:x" '),
    signing("indented SignedInfo", "accept", edit=lambda text: text.replace("><", ">\n <")),
    signing("comment in SignedInfo", "accept", edit=swap("<ds:Reference ",
            "<!--x--><ds:Reference ", 1)),
    signing("Object in Signature", BAD,
            after=swap("</ds:Signature>", "<ds:Object><a/></ds:Object></ds:Signature>")),
    signing("two KeyInfo", BAD, after=moved("<ds:KeyInfo", "</ds:KeyInfo>", lambda rest, one: (
        rest.replace("</ds:Signature>", one + one + "</ds:Signature>")))),
    signing("signature value of rubbish", "EBMS:0101 signature", value=b"x" * 256),
    signing("signature value too short", "EBMS:0101 signature", value=b"x"),
    signing("signature value all zero", "EBMS:0101 signature", value=bytes(256)),
    signing("signature value broken up", "accept", after=lambda text: text.replace(
        "<ds:SignatureValue>", "<ds:SignatureValue>&#13;\n").replace(
        "</ds:SignatureValue>", "\n  </ds:SignatureValue>")),
    signing("digest broken up", "accept", edit=swap("<ds:DigestValue>", "<ds:DigestValue>\n ")),
    signing("digest not base64", BAD, edit=swap("<ds:DigestValue>", "<ds:DigestValue>!")),
)  # fmt: skip
DEFAULTED = all_of(swap("<S12:Envelope ", '<S12:Envelope xmlns="urn:default" '))

PREFIXES: tuple[Case, ...] = (
    request("prefixes everywhere", "accept", "6.3 holodeck", signing=Signing(prefixes=("S12",
            "xsd")),
            messaging_ref={"prefixes": ("S12", "wsu", "none")}, body_ref={"prefixes": ("S12",)},
            envelope=swap("<S12:Envelope ",
            '<S12:Envelope xmlns:xsd="urn:xsd" xmlns:xsi="urn:i" ')),
    signing("prefixes for SignedInfo only", "accept", prefixes=("S12",)),
    request("prefixes for Messaging only", "accept", "6.3 phase4",
            messaging_ref={"prefixes": ("S12", "wsse")}),
    request("prefix used but not listed", "EBMS:0101 signature", "6.3 honour each list",
            messaging_ref={"prefixes": ("xsd",), "listed": False},
            envelope=swap("<S12:Envelope ", '<S12:Envelope xmlns:xsd="urn:xsd" ')),
    request("#default without default namespace", "accept", "6.3 trap 2",
            messaging_ref={"prefixes": ("#default", "S12")}),
    request("#default for SignedInfo, no default namespace", "accept", "6.3 trap 2",
            signing=Signing(prefixes=("#default",))),
    request("#default with default namespace", "EBMS:0103", "6.3 trap 2",
            messaging_ref={"prefixes": ("#default",)}, envelope=DEFAULTED),
    request("#default for SignedInfo, default namespace", "EBMS:0103", "6.3 trap 2",
            signing=Signing(prefixes=("#default",)), envelope=DEFAULTED),
    request("default namespace without a list", "accept", "6.3", envelope=DEFAULTED),
    request("prefix redeclared", "accept", "6.3", envelope=swap("<S12:Header>", (
        '<S12:Header xmlns:eb="urn:other" xmlns:xsd="urn:xsd">'))),
    request("relative namespace", "EBMS:0101 signature", "no canonical form, nothing to verify",
            soap=swap("<S12:Envelope ", '<S12:Envelope xmlns:r="relative" ')),
)  # fmt: skip

STAMP = (
    '<wsu:Timestamp wsu:Id="TS-1"><wsu:Created>2001-01-01T00:00:00Z</wsu:Created></wsu:Timestamp>'
)
STAMPED = swap("</wsse:Security>", STAMP + "</wsse:Security>")
BLOCK = f'<x:block xmlns:x="urn:x" xmlns:wsu="{names.WSU}" wsu:Id="x-1"/>'

COVERAGE: tuple[Case, ...] = (
    request("Messaging not signed", UNCOVERED, "8 row 13", references=without("#msg")),
    request("Body not signed", UNCOVERED, "8 row 13", references=without("#body")),
    request("part not signed", UNCOVERED, "8 row 13", references=without("cid:")),
    request("order reversed", "accept", "6.3 any order", references=lambda refs: refs[::-1]),
    request("Timestamp signed", "accept", "13 tolerate", security=STAMPED,
            references=plus(Ref(uri="#TS-1"))),
    request("Timestamp signed wrongly", "EBMS:0101 signature", "6.1 its digest counts",
            security=STAMPED, references=plus(Ref(uri="#TS-1", value=bytes(32)))),
    request("token signed", "accept", "13 tolerate", references=plus(Ref(uri="#X509-1"))),
    request("receiver's token signed", "accept", "13 tolerate", references=plus(Ref(uri="#G-1"))),
    request("foreign block signed", UNCOVERED, "13 nothing else", blocks=BLOCK,
            references=plus(Ref(uri="#x-1"))),
    request("EncryptedData signed", UNCOVERED, "13 nothing else",
            references=plus(Ref(uri="#ED-0"))),
    request("EncryptedKey signed", UNCOVERED, "13 nothing else", references=plus(Ref(uri="#EK-1"))),
    request("Messaging signed twice", "EBMS:0103", "13 each target once",
            references=plus(Ref(uri="#msg-1"))),
    request("Messaging signed by both of its ids", UNCOVERED, "13 each target once",
            messaging=swap(" wsu:Id", ' id="other" wsu:Id'), references=plus(Ref(uri="#other"))),
    request("token signed twice", "EBMS:0103", "13 each target once",
            references=plus(Ref(uri="#X509-1"), Ref(uri="#X509-1"))),
    request("part signed twice", "EBMS:0103", "13 each target once",
            references=plus(Ref(uri=Part().href, data=Part().content))),
    request("part signed twice, once encoded", UNCOVERED, "13 each target once",
            references=plus(Ref(uri="cid:part-1%40forge.example", data=Part().content))),
    request("unknown part signed", "EBMS:0103", "8 row 13",
            references=plus(Ref(uri="cid:nobody@x", data=b"x"))),
    request("empty URI", BAD, "13", references=plus(Ref(uri="", value=bytes(32)))),
    request("address in the web", BAD, "13",
            references=plus(Ref(uri="http://x.example/", value=bytes(32)))),
    request("address of a file", BAD, "13", references=plus(Ref(uri="file:///x", value=bytes(32)))),
    request("XPointer", BAD, "13", references=lambda refs: [
        replace(refs[0], uri="#xpointer(id('msg-1'))", element="msg-1"), *refs[1:]]),
    request("XPointer to the root", BAD, "13",
            references=plus(Ref(uri="#xpointer(/)", value=bytes(32)))),
    request("lone #", "EBMS:010", "13", references=plus(Ref(uri="#", value=bytes(32)))),
    request("id of nothing", "EBMS:0101 signature", "8 row 13",
            references=plus(Ref(uri="#nobody", value=bytes(32)))),
    signing("reference without URI", BAD, edit=swap(' URI="#body-1"', "")),
    request("digest of Messaging wrong", "EBMS:0101 signature", "8 row 13",
            messaging_ref={"value": bytes(32)}),
    request("digest of Messaging too short", "EBMS:0101 signature", "8 row 13",
            messaging_ref={"value": b"short"}),
    request("digest of Body wrong", "EBMS:0101 signature", "8 row 13",
            body_ref={"value": bytes(32)}),
    request("header changed after signing", "EBMS:0101 signature", "8 row 13",
            soap=swap("forge-c1", "forge-c2")),
    request("prefix changed in transit", "EBMS:0101 signature", "6.3 trap 3",
            soap=all_of(swap("<eb:", "<q:"), swap("</eb:", "</q:"), swap("xmlns:eb=", "xmlns:q="))),
    request("SignedInfo changed after signing", "EBMS:0101 signature", "8 row 13",
            soap=swap("<ds:Reference ", '<ds:Reference Id="R" ', 1)),
    request("65 references", "EBMS:0103", "13 CPU", references=lambda refs: refs + refs[:1] * 63),
    request("header indented after signing", "EBMS:0101 signature", "6.3 trap 3",
            soap=swap("<eb:PartyInfo>", "\n<eb:PartyInfo>")),
    part("reference encoded", "accept", "3.2", signed_uri="cid:part%2d1%40forge%2Eexample"),
)  # fmt: skip
COPY = ("<eb:Messaging", "</eb:Messaging>")


def aside(wrap: str, forged: str = "msg-1", *, keep: bool = True) -> object:
    """The signed Messaging goes into `wrap`, a forged one takes its place."""

    def place(rest: str, piece: str) -> str:
        other = piece.replace("forge-c1", "forger").replace("msg-1", forged)
        hidden = wrap.format(piece) if keep else ""
        return rest.replace("</S12:Header>", f"{other}{hidden}</S12:Header>")

    return moved(*COPY, place)


WRAPPING: tuple[Case, ...] = (
    request("wrapped, same id", "EBMS:0101 ids", "13 wrapping",
            soap=aside('<x:w xmlns:x="urn:x">{}</x:w>')),
    request("wrapped, other id", UNCOVERED, "13 wrapping",
            soap=aside('<x:w xmlns:x="urn:x">{}</x:w>', "msg-2")),
    request("wrapped deeper, other id", UNCOVERED, "13 wrapping",
            soap=aside('<x:w xmlns:x="urn:x"><x:w>{}</x:w></x:w>', "msg-2")),
    request("wrapped inside Security", UNCOVERED, "13 wrapping", soap=moved(*COPY, lambda rest,
            one: (
        rest.replace("</wsse:Security>", one + "</wsse:Security>").replace("</S12:Header>",
                one.replace(
            "msg-1", "msg-2") + "</S12:Header>")))),
    request("wrapped inside Object", "EBMS:0103", "13 wrapping", soap=moved(*COPY, lambda rest,
            one: (
        rest.replace("</ds:Signature>", f"<ds:Object>{one}</ds:Object></ds:Signature>").replace(
            "</S12:Header>", one.replace("msg-1", "msg-2") + "</S12:Header>")))),
    request("wrapped, both in the header", "EBMS:0009", "8 row 6",
            soap=aside("{}", "msg-2")),
    request("wrapped in the body", "EBMS:0009 xml", "8 row 3", soap=moved(*COPY, lambda rest, one: (
        rest.replace("/></S12:Envelope>", f">{one}</S12:Body></S12:Envelope>").replace(
            "</S12:Header>", one.replace("msg-1", "msg-2") + "</S12:Header>")))),
    request("forged one only", "EBMS:0101", "8 row 13", soap=aside("", keep=False)),
    request("Messaging nested in a foreign block", "EBMS:0103", "13 anywhere",
            blocks=f'<x:w xmlns:x="urn:x"><eb:Messaging xmlns:eb="{names.EB}"/></x:w>'),
    request("Body nested in a foreign block", "EBMS:0103", "13 anywhere",
            blocks=f'<x:w xmlns:x="urn:x"><S12:Body xmlns:S12="{names.S12}"/></x:w>'),
    request("Security nested in a foreign block", "EBMS:0103", "13 anywhere",
            blocks=f'<x:w xmlns:x="urn:x"><wsse:Security xmlns:wsse="{names.WSSE}"/></x:w>'),
    request("body moved aside, other id", "EBMS:0103", "13 wrapping",
            soap=lambda text: text.replace(
        "</S12:Header>", f'<x:w xmlns:x="urn:x"><S12:Body xmlns:wsu="{names.WSU}" wsu:Id="body-1"/>'
        "</x:w></S12:Header>").replace('wsu:Id="body-1"/></S12:Envelope>',
                                       'wsu:Id="body-2"/></S12:Envelope>')),
    request("reference to a copy in Security's Timestamp place", UNCOVERED, "13", security=swap(
        "</wsse:Security>", '<x:ts xmlns:x="urn:x" wsu:Id="TS-1"/></wsse:Security>'),
        references=plus(Ref(uri="#TS-1"))),
)  # fmt: skip

CASES = ALGORITHMS + PREFIXES + COVERAGE + WRAPPING
