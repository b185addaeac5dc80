# SPDX-License-Identifier: Apache-2.0
"""eb:Messaging: the schema, and each of its values (rows 6 to 9 of docs/architecture.md)."""

from __future__ import annotations

from tests.forge.header import Header, Info, prop
from tests.forge.names import ACTOR, AP_TYPE, C1, C4, EB, PROCESS
from tests.forge.payload import Part
from tests.forge.request import Request
from tests.forge.signal import error
from tests.forge.wire import Wire
from tests.interop.forged.table import Case, header, info, request, swap

SENDER, RECIPIENT = ("originalSender", ACTOR, C1), ("finalRecipient", ACTOR, C4)
MIME = ("MimeType", "application/xml")
GZIP = ("CompressionType", "application/gzip")
TEST = {"service": EB + "service", "service_type": None, "action": EB + "test"}


def invalid(name: str, old: str, new: str, expect: str = "EBMS:0009 header") -> Case:
    """A user message that the schema refuses."""
    return request(name, expect, "8 row 6 schema", unit=swap(old, new))


SCHEMA: tuple[Case, ...] = (
    invalid("PartyInfo first", "<eb:MessageInfo>", "<eb:PartyInfo/><eb:MessageInfo>"),
    invalid("Timestamp behind MessageId", "</eb:MessageInfo>",
            "<eb:Timestamp>2026-11-20T10:15:31Z</eb:Timestamp></eb:MessageInfo>"),
    invalid("unknown element", "</eb:PartyInfo>", "<eb:Via/></eb:PartyInfo>"),
    invalid("foreign element", "</eb:PartyInfo>", '<x xmlns="urn:x"/></eb:PartyInfo>'),
    invalid("text between elements", "<eb:PartyInfo>", "<eb:PartyInfo>text"),
    invalid("text behind an element", "</eb:PartyInfo>", "</eb:PartyInfo>text"),
    invalid("unknown attribute", "<eb:UserMessage>", '<eb:UserMessage kind="x">'),
    invalid("foreign attribute", "<eb:UserMessage>", '<eb:UserMessage eb:kind="x">'),
    invalid("no role", f"<eb:Role>{EB}initiator</eb:Role>", ""),
    invalid("empty role", f"{EB}initiator", ""),
    invalid("no service", "eb:Service", "eb:Servicf"),
    invalid("element inside a value", f"{EB}initiator", "<eb:x/>"),
    invalid("Property without name", ' name="originalSender"', ""),
    invalid("empty property", f">{C1}<", "><"),
    invalid("PayloadInfo without parts", "<eb:PayloadInfo>", "<eb:PayloadInfo/><eb:PayloadInfo>"),
    invalid("MessageProperties empty", "<eb:PayloadInfo>",
            "<eb:MessageProperties/><eb:PayloadInfo>"),
    invalid("no To", "eb:To>", "eb:Tu>"),
    invalid("wrong namespace", "<eb:MessageInfo>", '<eb:MessageInfo xmlns:eb="urn:x">'),
    invalid("PartProperties empty", "<eb:PartProperties>",
            "<eb:PartProperties/><eb:PartProperties>"),
    request("whole user message in another namespace", "EBMS:0009 header", "8 row 6",
            unit=swap("<eb:UserMessage>", '<eb:UserMessage xmlns:eb="urn:x">')),
    request("empty Messaging", "EBMS:0009 header", "8 row 6", unit=lambda _: ""),
    request("foreign element behind the user message", "accept", "schema: any at the end",
            unit=lambda text: text + '<x:y xmlns:x="urn:x"/>'),
    request("comments inside", "accept", "13",
            unit=swap("<eb:PartyInfo>", "<!--x--><eb:PartyInfo><?y?>")),
    request("comment inside a value", "accept", "13 what is signed is used",
            unit=swap("POP990012", "POP99<!--x-->0012")),
    request("blanks between elements", "accept", "4", unit=lambda text: text.replace("><",
            ">\n <")),
)  # fmt: skip

