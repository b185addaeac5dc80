# SPDX-License-Identifier: Apache-2.0
"""HTTP, MIME and SOAP: rows 1 to 6 of the receiver's table, and what peers are known to send."""

from __future__ import annotations

from tests.forge.names import EB, S11, S12, WSU
from tests.forge.payload import Part
from tests.interop.forged.table import Case, all_of, moved, part, request, swap, wire

MULTIPART = 'multipart/related; type="application/soap+xml"; boundary='
STRANGE_PART = b"Content-Type: text/plain\r\nContent-ID: <other@x>\r\n\r\nhello"
BOM = b"\xef\xbb\xbf"
FOREIGN = '<x:block xmlns:x="urn:x"{}>text<x:a/></x:block>'
SOAP12 = f' xmlns:S12="{S12}" S12:mustUnderstand="{{}}"'
ULTIMATE = f' S12:role="{S12}/role/ultimateReceiver"'


def must(flag: str, role: str = "") -> str:
    return FOREIGN.format(SOAP12.format(flag) + role)


HTTP: tuple[Case, ...] = (
    request("right message", "accept", "15.1"),
    wire("header name in capitals", "accept", "3.2 names in any case", type_name="CONTENT-TYPE"),
    wire("no content type", "http", "8 row 1", type_name="X-Type"),
    wire("multipart/mixed", "http", "8 row 1", content_type='multipart/mixed; boundary="b"'),
    wire("text/xml", "http", "8 row 1", plain=True, content_type="text/xml"),
    wire("gzip content encoding", "http", "8 row 1", headers=(("Content-Encoding", "gzip"),)),
    wire("identity", "accept", "3.2", headers=(("Content-Encoding", "identity"),)),
    wire("no boundary", "EBMS:0007 mime", "3.2", content_type="multipart/related"),
    wire("empty boundary", "EBMS:0007 mime", "3.2", content_type=MULTIPART + '""'),
    wire("other boundary", "EBMS:0007 mime", "3.2", content_type=MULTIPART + '"other"'),
    wire("long boundary", "EBMS:0007 mime", "RFC 2046", boundary="b" * 71),
    wire("boundary of 70", "accept", "RFC 2046", boundary="b" * 70),
    wire("bare boundary", "accept", "3.2", content_type=MULTIPART + "forge_0123456789"),
    wire("parameters in capitals, other order", "accept", "3.2",
         content_type='Multipart/Related; BOUNDARY=forge_0123456789;Type="application/soap+xml"'),
    wire("charset and action on the outer type", "accept", "3.1 not sent, harmless",
         content_type=MULTIPART + '"forge_0123456789"; charset=UTF-8; action="urn:x"'),
    wire("folded outer type", "accept", "3.2 folded values",
         content_type='multipart/related;\r\n\ttype="application/soap+xml";\r\n '
                      'boundary="forge_0123456789"'),
    wire("boundary with blank inside", "accept", "RFC 2046", boundary="a b'()+_,-./:=?c"),
    wire("CXF boundary", "accept", "14", boundary="uuid:3f1c-77"),
)  # fmt: skip

