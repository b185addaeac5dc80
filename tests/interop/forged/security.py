# SPDX-License-Identifier: Apache-2.0
"""The Security header: key forms, algorithms, who signed (rows 10 to 12 and 15)."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from tests.forge import keys, names
from tests.forge.cast import Cast
from tests.forge.header import Header
from tests.forge.keys import Wrapping
from tests.forge.names import AP_TYPE
from tests.forge.payload import Part
from tests.interop.forged.table import Case, all_of, moved, part, request, swap

LINES = "&#13;\n"
WS = f'xmlns:wsse="{names.WSSE}" xmlns:wsu="{names.WSU}"'
RETRIEVAL = '<ds:KeyInfo><ds:RetrievalMethod URI="#EK-1"/></ds:KeyInfo>'


def broken_up(text: str) -> str:
    return LINES.join(text[start : start + 64] for start in range(0, len(text), 64))


def signed_by(holder: str, expect: str = "EBMS:0101 signer", **changes: object) -> Case:
    return request(f"signer: {holder}", expect, "8 row 12", signer=holder, **changes)


HEADER: tuple[Case, ...] = (
    request("unsigned", "EBMS:0103 security", "8 row 10", signs=False),
    request("no Security", "EBMS:0103 security", "8 row 10", signs=False, security=lambda _: ""),
    request("empty Security", "EBMS:0103 security", "8 row 10",
            signs=False, security=lambda _: f'<wsse:Security xmlns:wsse="{names.WSSE}"/>'),
    request("second Security", "EBMS:0103 security", "8 row 10",
            blocks=f'<wsse:Security xmlns:wsse="{names.WSSE}"/>'),
    request("second Signature", "EBMS:0103", "8 row 10",
            soap=moved("<ds:Signature ", "</ds:Signature>", lambda rest, one: rest.replace(
                "</wsse:Security>", one + one.replace("SIG-1", "SIG-2") + "</wsse:Security>"))),
    request("Signature in a foreign block", "EBMS:0103", "13 anywhere",
            blocks=f'<x:b xmlns:x="urn:x"><ds:Signature xmlns:ds="{names.DS}"/></x:b>'),
    request("Signature only in a foreign block", "EBMS:0103", "8 row 10",
            soap=moved("<ds:Signature ", "</ds:Signature>", lambda rest, one: rest.replace(
                "</S12:Header>", f'<x:b xmlns:x="urn:x" {WS}>{one}</x:b></S12:Header>'))),
    request("Security inside a foreign block", "EBMS:0103", "8 row 10",
            soap=moved("<wsse:Security", "</wsse:Security>", lambda rest, one: rest.replace(
                "</S12:Header>", f'<x:b xmlns:x="urn:x">{one}</x:b></S12:Header>'))),
    request("not encrypted", "EBMS:0103 security", "8 row 10", encrypts=False,
            parts=(Part(encrypted=False),)),
    request("key without data", "EBMS:0103 security", "8 row 10",
            encryption=moved("<xenc:EncryptedData", "</xenc:EncryptedData>", lambda rest, _: rest)),
    request("data without key", "EBMS:0103 security", "8 row 10",
            encryption=moved("<xenc:EncryptedKey", "</xenc:EncryptedKey>", lambda rest, _: rest)),
    request("two keys", "EBMS:0103", "6.1",
            encryption=moved("<xenc:EncryptedKey", "</xenc:EncryptedKey>",
                             lambda rest, one: one + one.replace("EK-1", "EK-2") + rest)),
    request("data for the SOAP part", "EBMS:0103", "8 row 10",
            parts=(Part(uri="cid:root@forge.example"),)),
    request("Timestamp", "accept", "6.1", security=swap("</wsse:Security>", (
        '<wsu:Timestamp wsu:Id="TS-1"><wsu:Created>2001-01-01T00:00:00Z</wsu:Created>'
        "</wsu:Timestamp></wsse:Security>"))),
    request("data in front of the key", "accept", "4 by structure",
            encryption=moved("<xenc:EncryptedData", "</xenc:EncryptedData>",
                             lambda rest, one: one + rest)),
    request("token behind the signature", "accept", "4 by structure",
            soap=moved("<wsse:BinarySecurityToken wsu:Id=\"X509-1\"", "</wsse:BinarySecurityToken>",
                       lambda rest, one: rest.replace("</wsse:Security>",
                       one + "</wsse:Security>"))),
    request("only one token for two keys", "EBMS:0102 decrypt", "6.2 not ours",
            key_form=lambda _: keys.direct("X509-1")),
    request("data listed only in the key", "accept", "6.5", data_info=""),
    request("data listed nowhere", "EBMS:0103 algorithms", "6.5", data_info="", listed=False),
    request("data without list", "accept", "6.5", listed=False),
    request("data with RetrievalMethod", "EBMS:0103 algorithms", "13", data_info=RETRIEVAL,
            listed=False),
    request("TokenType in the wrong namespace", "accept", "14 peppol-py",
            encryption=swap("wsse11:TokenType", "wsse:TokenType")),
    request("xenc without prefix", "accept", "14 as4.net",
            encryption=all_of(swap("<xenc:", "<"), swap("</xenc:", "</"),
                              swap("xmlns:xenc=", "xmlns="))),
)  # fmt: skip

KEY_FORMS: tuple[Case, ...] = (
    request("key: issuer and serial", "accept", "6.2",
            key_form=lambda cast: keys.issuer_serial(cast["receiver"])),
    request("key: issuer with blanks", "accept", "6.2",
            key_form=lambda cast: keys.issuer_serial(cast["receiver"], separator=", ")),
    request("key: issuer backwards", "accept", "6.2",
            key_form=lambda cast: keys.issuer_serial(cast["receiver"], backwards=True)),
    request("key: SKI", "accept", "6.2", key_form=lambda cast: keys.ski(cast["receiver"])),
    request("key: thumbprint", "accept", "6.2",
            key_form=lambda cast: keys.thumbprint(cast["receiver"])),
    request("key: our next certificate", "accept", "6.2 rollover", recipient="receiver next"),
    request("key: next by serial", "accept", "6.2 rollover", recipient="receiver next",
            key_form=lambda cast: keys.issuer_serial(cast["receiver next"])),
    request("key: next by SKI", "accept", "6.2 rollover", recipient="receiver next",
            key_form=lambda cast: keys.ski(cast["receiver next"])),
    request("key: next by thumbprint", "accept", "6.2 rollover", recipient="receiver next",
            key_form=lambda cast: keys.thumbprint(cast["receiver next"])),
    request("key: names the old, is for the next", "EBMS:0102 decrypt", "8 row 15",
            recipient="receiver next", key_form=lambda cast: keys.ski(cast["receiver"])),
    request("key: somebody else's", "EBMS:0102 decrypt", "6.2", recipient="third"),
    *(request(f"key: somebody else's by {name}", "EBMS:0102 decrypt", "6.2", recipient="third",
              key_form=lambda cast, form=form: form(cast["third"]))
      for name, form in (("serial", keys.issuer_serial), ("SKI", keys.ski),
                         ("thumbprint", keys.thumbprint))),
    request("key: name only", "EBMS:0103 algorithms", "6.2",
            key_form=lambda _: "<ds:KeyName>receiver</ds:KeyName>"),
    request("key: nothing", "EBMS:0103 algorithms", "6.2", key_form=lambda _: ""),
    request("key: dangling", "EBMS:0103 algorithms", "6.2", key_form=lambda _: keys.direct("Q-1")),
    request("key: token is a path", "EBMS:0103 algorithms", "14", encryption=swap("#X509v3",
            "#X509PKIPathv1")),
    request("key: token broken up", "accept", "14",
            encryption=moved("<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>",
                             lambda rest, one: one[: one.index(">") + 1] + broken_up(
                                 one[one.index(">") + 1 : one.rindex("<")])
                             + "</wsse:BinarySecurityToken>" + rest)),
    request("cipher value broken up", "accept", "6.3 trap 5",
            encryption=moved("<xenc:CipherValue>", "</xenc:CipherValue>", lambda rest,
            one: rest.replace(
                "<xenc:CipherData></xenc:CipherData>", "<xenc:CipherData><xenc:CipherValue>"
                + broken_up(one[18:-19]) + "</xenc:CipherValue></xenc:CipherData>"))),
    request("cipher value of rubbish", "EBMS:0102 decrypt", "8 row 15",
            encryption=moved("<xenc:CipherValue>", "</xenc:CipherValue>", lambda rest,
            _: rest.replace(
                "<xenc:CipherData></xenc:CipherData>", "<xenc:CipherData><xenc:CipherValue>"
                "AAAA</xenc:CipherValue></xenc:CipherData>"))),
)  # fmt: skip


def wrapped(name: str, expect: str, **how: object) -> Case:
    return request(name, expect, "6.5", wrapping=Wrapping(**how))  # type: ignore[arg-type]


ALGORITHMS: tuple[Case, ...] = (
    wrapped("OAEP with MGF1-SHA-1", "EBMS:0103 algorithms", mgf=names.MGF1_SHA1,
            used_mgf=hashes.SHA1),
    wrapped("OAEP without MGF", "EBMS:0103 algorithms", mgf=None, used_mgf=hashes.SHA1),
    wrapped("OAEP without digest", "EBMS:0103 algorithms", digest=None, used_digest=hashes.SHA1),
    wrapped("OAEP with SHA-1", "EBMS:0103 algorithms", digest=names.SHA1, used_digest=hashes.SHA1),
    wrapped("OAEP mgf1p", "EBMS:0103 algorithms", method=names.RSA_OAEP_MGF1P, mgf=None,
            used_mgf=hashes.SHA1),
    wrapped("RSA 1.5", "EBMS:0103 algorithms", method=names.RSA_1_5, digest=None, mgf=None,
            pkcs1=True),
    wrapped("OAEP with label", "EBMS:0103 algorithms", label=b"x", claimed_label=b"x"),
    wrapped("OAEP with hidden label", "EBMS:0102 decrypt", label=b"x"),
    wrapped("OAEP said, RSA 1.5 done", "EBMS:0102 decrypt", pkcs1=True),
    wrapped("SHA-256 said, SHA-1 done", "EBMS:0102 decrypt", used_mgf=hashes.SHA1),
    request("key of 32 bytes", "EBMS:0102 decrypt", "13 key confusion", wrapped_key=b"k" * 32),
    request("key of 24 bytes", "EBMS:0102 decrypt", "13", wrapped_key=b"k" * 24),
    request("key of no bytes", "EBMS:0102 decrypt", "13", wrapped_key=b"k"),
    request("another key", "EBMS:0102 decrypt", "8 row 15", wrapped_key=b"another key here"),
    request("AES-256 said", "EBMS:0103 algorithms", "6.5", cipher=names.AES256_GCM),
    request("CBC said", "EBMS:0103 algorithms", "6.5", cipher=names.AES128_CBC),
    part("attachment complete", "EBMS:0103 algorithms", "6.5", data_type=names.CONTENT_COMPLETE),
    part("no type of encryption", "EBMS:0103 algorithms", "6.5", data_type=None),
    part("cipher elsewhere", "EBMS:0103 algorithms", "13", uri="http://x.example/"),
    request("other ciphertext transform", "EBMS:0103 algorithms", "6.5",
            encryption=swap(names.SWA_CIPHERTEXT, names.SWA + "Other")),
    request("ciphertext inside the header", "EBMS:0103 algorithms", "6.5",
            encryption=moved("<xenc:CipherReference", "</xenc:CipherReference>",
                             lambda rest, _: rest.replace("<xenc:CipherData></xenc:CipherData>",
                                 "<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue>"
                                 "</xenc:CipherData>"))),
)  # fmt: skip


def third_party(_: Cast) -> str:
    return keys.key_info(keys.direct("G-1"))


SIGNERS: tuple[Case, ...] = (
    *(signed_by(name) for name in (
        "expired", "not yet", "revoked", "no signing", "no usage", "outsider", "other network",
        "by root", "by smp ca", "smp unit", "weak", "oversized", "two names", "under leaf",
        "authority")),
    signed_by("reversed", "accept"),
    signed_by("third"),
    signed_by("no seat"),
    request("another seat, rightly named", "accept", "8 row 12", signer="third",
            header=Header(from_parties=((AP_TYPE, "POP990013"),))),
    request("no seat, rightly named", "EBMS:0101 signer", "8 row 12", signer="no seat",
            header=Header(from_parties=((AP_TYPE, "Acme Access Point"),))),
    request("key of another", "EBMS:0101 signature", "8 row 13", signing_key="third"),
    request("key info points to our own token", "EBMS:0101 signer", "8 row 12",
            signature_key=third_party),
    request("signature: issuer and serial", "EBMS:0103 algorithms", "6.2",
            signature_key=lambda cast: keys.key_info(keys.issuer_serial(cast["sender"]))),
    request("signature: SKI", "EBMS:0103 algorithms", "6.2",
            signature_key=lambda cast: keys.key_info(keys.ski(cast["sender"]))),
    request("signature: thumbprint", "EBMS:0103 algorithms", "6.2",
            signature_key=lambda cast: keys.key_info(keys.thumbprint(cast["sender"]))),
    request("signature: no KeyInfo", "EBMS:0103 algorithms", "6.2", signature_key=lambda _: ""),
    request("signature: KeyValue", "EBMS:0103 algorithms", "13", signature_key=lambda _: (
        "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus>"
        "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>")),
    request("signature: X509Data", "EBMS:0103 algorithms", "13", signature_key=lambda cast: (
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{keys.b64(cast['sender'].der)}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>")),
    request("signature: RetrievalMethod", "EBMS:0103 algorithms", "13",
            signature_key=lambda _: '<ds:KeyInfo><ds:RetrievalMethod URI="http://x/"/></ds:KeyInfo>'),
    request("signature: reference and more", "EBMS:0103 algorithms", "6.1",
            signature_key=lambda _: keys.key_info(keys.direct("X509-1") * 2)),
    request("signature: reference abroad", "EBMS:0103 algorithms", "13",
            signature_key=lambda _: keys.key_info('<wsse:Reference URI="http://x/#X509-1"/>')),
    request("signature: token not typed in the reference", "accept", "6.2",
            signature_key=lambda _: keys.key_info(keys.direct("X509-1", None))),
    request("signature: PKI path", "EBMS:0103 algorithms", "14",
            signer_token={"value_type": names.PKIPATH},
            signature_key=lambda _: keys.key_info(keys.direct("X509-1", names.PKIPATH))),
    request("signature: token typed as a path", "EBMS:0103 algorithms", "6.2",
            signer_token={"value_type": names.PKIPATH}),
    request("signature: token outside Security", "EBMS:0103 algorithms", "13",
            soap=moved('<wsse:BinarySecurityToken wsu:Id="X509-1"', "</wsse:BinarySecurityToken>",
                       lambda rest, one: rest.replace("</S12:Header>", (
                           f'<x:b xmlns:x="urn:x" xmlns:wsse="{names.WSSE}" '
                           f'xmlns:wsu="{names.WSU}">{one}</x:b></S12:Header>')))),
    request("token broken up", "accept", "14 strip white space", soap=moved(
        '<wsse:BinarySecurityToken wsu:Id="X509-1"', "</wsse:BinarySecurityToken>",
        lambda rest, one: rest.replace("<ds:Signature ", one[: one.index(">") + 1] + broken_up(
            one[one.index(">") + 1 : one.rindex("<")])
            + "</wsse:BinarySecurityToken><ds:Signature "))),
    request("token of rubbish", "EBMS:0101 signer", "8 row 12", signer_token={"text": "QUJD"}),
    request("token not base64", "EBMS:0101 signer", "8 row 12", signer_token={"text": "!!"}),
    request("token of 20 kB", "EBMS:0101 signer", "13", signer_token={"text": "QUJD" * 7000}),
    request("empty token", "EBMS:0101 signer", "8 row 12", signer_token={"text": ""}),
)  # fmt: skip

CASES = HEADER + KEY_FORMS + ALGORITHMS + SIGNERS
