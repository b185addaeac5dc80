# SPDX-License-Identifier: Apache-2.0
"""What is inside: a business message envelope, and parts from content to ciphertext."""

from __future__ import annotations

import base64
import gzip
import os
import quopri
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.forge.header import Info
from tests.forge.names import ACTOR, C1, C4, CONTENT_ONLY, DOCUMENT, PROCESS

SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"


def envelope(
    *,
    sender: str = C1,
    receiver: str = C4,
    document: str = DOCUMENT,
    process: str = PROCESS,
    note: str = "Cr\u00e8me & co",
) -> bytes:
    """A business message of the shape that `header.Header` announces."""

    def scope(kind: str, value: str, scheme: str = "") -> str:
        named = f"<Identifier>{scheme}</Identifier>" if scheme else ""
        value = escape(value)
        return (
            f"<Scope><Type>{kind}</Type><InstanceIdentifier>{value}</InstanceIdentifier>"
            f"{named}</Scope>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<StandardBusinessDocument xmlns="{SBDH}"><StandardBusinessDocumentHeader>'
        "<HeaderVersion>1.0</HeaderVersion>"
        f"<Sender><Identifier Authority='{ACTOR}'>{sender}</Identifier></Sender>"
        f"<Receiver><Identifier Authority='{ACTOR}'>{receiver}</Identifier></Receiver>"
        f"<DocumentIdentification><Standard>{UBL}Invoice-2</Standard>"
        "<TypeVersion>2.1</TypeVersion>"
        "<InstanceIdentifier>6f0f1f5e-6a53-4a0e-9a1e-5b9f3f0d2a11</InstanceIdentifier>"
        "<Type>Invoice</Type><CreationDateAndTime>2026-11-20T10:15:30Z</CreationDateAndTime>"
        "</DocumentIdentification><BusinessScope>"
        f"{scope('DOCUMENTID', document, 'busdox-docid-qns')}"
        f"{scope('PROCESSID', process, 'cenbii-procid-ubl')}{scope('COUNTRY_C1', 'NL')}"
        "</BusinessScope></StandardBusinessDocumentHeader>"
        f'<Invoice xmlns="{UBL}Invoice-2" xmlns:cbc="{UBL}CommonBasicComponents-2">'
        f"<cbc:ID>1</cbc:ID><cbc:Note>{escape(note)}</cbc:Note></Invoice>"
        "</StandardBusinessDocument>"
    ).encode()


ENVELOPE = envelope()
Change = Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One payload: what it is and what is done to it on its way to the wire."""

    content_id: str = "part-1@forge.example"
    content: bytes = gzip.compress(ENVELOPE, mtime=0)  # what is signed and encrypted
    digested: bytes | None = None  # what the digest is over, if not `content`
    info: Info | None = None  # None: written for the content id
    named: bool = True  # in PayloadInfo
    encrypted: bool = True  # AES over the content
    data: bool = True  # an EncryptedData in the header
    signed: bool = True  # a reference in the signature
    present: bool = True  # in the multipart body
    uri: str | None = None  # of the CipherReference; None: cid: and the content id
    signed_uri: str | None = None
    mime_type: str | None = "application/gzip"  # EncryptedData/@MimeType
    data_type: str | None = CONTENT_ONLY
    header_id: str | None = None  # the value of Content-ID; None: in brackets
    transfer: str | None = "binary"
    headers: str = "Content-Type: application/octet-stream\r\n"
    wire: Change = bytes  # of the encrypted bytes

    @property
    def href(self) -> str:
        return f"cid:{self.content_id}"

    def on_wire(self, key: bytes) -> bytes:
        """The MIME part with its headers."""
        body = self.content
        if self.encrypted:
            nonce = os.urandom(12)
            body = nonce + AESGCM(key).encrypt(nonce, self.content, None)
        identifier = f"<{self.content_id}>" if self.header_id is None else self.header_id
        head = self.headers
        if identifier:
            head += f"Content-ID: {identifier}\r\n"
        if self.transfer:
            head += f"Content-Transfer-Encoding: {self.transfer}\r\n"
        return head.encode() + b"\r\n" + encode(self.wire(body), self.transfer)


def encode(data: bytes, transfer: str | None) -> bytes:
    """Apply a transfer encoding."""
    if transfer and transfer.lower() == "base64":
        return base64.encodebytes(data).replace(b"\n", b"\r\n")
    if transfer and transfer.lower() == "quoted-printable":
        return quopri.encodestring(data)
    return data
