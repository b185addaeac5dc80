# SPDX-License-Identifier: Apache-2.0
"""Receipts and errors as peers send them, and as nobody should."""

from __future__ import annotations

from tests.forge import keys, names
from tests.forge.names import EC, SHA1
from tests.forge.request import Request
from tests.forge.signal import error
from tests.forge.signing import Ref, Signing
from tests.forge.wire import Wire
from tests.interop.forged.table import Case, all_of, moved, reply, swap

INVALID = "EBMS:0302"
US = Request().header.message_id
HTML = (("Content-Type", "text/html"),)
FAULT = (
    "><S12:Fault><S12:Code><S12:Value>S12:Sender</S12:Value></S12:Code><S12:Reason>"
    '<S12:Text xml:lang="en">no</S12:Text></S12:Reason></S12:Fault></S12:Body>'
)
INFO = '<p:phase4 xmlns:p="urn:fdc:com.helger.phase4:ns:info">x</p:phase4>'


def raw(
    name: str, expect: str, row: str, body: bytes, status: int = 200, kind: str = "text/html"
) -> Case:
    frame = Wire(plain=True, headers=(), content_type=kind, edit=lambda _: body)
    return reply(name, expect, row, wire=frame, status=status)


def said(name: str, expect: str, row: str, *, signs: bool = True, **changes: object) -> Case:
    """An error signal."""
    return reply(name, expect, row, content=error(**changes), signs=signs)  # type: ignore[arg-type]