VALUES: tuple[Case, ...] = (
    request("two user messages", "EBMS:0003 header", "5 row 2", unit=lambda text: text + text),
    request("user message and signal", "EBMS:0003 header", "5 row 2",
            unit=lambda text: f"<eb:SignalMessage>{error()}</eb:SignalMessage>" + text),
    header("default channel", "accept", "5 row 2", mpc=EB + "defaultMPC"),
    header("other channel", "EBMS:0010 pmode", "5 row 2", mpc="urn:x"),
    header("empty channel", "EBMS:0010 pmode", "5 row 2", mpc=""),
    *(header(f"time {text}", "accept", "5 row 3", timestamp=text) for text in (
        "2026-11-20T10:15:31Z", "2026-11-20T10:15:31", "2026-11-20T11:15:31.1+01:00",
        "2026-11-20T10:15:31.123456789-11:30", "1999-01-01T00:00:00Z", "2099-12-31T23:59:59Z",
        "2026-11-20T24:00:00Z", "2026-11-20T10:15:31.125+14:00", " 2026-11-20T10:15:31Z\n")),
    *(header(f"time {text}", "EBMS:0009 header", "5 row 3", timestamp=text) for text in (
        "", "now", "2026-11-20", "2026-11-20 10:15:31Z", "2026-13-20T10:15:31Z",
        "2026-11-20T25:15:31Z", "2026-11-20T10:15Z", "2026-11-20T10:15:31+0100",
        "2026-11-20T24:00:01Z", "2026-02-29T10:15:31Z")),
    header("MessageId without @", "accept", "14 old oxalis", message_id="abc"),
    header("MessageId in brackets", "accept", "5 row 4", message_id="<a@b>"),
    header("MessageId not ASCII", "accept", "5 row 4", message_id="\u00e9\U0001f600@x"),
    header("MessageId of 255", "accept", "5 row 4", message_id="m" * 255),
    header("MessageId of 256", "EBMS:0009 header", "5 row 4", message_id="m" * 256),
    header("MessageId empty", "EBMS:0009 header", "5 row 4", message_id=""),
    header("MessageId blank", "EBMS:0009 header", "5 row 4", message_id=" \n"),
    header("RefToMessageId", "accept", "5 row 5", ref="x@y"),
    header("two From", "EBMS:0003 header", "5 row 6",
           from_parties=((AP_TYPE, "POP990011"), (AP_TYPE, "POP990013"))),
    header("two From, the same", "EBMS:0003 header", "5 row 6",
           from_parties=((AP_TYPE, "POP990011"), (AP_TYPE, "POP990011"))),
    header("two To", "EBMS:0003 header", "5 row 9",
           to_parties=((AP_TYPE, "POP990012"), ("urn:x", "POP990012"))),
    header("no From", "EBMS:0009 header", "5 row 6 schema", from_parties=()),
    header("From is not the signer", "EBMS:0101 signer", "5 row 6",
           from_parties=((AP_TYPE, "POP990013"),)),
    header("From is no seat", "EBMS:0101 signer", "5 row 6", from_parties=((AP_TYPE, "Acme"),)),
    header("From in small letters", "EBMS:0101 signer", "5 row 6, exact",
           from_parties=((AP_TYPE, "pop990011"),)),
    header("From without type", "EBMS:0010 pmode", "5 row 7", from_parties=((None, "POP990011"),)),
    header("From of another type", "EBMS:0010 pmode", "5 row 7",
           from_parties=(("urn:oasis:names:tc:ebcore:partyid-type:unregistered", "POP990011"),)),
    header("To without type", "EBMS:0010 pmode", "5 row 9", to_parties=((None, "POP990012"),)),
    header("To is another", "EBMS:0010 pmode", "5 row 9", to_parties=((AP_TYPE, "POP990013"),)),
    header("To is no seat", "EBMS:0010 pmode", "5 row 9", to_parties=((AP_TYPE, "x"),)),
    header("From role", "EBMS:0010 pmode", "5 row 8", from_role=EB + "responder"),
    header("To role", "EBMS:0010 pmode", "5 row 10", to_role=EB + "initiator"),
    header("no agreement", "EBMS:0010 pmode", "5 row 11", agreement=None),
    header("other agreement", "EBMS:0010 pmode", "5 row 11", agreement="urn:x"),
    header("agreement in capitals", "EBMS:0010 pmode", "5 row 11, exact",
           agreement="URN:FDC:PEPPOL.EU:2017:AGREEMENTS:TIA:AP_PROVIDER"),
    header("agreement with pmode and type", "accept", "5 row 11 tolerate",
           agreement_attributes=(("type", "x"), ("pmode", "y"))),
    header("other service", "EBMS:0004 envelope", "5 row 12", service="urn:other"),
    header("service empty", "EBMS:0009 header", "5 row 12", service=""),
    header("service encoded", "EBMS:0004 envelope", "5 row 12",
           service=PROCESS.replace(":", "%3A")),
    header("other service type", "EBMS:0004 envelope", "5 row 13", service_type="urn:x"),
    header("no service type", "EBMS:0004 envelope", "5 row 13", service_type=None),
    header("other action", "EBMS:0004 envelope", "5 row 14", action="busdox-docid-qns::urn:x"),
    header("action with blanks around", "accept", "5 row 14 xs:token",
           action=f"\n {Header().action} "),
    header("action empty", "EBMS:0004 envelope", "5 row 14", action=""),
    header("conversation with blanks", "accept", "5 row 15", conversation="  a \n b "),
    header("conversation empty", "accept", "5 row 15", conversation=""),
    header("phase4's conversation", "accept", "5 peers", conversation="phase4@Conv123"),
    header("no originalSender", "EBMS:0010 pmode", "5 row 16", properties=(RECIPIENT,)),
    header("no finalRecipient", "EBMS:0010 pmode", "5 row 17", properties=(SENDER,)),
    header("no properties", "EBMS:0010 pmode", "5 row 16", properties=()),
    header("property name in capitals", "EBMS:0010 pmode", "5 case-sensitive",
           properties=(("OriginalSender", ACTOR, C1), RECIPIENT)),
    header("originalSender without type", "EBMS:0004", "5 row 16",
           properties=(("originalSender", None, C1), RECIPIENT)),
    header("finalRecipient without type", "EBMS:0004", "5 row 17",
           properties=(SENDER, ("finalRecipient", None, C4))),
    header("type of another scheme", "EBMS:0004 envelope", "5 row 16",
           properties=(("originalSender", "urn:x", C1), RECIPIENT)),
    header("other sender", "EBMS:0004 envelope", "5 row 16",
           properties=(("originalSender", ACTOR, "9915:other"), RECIPIENT)),
    header("other recipient", "EBMS:0004 envelope", "5 row 17",
           properties=(SENDER, ("finalRecipient", ACTOR, "9915:other"))),
    header("recipient is no identifier", "EBMS:0004 envelope", "5 row 17",
           properties=(SENDER, ("finalRecipient", ACTOR, "nobody at all"))),
    header("participants in capitals", "accept", "5 ignore case",
           properties=((*SENDER[:2], C1.upper()), (*RECIPIENT[:2], C4.upper()))),
    header("properties in other order", "accept", "5", properties=(RECIPIENT, SENDER)),
    header("trackingIdentifier and others", "accept", "5 row 18",
           properties=(SENDER, ("trackingIdentifier", None, "x"), RECIPIENT, ("x", "y", "z"))),
)  # fmt: skip