MIME: tuple[Case, ...] = (
    wire("preamble", "accept", "3.2", preamble=b"Content-Type: x\r\n\r\nThis is MIME"),
    wire("preamble that looks like a boundary", "accept", "3.2", preamble=b"--forge_01234\r\n--x"),
    wire("epilogue", "accept", "3.2", epilogue=b"and on\r\n--forge_0123456789\r\n\r\nno part"),
    wire("blanks behind boundary", "accept", "RFC 2046", padding=b"  \t"),
    wire("no closing boundary", "EBMS:0007 mime", "3.2",
         edit=lambda body: body[: body.rindex(b"--forge")]),
    wire("cut in the payload", "EBMS:0007 mime", "14", edit=lambda body: body[:-300]),
    wire("cut in SOAP", "EBMS:0007 mime", "3.2", edit=lambda body: body[:2000]),
    wire("empty body", "EBMS:0007 mime", "3.2", edit=lambda _: b""),
    wire("start names SOAP in front", "accept", "3.2", start="<root@forge.example>"),
    wire("start names SOAP at the end", "accept", "3.2", start="<root@forge.example>",
         soap_last=True),
    wire("start without brackets", "accept", "3.2", start="root@forge.example", soap_last=True),
    wire("start names nothing", "EBMS:0007 mime", "8 row 2", start="<nobody@x>"),
    wire("SOAP last without start", "EBMS:0007 mime", "8 row 2", soap_last=True),
    wire("no SOAP Content-ID", "accept", "3.2", soap_id=None),
    wire("no SOAP transfer encoding", "accept", "3.2", soap_transfer=None),
    wire("SOAP in base64", "accept", "3.2", soap_transfer="base64"),
    wire("SOAP in BASE64", "accept", "3.2, names ignore case", soap_transfer="BASE64"),
    wire("SOAP quoted-printable", "accept", "3.2", soap_transfer="quoted-printable"),
    wire("SOAP 7bit", "accept", "3.2", soap_transfer="7bit"),
    wire("SOAP uuencode", "EBMS:0007 mime", "8 row 2", soap_transfer="x-uuencode"),
    wire("SOAP part text/xml", "EBMS:0007 mime", "3.2 application/soap+xml only",
         soap_headers="Content-Type: text/xml\r\n"),
    wire("SOAP part without type", "EBMS:0007 mime", "3.2", soap_headers=""),
    wire("SOAP part with folded lines", "accept", "3.2",
         soap_headers="Content-Type: application/soap+xml;\r\n charset=UTF-8\r\nX-A: b\r\n\tc\r\n"),
    wire("SOAP part header without colon", "EBMS:0007 mime", "8 row 2",
         soap_headers="Content-Type: application/soap+xml\r\nrubbish\r\n"),
    wire("two types on one part", "EBMS:0007 mime", "8 row 2",
         soap_headers="Content-Type: application/soap+xml\r\nContent-Type: text/plain\r\n"),
    wire("header block of 17 kB", "EBMS:0007 mime", "3.2",
         soap_headers="Content-Type: application/soap+xml\r\n" + "X-A: " + "a" * 17000 + "\r\n"),
    wire("unnamed part behind", "accept", "3.2 not processed", extra_parts=(STRANGE_PART,)),
    wire("unnamed part in front", "EBMS:0007 parts", "8 row 7", first_parts=(STRANGE_PART,)),
    wire("17 parts", "EBMS:0007 mime", "3.2", extra_parts=tuple(
        b"Content-ID: <p%d@x>\r\n\r\nx" % number for number in range(15))),
    wire("16 parts", "accept", "3.2", extra_parts=tuple(
        b"Content-ID: <p%d@x>\r\n\r\nx" % number for number in range(14))),
    wire("Content-ID of SOAP again", "EBMS:0007 mime", "3.2",
         extra_parts=(b"Content-ID: <root@forge.example>\r\n\r\nx",)),
    wire("Content-ID of the payload again", "EBMS:0007 mime", "3.2",
         extra_parts=(b"Content-ID: part-1@forge.example\r\n\r\nx",)),
    wire("Content-ID of the payload again, encoded", "EBMS:0007", "3.2",
         extra_parts=(b"Content-ID: <part-1%40forge.example>\r\n\r\nx",)),
    part("payload base64", "accept", "3.2", transfer="base64"),
    part("payload Base64", "accept", "3.2", transfer="Base64"),
    part("payload 8bit", "accept", "3.2", transfer="8bit"),
    part("payload without transfer encoding", "accept", "RFC 2045", transfer=None),
    part("payload Content-ID without brackets", "accept", "3.2", header_id="part-1@forge.example"),
    part("payload labelled gzip", "accept", "14 RSSBus",
         headers="Content-Type: application/gzip\r\nContent-Disposition: attachment\r\n"
                 "Content-Description: Attachment\r\nMIME-Version: 1.0\r\n"),
    part("payload without type", "accept", "3.2 any type", headers=""),
    part("payload without Content-ID", "EBMS:0007 parts", "8 row 7", header_id=""),
    part("href percent-encoded", "accept", "3.2", uri="cid:part%2D1%40forge.example",
         signed_uri="cid:part-1%40forge.example"),
    part("percent sign in the Content-ID", "accept", "3.2", content_id="part%2D1%40forge.example"),
    part("Content-ID with blanks around", "accept", "RFC 2392",
            header_id="  <part-1@forge.example> "),
    part("Content-ID that begins with _", "accept", "14", content_id="_nsoftware@x"),
    part("payload not there", "EBMS:0007 parts", "8 row 7", present=False),
    part("payload not there, not signed, not encrypted", "EBMS:0007 parts", "8 row 7",
         present=False, data=False, signed=False),
)  # fmt: skip

PREFIXES = (("eb", "ns2"), ("ds", "mustUnderstand"), ("wsu", "u"))
DOCTYPE = '<!DOCTYPE S12:Envelope [<!ENTITY x "y">]>'
TO_BODY = moved("<eb:Messaging", "</eb:Messaging>",
                lambda rest, piece: rest.replace("<S12:Body", piece + "<S12:Body"))  # fmt: skip