RECEIPTS: tuple[Case, ...] = (
    reply("receipt", "accept", "9.1"),
    reply("receipt, Messaging first", "accept", "4", security_first=False),
    reply("receipt with byte order mark", "accept", "3.2", wire=Wire(
        plain=True, headers=(), edit=lambda body: b"\xef\xbb\xbf" + body)),
    reply("receipt in multipart", "accept", "3.3", wire=Wire()),
    reply("receipt in multipart, base64", "accept", "3.3", wire=Wire(soap_transfer="base64")),
    reply("receipt with status 500", "accept", "3.3 whatever the status", status=500),
    reply("receipt with status 202", "accept", "3.3 whatever the status", status=202),
    reply("receipt labelled text/xml", "accept", "3.3", wire=Wire(
        plain=True, headers=(), content_type="text/xml")),
    reply("receipt re-serialised", "accept", "9.1 number 4", nri={"transforms": False,
            "prefix": "q"}),
    reply("receipt indented", "accept", "9.1 number 4", nri={"gap": "\n  "}),
    reply("receipt with phase4's info", "accept", "9.1 number 5", more=INFO),
    reply("references reversed", "accept", "9.1 number 4", references=lambda refs: refs[::-1]),
    reply("reference repeated twice", "accept", "9.1 the set",
            references=lambda refs: refs + refs[:1]),
    reply("receipt of a renewed certificate", "accept", "9.1 number 3", signer="receiver next"),
    reply("receipt with two tokens", "accept", "9.1 oxalis", token=lambda cast: (
        keys.token(cast["third"], "X-0") + keys.token(cast["receiver"], "X-9"))),
    reply("receipt with Timestamp signed", "accept", "13", token=lambda cast: (
        '<wsu:Timestamp wsu:Id="T"/>' + keys.token(cast["receiver"], "X-9")),
        signed=lambda refs: [*refs, Ref(uri="#T")]),
    reply("receipt with local time", "accept", "14", timestamp="2026-11-20T11:15:32.2+01:00"),
    reply("receipt with no usable time", "accept", "9.1 not judged", timestamp="yesterday"),
    reply("receipt beside a warning", "accept", "9.2", unit=swap(
        "</eb:SignalMessage>", error("EBMS:0002", severity="warning") + "</eb:SignalMessage>")),
    reply("receipt unsigned", INVALID, "9.1 number 2", signs=False),
    reply("receipt for another message", f"{INVALID} signal", "9.1 number 1", ref="other@x"),
    reply("receipt without reference", f"{INVALID} signal", "9.1 number 1", ref=None),
    reply("receipt without own id", f"{INVALID} signal", "9.1 number 1", message_id=None),
    reply("receipt of a third party", f"{INVALID} signer", "9.1 number 3", signer="third"),
    reply("receipt of the sender itself", f"{INVALID} signer", "9.1 number 3", signer="sender"),
    reply("receipt with a foreign key", f"{INVALID} signature", "9.1 number 2",
            signing_key="third"),
    reply("receipt by serial number", f"{INVALID} algorithms", "14",
          key_info=lambda cast: keys.key_info(keys.issuer_serial(cast["receiver"]))),
    reply("receipt without token", INVALID, "14", token=lambda _: ""),
    reply("receipt SHA-1", f"{INVALID} algorithms", "9.1",
            signing=Signing(algorithm=names.RSA_SHA1)),
    reply("receipt: Body not signed", f"{INVALID} signature", "9.1", signed=lambda refs: refs[:1]),
    reply("receipt: Messaging not signed", f"{INVALID} signature", "9.1",
            signed=lambda refs: refs[1:]),
    reply("receipt: transforms", f"{INVALID} algorithms", "9.1", signed=lambda refs: [
        Ref(uri="#msg-9", transforms=(names.DS + "enveloped-signature", EC)), refs[1]]),
    reply("receipt: a cid reference signed", INVALID, "9.1 no attachment",
          signed=lambda refs: [*refs, Ref(uri="cid:x@y", data=b"x")]),
    reply("receipt changed", f"{INVALID} signature", "9.1", soap=swap("signal-1@", "signal-2@")),
    reply("receipt: digest differs", f"{INVALID} references", "9.1 number 4",
          references=lambda refs: [(refs[0][0], refs[0][1], bytes(32)), *refs[1:]]),
    reply("receipt: name differs", f"{INVALID} references", "9.1 number 4",
          references=lambda refs: [("#other", *refs[0][1:]), *refs[1:]]),
    reply("receipt: algorithm differs", f"{INVALID} references", "9.1 number 4",
          references=lambda refs: [(refs[0][0], SHA1, refs[0][2]), *refs[1:]]),
    reply("receipt: one missing", f"{INVALID} references", "9.1 number 4",
          references=lambda refs: refs[1:]),
    reply("receipt: one more", f"{INVALID} references", "9.1 number 4",
          references=lambda refs: [*refs, ("#more", names.SHA256, bytes(32))]),
    reply("receipt: none", f"{INVALID} references", "9.1 number 4", references=lambda _: [],
            more=INFO),
    reply("receipt: ebbp Reference", f"{INVALID} references", "14 /n software",
          messaging=all_of(swap("<ds:", "<ebbp:"), swap("</ds:", "</ebbp:"))),
    reply("receipt: user message copied", f"{INVALID} references", "9.1 number 5",
          references=lambda _: [], more='<w:w xmlns:w="urn:fdc:com.helger.phase4:ns:wrapper"/>'),
    reply("two receipts in one signal", INVALID, "9.1 number 1", unit=moved(
        "<eb:Receipt>", "</eb:Receipt>", lambda rest, one: rest.replace(
            "</eb:SignalMessage>", one + one + "</eb:SignalMessage>"))),
    reply("two receipt signals", INVALID, "9.1 number 1", unit=lambda text: text + text),
    reply("receipt and error signal", INVALID, "9.1 number 1", unit=lambda text: text + (
        f"<eb:SignalMessage><eb:MessageInfo/>{error()}</eb:SignalMessage>")),
    reply("receipt wrapped", INVALID, "13", soap=moved(
        "<eb:Messaging", "</eb:Messaging>", lambda rest, one: rest.replace(
            "</S12:Header>", one.replace("msg-9", "msg-8") + f'<x:w xmlns:x="urn:x">{one}</x:w>'
            "</S12:Header>"))),
    reply("id twice in a receipt", INVALID, "8 row 5",
          soap=swap("</S12:Header>", '<x xmlns="urn:x" Id="msg-9"/></S12:Header>')),
)  # fmt: skip