PARTS: tuple[Case, ...] = (
    info("properties in other order, no charset", "accept", "5 oxalis", GZIP, MIME),
    info("no MimeType", "EBMS:0003 parts", "5 row 20", GZIP),
    info("no part properties", "EBMS:0003 parts", "5 row 20"),
    info("mimetype in small letters", "EBMS:0003 parts", "5 case-sensitive",
         ("mimeType", "application/xml"), GZIP),
    info("other compression", "EBMS:0003 parts", "5 row 21", MIME,
         ("CompressionType", "application/x-gzip")),
    info("compression none", "EBMS:0003 parts", "5 row 21", MIME, ("CompressionType", "none")),
    *(info(f"charset {text}", "accept", "5 row 22", MIME, ("CharacterSet", text), GZIP)
      for text in ("utf-8", "UTF8", "ISO-8859-1", "iso-8859-15", "windows-1252", "UTF-16",
                   "US-ASCII", "Shift_JIS", "GB18030", "KOI8-R", "Big5", "EUC-JP")),
    *(info(f"charset {text}", "EBMS:0003 parts", "5 row 22", MIME, ("CharacterSet", text), GZIP)
      for text in ("UTF-99", "klingon", "utf 8", "base64", "rot13", "..", "a" * 500)),
    info("Description and Schema", "accept", "5", MIME, GZIP,
         children='<eb:Schema location="urn:x"/><eb:Description xml:lang="en">x</eb:Description>'),
    info("further part property", "accept", "5", MIME, GZIP, ("Other", "x")),
    *(request(f"href {href}", "EBMS:0011 parts", "5 row 19", infos=(Info(href=href),)) for href in (
        "http://x.example/a", "https://x.example/a", "file:///etc/passwd", "#body-1",
        "part-1@forge.example", "//x/cid:part-1@forge.example")),
    request("no href", "EBMS:0011 parts", "5 row 19", infos=(Info(href=None),)),
    request("empty href", "EBMS:0011 parts", "5 row 19", infos=(Info(href=""),)),
    request("href twice", "EBMS:0007 parts", "8 row 7", infos=(Info(href=Part().href),) * 2),
    request("href twice, once encoded", "EBMS:0007 parts", "8 row 7",
            infos=(Info(href=Part().href), Info(href="cid:part-1%40forge.example"))),
    request("href encoded", "accept", "3.2", infos=(Info(href="cid:part%2D1%40forge.example"),)),
    request("href of nothing", "EBMS:0007 parts", "8 row 7", infos=(Info(href="cid:nobody@x"),)),
    request("href of the SOAP part", "EBMS:0007 parts", "8 row 7",
            infos=(Info(href="cid:root@forge.example"),)),
    request("no PayloadInfo", "EBMS:0007 parts", "5", infos=()),
    request("part property twice", "EBMS:0003 parts", "5 row 20",
            unit=swap(prop(*("MimeType", None, "application/xml")),
                      prop("MimeType", None, "application/xml") * 2)),
)  # fmt: skip