SOAP: tuple[Case, ...] = (
    request("byte order mark", "accept", "3.2", encoded=lambda data: BOM + data),
    request("XML declaration", "accept", "3.1",
            encoded=lambda data: b'<?xml version="1.0" encoding="utf-8"?>\n' + data),
    request("comment in front of the envelope", "accept", "8 row 3",
            encoded=lambda data: b"<!-- x -->" + data),
    request("doctype", "EBMS:0009 xml", "8 row 3", soap=lambda text: DOCTYPE + text),
    request("doctype behind a comment", "EBMS:0009 xml", "8 row 3",
            soap=lambda text: "<!-- x --><?y?>" + DOCTYPE + text),
    request("UTF-16", "EBMS:0009 xml", "3.1",
            encoded=lambda data: data.decode().encode("utf-16")),
    request("declares ISO-8859-1", "EBMS:0009 xml", "3.1",
            encoded=lambda data: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + data),
    request("bytes that are no UTF-8", "EBMS:0009 xml", "8 row 3",
            encoded=lambda data: data.replace(b"Messaging", b"Mess\xffging")),
    request("not well-formed", "EBMS:0009 xml", "8 row 3", soap=swap("</S12:Header>", "")),
    request("no XML at all", "EBMS:0009 xml", "8 row 3", encoded=lambda _: b"hello"),
    request("empty SOAP part", "EBMS:0009 xml", "8 row 3", encoded=lambda _: b""),
    request("two documents", "EBMS:0009 xml", "8 row 3", encoded=lambda data: data + data),
    request("SOAP 1.1", "fault", "8 row 3", soap=swap(S12, S11)),
    request("other root", "EBMS:0009 xml", "8 row 3", soap=swap("S12:Envelope", "S12:Wrapper")),
    request("SOAP part of 1 MiB and more", "EBMS:0009 xml", "13 oversize",
            soap=lambda text: text + "<!--" + "x" * 1024 * 1024 + "-->"),
    request("nested 70 deep", "EBMS:0009 xml", "13 depth",
            blocks=f'<x xmlns="urn:x">{"<x>" * 70}{"</x>" * 70}</x>'),
    request("nested 50 deep", "accept", "13 depth",
            blocks=f'<x xmlns="urn:x">{"<x>" * 50}{"</x>" * 50}</x>'),
    request("element with 100 attributes", "EBMS:0009 xml", "13 attribute count",
            blocks=f'<x xmlns="urn:x" {" ".join(f"a{n}=" + chr(39) * 2 for n in range(100))}/>'),
    request("element that declares 100 namespaces", "EBMS:0009 xml", "13 CPU",
            blocks="<x " + " ".join(f"xmlns:a{n}='urn:a'" for n in range(100)) + "/>"),
    request("two bodies", "EBMS:0009 xml", "8 row 3",
            soap=swap("</S12:Envelope>", "<S12:Body/></S12:Envelope>")),
    request("two headers", "EBMS:0009 xml", "8 row 3",
            soap=swap("<S12:Header>", "<S12:Header/><S12:Header>")),
    request("no body", "EBMS:0009 xml", "8 row 3", body=lambda _: "", body_ref={"value": b"x"}),
    request("element behind the body", "EBMS:0009 xml", "8 row 3",
            envelope=swap("</S12:Envelope>", "<a/></S12:Envelope>")),
    request("body before header", "EBMS:0009 xml", "8 row 3",
            envelope=swap("<S12:Header>", "<S12:Body/><S12:Header>")),
    request("blank body", "accept", "4 tolerate white space",
            body=lambda text: text.replace("/>", "> \n\t</S12:Body>")),
    request("comment in the body", "accept", "4", body=swap("/>", "><!--x--></S12:Body>")),
    request("text in the body", "EBMS:0009 xml", "8 row 3", body=swap("/>", ">x</S12:Body>")),
    request("text behind a comment in the body", "EBMS:0009 xml", "8 row 3",
            body=swap("/>", "><!--x-->x</S12:Body>")),
    request("element in the body", "EBMS:0009 xml", "8 row 3",
            body=swap("/>", "><a/></S12:Body>")),
    request("payload in the body, same id twice", "EBMS:0009 xml", "8 row 3 before row 5",
            body=swap("/>", '><a wsu:Id="msg-1"/></S12:Body>')),
    request("element in body and block to understand", "EBMS:0009 xml", "8 row 3 before row 4",
            body=swap("/>", "><a/></S12:Body>"), blocks=must("true")),
    request("Messaging outside the header", "EBMS:0009 xml", "8 row 3", envelope=TO_BODY),
    request("block ignored", "accept", "8 row 4", blocks=FOREIGN.format("")),
    request("block with mustUnderstand false", "accept", "8 row 4", blocks=must("false")),
    request("block to be understood", "fault", "8 row 4", blocks=must("true")),
    request("block to be understood, 1", "fault", "8 row 4", blocks=must("1")),
    request("for the ultimate receiver", "fault", "8 row 4", blocks=must("true", ULTIMATE)),
    request("for somebody else", "accept", "8 row 4",
            blocks=must("true", ' S12:role="urn:somebody"')),
    request("SOAP 1.1 mustUnderstand", "accept", "8 row 4",
            blocks=FOREIGN.format(f' xmlns:S11="{S11}" S11:mustUnderstand="1"')),
    request("Messaging with default role", "accept", "14 peppol-py",
            messaging=swap(" wsu:Id", f' S12:role="{EB}defaultRole" wsu:Id')),
    request("mustUnderstand 1", "accept", "4",
            messaging=swap('mustUnderstand="true"', 'mustUnderstand="1"'),
            security=swap('mustUnderstand="true"', 'mustUnderstand="1"')),
    request("Messaging first", "accept", "14", security_first=False),
    request("comments and instructions between blocks", "accept", "13",
            envelope=swap("<S12:Header>", "<S12:Header><!--x--><?y z?>")),
    request("wsu:Id twice", "EBMS:0101 ids", "8 row 5",
            blocks=FOREIGN.format(f' xmlns:wsu="{WSU}" wsu:Id="msg-1"')),
    request("Id as wsu:Id elsewhere", "EBMS:0101 ids", "8 row 5",
            blocks=FOREIGN.format(' Id="msg-1"')),
    request("id as wsu:Id elsewhere", "EBMS:0101 ids", "8 row 5",
            blocks=FOREIGN.format(' id="msg-1"')),
    request("unrelated ids twice", "EBMS:0101 ids", "8 row 5",
            blocks=FOREIGN.format(' Id="q"') + FOREIGN.format(' Id="q"')),
    request("same id twice on one element", "accept", "5 domibus",
            messaging=swap(" wsu:Id", ' id="msg-1" wsu:Id')),
    request("id and wsu:Id differ", "accept", "14", messaging=swap(" wsu:Id",
            ' id="other" wsu:Id')),
    request("Messaging without wsu:Id", "EBMS:0009 header", "5 row 1",
            messaging=swap(" wsu:Id", " id")),
    request("two Messaging blocks", "EBMS:0009 header", "8 row 6",
            soap=swap("</S12:Header>", f'<eb:Messaging xmlns:eb="{EB}"/></S12:Header>')),
    request("no Messaging", "EBMS:0009 header", "8 row 6",
            messaging=lambda _: FOREIGN.format(f' xmlns:wsu="{WSU}" wsu:Id="msg-1"')),
    request("indented header", "accept", "4",
            envelope=all_of(swap("><wsse:", ">\n  <wsse:"), swap("><eb:", ">\n  <eb:"))),
    request("prefixes of the peer's own", "accept", "4 any prefix",
            envelope=all_of(*(swap(f"{a}:", f"{b}:") for a, b in PREFIXES),
                            *(swap(f"xmlns:{a}=", f"xmlns:{b}=") for a, b in PREFIXES))),
)  # fmt: skip