ERRORS: tuple[Case, ...] = (
    said("error", "rejected EBMS:0004", "9.2"),
    said("error unsigned", "hint EBMS:0004", "9.2 a hint", signs=False),
    said("severity in small letters", "rejected EBMS:0101", "9.2", code="EBMS:0101",
         severity="error", attributes=' origin="ebms" category="CONTENT"'),
    said("lang empty", "rejected EBMS:0004", "9.2 domibus", lang=' xml:lang=""'),
    said("no lang", "rejected EBMS:0004", "9.2 as4", lang=""),
    said("nothing but a code", "rejected EBMS:0303", "9.2", code="EBMS:0303", detail=None,
         description=None, attributes=""),
    said("cause behind the detail", "rejected EBMS:0004", "9.3",
         detail="PEPPOL:NOT_SERVICED\n cause: x"),
    said("unknown code", "rejected EBMS:0065", "9.3", code="EBMS:0065"),
    said("duplicate by phase4", "rejected EBMS:4001", "9.3", code="EBMS:4001"),
    said("warning only", "rejected EBMS:0006", "9.3", code="EBMS:0006", severity="warning"),
    reply("several errors", "rejected EBMS:0101", "9.2 several",
          content=error("EBMS:0101") + error("EBMS:0102")),
    reply("warning, then failure", "rejected EBMS:0102", "9.2 several",
          content=error("EBMS:0002", severity="warning") + error("EBMS:0102")),
    reply("errors in two signals", "rejected EBMS:0101", "9.2 several", content=error("EBMS:0101"),
          unit=lambda text: text + text.replace("EBMS:0101", "EBMS:0102")),
    reply("error with fault", "rejected EBMS:0004", "9.2 domibus", content=error(),
          body=swap("/>", FAULT), status=500),
    reply("error with status 400", "rejected EBMS:0004", "3.3", content=error(), status=400),
    reply("error in multipart", "rejected EBMS:0004", "3.3", content=error(), wire=Wire()),
    reply("error without reference", "hint EBMS:0009", "9.2", content=error("EBMS:0009"), ref=None),
    reply("reference only in the error", "rejected EBMS:0009", "9.2",
          content=error("EBMS:0009", ref=US), ref=None),
    reply("error for another message", "hint EBMS:0004", "9.2", content=error(), ref="other@x"),
    reply("error of a third party", "hint EBMS:0004", "9.2", content=error(), signer="third"),
    reply("error with a foreign key", "hint EBMS:0004", "9.2", content=error(),
            signing_key="third"),
    reply("error changed", "hint EBMS:0202", "9.2", content=error(),
          soap=swap("EBMS:0004", "EBMS:0202")),
    reply("error without Body signed", "hint EBMS:0004", "9.2", content=error(),
          signed=lambda refs: refs[:1]),
    reply("error beside a receipt", "rejected EBMS:0202", "9.2", unit=swap(
        "</eb:SignalMessage>", error("EBMS:0202") + "</eb:SignalMessage>")),
    reply("unsigned error indented", "hint EBMS:0004", "9.2", content=error(), signs=False,
          soap=lambda text: text.replace("><", ">\n<")),
    reply("fault without signal", "none EBMS:0301", "9.3", signs=False,
          messaging=lambda _: "", body=swap("/>", FAULT), status=500),
    reply("fault of SOAP 1.1", "none EBMS:0301", "9.3", signs=False,
          messaging=lambda _: "", soap=all_of(swap(names.S12, names.S11)),
          body=swap("/>", "><S12:Fault><faultstring>no</faultstring></S12:Fault></S12:Body>")),
    reply("user message as the answer", "none EBMS:0301", "9.1", signs=False,
          unit=lambda _: Request().header.user_message(())),
    reply("multipart cut", "none EBMS:0301", "9.4", wire=Wire(edit=lambda body: body[:-9])),
    reply("multipart without parts", "none EBMS:0301", "9.4", wire=Wire(
        edit=lambda _: b"--forge_0123456789--\r\n")),
    raw("empty 200", "none EBMS:0301", "3.3", b""),
    raw("empty 202", "none EBMS:0301", "3.3", b"", 202),
    raw("blank 204", "none EBMS:0301", "3.3", b" \r\n", 204),
    raw("HTML 502", "none EBMS:0301", "14", b"<!DOCTYPE html><html><body>502<br></html>", 502),
    raw("XHTML 404", "none EBMS:0301", "14", b"<html><body/></html>", 404),
    raw("redirect", "none EBMS:0301", "3.3", b"moved", 302),
    raw("rubbish", "none EBMS:0301", "9.4", bytes(range(256)), 200, "application/soap+xml"),
    raw("JSON", "none EBMS:0301", "9.4", b'{"error": 1}', 503, "application/json"),
    raw("two MB", "none EBMS:0301", "7 step 6", b"<a/>" + b" " * 2_000_000),
    raw("answer with doctype", "none EBMS:0301", "13", b'<!DOCTYPE a SYSTEM "http://x/"><a/>'),
)  # fmt: skip

CASES = RECEIPTS + ERRORS
