# SPDX-License-Identifier: Apache-2.0
"""What is in the parts: ciphertext, digests by media type, gzip, the envelope (rows 15 to 19)."""

from __future__ import annotations

import base64
import gzip
import random
import zlib

from lxml import etree

from tests.forge.header import Info
from tests.forge.payload import ENVELOPE, Part, envelope
from tests.interop.forged.table import Case, part

GZ = gzip.compress(ENVELOPE, mtime=0)
PLAIN = Info(href=Part().href, properties=(("MimeType", "application/xml"),))


def canonical(data: bytes) -> bytes:
    document = etree.fromstring(data).getroottree()
    return etree.tostring(document, method="c14n", exclusive=True)


def plain(name: str, expect: str, row: str, **changes: object) -> Case:
    """A part that is not compressed."""
    values: dict[str, object] = {"content": ENVELOPE, "info": PLAIN, "mime_type": "application/xml"}
    return part(name, expect, row, **(values | changes))


def flipped(position: int) -> object:
    def wire(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[position] ^= 1
        return bytes(changed)

    return wire


WRONG_TAG = "EBMS:0102 decrypt"
CIPHER: tuple[Case, ...] = (
    part("first byte of IV flipped", WRONG_TAG, "8 row 15", wire=flipped(0)),
    part("ciphertext flipped", WRONG_TAG, "8 row 15", wire=flipped(40)),
    part("tag flipped", WRONG_TAG, "8 row 15", wire=flipped(-1)),
    part("byte behind the tag", WRONG_TAG, "8 row 15", wire=lambda data: data + b"x"),
    part("27 bytes", WRONG_TAG, "13 GCM", wire=lambda data: data[:27]),
    part("28 bytes", WRONG_TAG, "13 GCM", wire=lambda data: data[:28]),
    part("nothing", WRONG_TAG, "13 GCM", wire=lambda _: b""),
    part("base64 without saying so", WRONG_TAG, "6.5",
         wire=base64.b64encode),
    part("sent in clear, said to be encrypted", WRONG_TAG, "8 row 15", encrypted=False),
    part("MIME headers encrypted along", "EBMS:0101 digest", "14 early Oxalis",
         content=b"Content-Type: application/gzip\r\n\r\n" + GZ, digested=GZ),
)  # fmt: skip

DIGESTS: tuple[Case, ...] = (
    part("digest of the plaintext", "EBMS:0101 digest", "6.4", digested=ENVELOPE),
    part("digest of nothing", "EBMS:0101 digest", "8 row 16", digested=b""),
    part("digest wrong and not gzip", "EBMS:0101 digest", "8 row 16 before 17",
         content=b"rubbish", digested=b"other"),
    plain("plain, canonical digest", "accept", "6.4", digested=canonical(ENVELOPE)),
    plain("plain, raw digest", "accept", "6.4 then raw"),
    plain("plain text/xml", "accept", "6.4", mime_type="text/xml", digested=canonical(ENVELOPE)),
    plain("plain application/x+xml", "accept", "6.4", mime_type="application/ubl+xml",
          digested=canonical(ENVELOPE)),
    plain("plain with parameter", "accept", "6.4", mime_type="Application/XML; charset=utf-8",
          digested=canonical(ENVELOPE)),
    plain("plain octet-stream, canonical digest", "EBMS:0101 digest", "6.4 raw bytes",
          mime_type="application/octet-stream", digested=canonical(ENVELOPE)),
    plain("plain octet-stream, raw digest", "accept", "6.4", mime_type="application/octet-stream"),
    plain("plain without MimeType", "accept", "6.5 accept absence", mime_type=None),
    plain("plain text/plain, CR LF digest", "accept", "6.4", mime_type="text/plain",
          content=ENVELOPE.replace(b"><", b">\n<"),
          digested=ENVELOPE.replace(b"\n", b"\r\n").replace(b"><", b">\r\n<")),
    plain("plain text/plain, raw digest", "accept", "6.4", mime_type="text/plain"),
    plain("plain XML of another content", "EBMS:0101 digest", "8 row 16",
          digested=canonical(envelope(note="other"))),
    plain("plain XML with comment, canonical digest", "accept", "6.4 without comments",
          content=ENVELOPE.replace(b"<BusinessScope", b"<!--x--><BusinessScope"),
          digested=canonical(ENVELOPE)),
    part("compressed, called application/xml", "accept", "6.5 MimeType does not decide",
         mime_type="application/xml"),
    part("compressed, called octet-stream", "accept", "6.5", mime_type="application/octet-stream"),
    part("compressed, called nothing", "accept", "6.5", mime_type=None),
    part("compressed, called application/x-gzip", "accept", "6.4", mime_type="application/x-gzip"),
)  # fmt: skip

PADDED = envelope(note="x" * 100_000)
GZIP: tuple[Case, ...] = (
    part("not gzip", "EBMS:0303 decompress", "8 row 17", content=ENVELOPE),
    part("gzip cut", "EBMS:0303 decompress", "8 row 17", content=GZ[:-9]),
    part("gzip without its trailer", "EBMS:0303 decompress", "8 row 17", content=GZ[:-8]),
    part("gzip with wrong CRC", "EBMS:0303 decompress", "8 row 17",
            content=GZ[:-8] + bytes(4) + GZ[-4:]),
    part("gzip with wrong length", "EBMS:0303 decompress", "8 row 17", content=GZ[:-4] + bytes(4)),
    part("rubbish behind gzip", "EBMS:0303 decompress", "13", content=GZ + b"x"),
    part("zeros behind gzip", "EBMS:0303 decompress", "13", content=GZ + bytes(8)),
    part("half a member behind gzip", "EBMS:0303 decompress", "13", content=GZ + GZ[:20]),
    part("gzip in two members", "accept", "8 row 17",
         content=gzip.compress(ENVELOPE[:500]) + gzip.compress(ENVELOPE[500:])),
    part("empty member behind", "accept", "8 row 17", content=GZ + gzip.compress(b"")),
    part("gzip with file name", "accept", "RFC 1952",
         content=b"\x1f\x8b\x08\x08" + bytes(6) + b"invoice.xml\0" + GZ[10:]),
    part("gzip in gzip", "EBMS:0004 envelope", "8 row 18", content=gzip.compress(GZ)),
    part("zlib, not gzip", "EBMS:0303 decompress", "8 row 17", content=zlib.compress(ENVELOPE)),
    part("empty content", "EBMS:0303 decompress", "8 row 17", content=b""),
    part("gzip of nothing", "EBMS:0004 envelope", "8 row 18", content=gzip.compress(b"")),
    part("bomb", "EBMS:0303 decompress", "13 ratio", content=gzip.compress(bytes(20_000_000), 1)),
    part("larger than the pieces", "accept", "3.5", content=gzip.compress(
        envelope(note=random.Random(1).randbytes(400_000).hex()), 1)),
    part("gzip, not said to be compressed", "EBMS:0004 envelope", "5 row 21", info=PLAIN),
)  # fmt: skip


def business(name: str, **changes: str) -> Case:
    return part(name, "EBMS:0004 envelope", "8 row 18", content=gzip.compress(envelope(**changes)))


ENVELOPES: tuple[Case, ...] = (
    part("no envelope", "EBMS:0004 envelope", "8 row 18", content=gzip.compress(b"<Invoice/>")),
    part("envelope not well-formed", "EBMS:0004 envelope", "8 row 18",
         content=gzip.compress(ENVELOPE[:-10])),
    part("envelope with doctype", "EBMS:0004 envelope", "8 row 18",
         content=gzip.compress(ENVELOPE.replace(b"?>\n", b"?>\n<!DOCTYPE x>"))),
    part("envelope with byte order mark", "accept", "sbdh 5",
         content=gzip.compress(b"\xef\xbb\xbf" + ENVELOPE)),
    business("other sender in the envelope", sender="9915:other"),
    business("other receiver in the envelope", receiver="9915:other"),
    business("other process in the envelope", process="urn:other"),
    business("other document in the envelope",
             document="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote"
                      "##urn:cen.eu:en16931:2017::2.1"),
    part("identifiers in other case", "accept", "sbdh 5",
         content=gzip.compress(envelope(sender="9915:FORGE-C1"))),
)  # fmt: skip

CASES = CIPHER + DIGESTS + GZIP + ENVELOPES