def swapped(text: str) -> str:
    first, second = "part-1@", "part-2@"
    return text.replace(first, "part-x@").replace(second, first).replace("part-x@", second)


TWO = (Part(), Part(content_id="part-2@forge.example"))
SEVERAL: tuple[Case, ...] = (
    request("two payloads", "accept", "5 several parts", parts=TWO),
    request("MIME order differs", "EBMS:0007 parts", "8 row 7", parts=TWO,
            infos=None, unit=swapped),
    request("second not signed", "EBMS:0103", "8 row 13",
            parts=(Part(), Part(content_id="p2@x", signed=False))),
    request("second not encrypted", "EBMS:0103", "8 row 10",
            parts=(Part(), Part(content_id="p2@x", encrypted=False, data=False))),
    request("encrypted and signed but unnamed", "EBMS:0103", "3.2",
            parts=(Part(), Part(content_id="p2@x", named=False))),
    request("encrypted but unnamed", "EBMS:0103", "3.2",
            parts=(Part(), Part(content_id="p2@x", named=False, signed=False))),
    request("signed but unnamed", "EBMS:0103", "3.2",
            parts=(Part(), Part(content_id="p2@x", named=False, encrypted=False, data=False))),
    request("second not there", "EBMS:0007 parts", "8 row 7",
            parts=(Part(), Part(content_id="p2@x", present=False))),
    request("second named only", "EBMS:0007 parts", "8 row 7",
            parts=(Part(), Part(content_id="p2@x", present=False, data=False, signed=False))),
)  # fmt: skip


CASES = HTTP + MIME + SOAP + SEVERAL