PING = Request(header=Header(**TEST), parts=(), wire=Wire(plain=True))  # type: ignore[arg-type]
SIGNAL = (
    "<eb:SignalMessage><eb:MessageInfo><eb:Timestamp>2026-11-20T10:15:32Z</eb:Timestamp>"
    "<eb:MessageId>s@x</eb:MessageId></eb:MessageInfo>{}</eb:SignalMessage>"
)


def other(name: str, expect: str, row: str, message: Request) -> Case:
    return Case(name=name, expect=expect, row=row, message=message)


def signal(name: str, content: str) -> Case:
    return other(name, "EBMS:0008 header", "8 row 6",
                 PING.but(unit=lambda _: SIGNAL.format(content)))  # fmt: skip


TESTS: tuple[Case, ...] = (
    other("ping", "ping", "11", PING),
    other("ping in multipart", "ping", "11", PING.but(wire=Wire())),
    other("ping with payload", "ping", "11", Request(header=Header(**TEST))),  # type: ignore[arg-type]
    other("ping with rubbish as payload", "ping", "11 no SBDH checks",
          Request(header=Header(**TEST), parts=(Part(  # type: ignore[arg-type]
              content=b"rubbish", info=Info(href=Part().href, properties=(MIME,)),
              mime_type="application/octet-stream"),))),
    other("ping with typed service", "ping", "11",
          PING.but(header=Header(**(TEST | {"service_type": "x"})))),  # type: ignore[arg-type]
    other("ping unsigned", "EBMS:0103 security", "11 same security", PING.but(signs=False)),
    other("ping without agreement", "EBMS:0010 pmode", "11 same values",
          PING.but(header=Header(**(TEST | {"agreement": None})))),  # type: ignore[arg-type]
    other("ping to somebody else", "EBMS:0010 pmode", "11 same values",
          PING.but(header=Header(**(TEST | {"to_parties": ((AP_TYPE, "POP990013"),)})))),  # type: ignore[arg-type]
    other("test service, real action", "EBMS:0004 envelope", "11",
          Request(header=Header(service=EB + "service"))),
    other("plain SOAP to a real service", "EBMS:0007 parts", "3.2", PING.but(header=Header())),
    other("plain SOAP that names a part", "EBMS:0007 parts", "3.2",
          Request(wire=Wire(plain=True))),
    signal("receipt as a request", '<eb:Receipt><x xmlns="urn:x"/></eb:Receipt>'),
    signal("error as a request", error()),
    signal("pull request", f'<eb:PullRequest mpc="{EB}defaultMPC"/>'),
    signal("signal without content", ""),
    other("unsigned pull request", "EBMS:0008 header", "8 row 6",
          PING.but(signs=False, unit=lambda _: SIGNAL.format("<eb:PullRequest/>"))),
)  # fmt: skip

CASES = SCHEMA + VALUES + PARTS + TESTS
