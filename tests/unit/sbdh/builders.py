# SPDX-License-Identifier: Apache-2.0
"""One valid envelope, as value and as bytes, for each test to change one part of."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway import sbdh
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId

NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
VALUE = f"{INVOICE}::Invoice##{CUSTOMIZATION}::2.1"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
DOCUMENT = f'<Invoice xmlns="{INVOICE}"><a>Cr\u00e8me &amp; co</a><!-- kept --></Invoice>'.encode()


def envelope(**changes: object) -> sbdh.Envelope:
    """The value."""
    values: dict[str, object] = {
        "sender": ParticipantId("0106:12345678"),
        "receiver": ParticipantId("0208:0990000014"),
        "document_type": DocumentTypeId("busdox-docid-qns", VALUE),
        "process": ProcessId(PROCESS),
        "country_c1": "NL",
        "instance_id": "6f0f1f5e-6a53-4a0e-9a1e-5b9f3f0d2a11",
        "created_at": datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC),
    }
    return sbdh.Envelope(**(values | changes))  # type: ignore[arg-type]


HEADER = f"""\
 <StandardBusinessDocumentHeader>
  <HeaderVersion>1.0</HeaderVersion>
  <Sender><Identifier Authority="iso6523-actorid-upis">0106:12345678</Identifier></Sender>
  <Receiver><Identifier Authority="iso6523-actorid-upis">0208:0990000014</Identifier></Receiver>
  <DocumentIdentification>
   <Standard>{INVOICE}</Standard>
   <TypeVersion>2.1</TypeVersion>
   <InstanceIdentifier>6f0f1f5e-6a53-4a0e-9a1e-5b9f3f0d2a11</InstanceIdentifier>
   <Type>Invoice</Type>
   <CreationDateAndTime>2026-11-20T10:15:30Z</CreationDateAndTime>
  </DocumentIdentification>
  <BusinessScope>
   <Scope><Type>DOCUMENTID</Type><InstanceIdentifier>{VALUE}</InstanceIdentifier>\
<Identifier>busdox-docid-qns</Identifier></Scope>
   <Scope><Type>PROCESSID</Type><InstanceIdentifier>{PROCESS}</InstanceIdentifier>\
<Identifier>cenbii-procid-ubl</Identifier></Scope>
   <Scope><Type>COUNTRY_C1</Type><InstanceIdentifier>NL</InstanceIdentifier></Scope>
  </BusinessScope>
 </StandardBusinessDocumentHeader>
"""


def message(header: str = HEADER, document: str | None = None, root: str = "") -> bytes:
    """The bytes: a header as text, a document as text, attributes of the root."""
    inside = DOCUMENT.decode() if document is None else document
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<StandardBusinessDocument xmlns="{NAMESPACE}"{root}>\n{header}{inside}\n'
        "</StandardBusinessDocument>"
    ).encode()


def changed(old: str, new: str, count: int = 1) -> bytes:
    """The valid message with one piece of its header replaced."""
    assert old in HEADER
    return message(HEADER.replace(old, new, count))


def with_scope(key: str, value: str, scheme: str | None = None) -> bytes:
    """The valid message with one more scope."""
    identifier = f"<Identifier>{scheme}</Identifier>" if scheme is not None else ""
    scope = (
        f"<Scope><Type>{key}</Type><InstanceIdentifier>{value}</InstanceIdentifier>"
        f"{identifier}</Scope>"
    )
    return changed("</BusinessScope>", f"{scope}</BusinessScope>")


def read(data: bytes, size: int | None = None) -> sbdh.Envelope:
    """The envelope in the bytes, fed whole or in pieces."""
    reader = sbdh.EnvelopeReader()
    step = size or len(data) or 1
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader.close()


def extract(data: bytes, size: int | None = None) -> bytes:
    """The document in the bytes, fed whole or in pieces."""
    extractor = sbdh.DocumentExtractor()
    step = size or len(data) or 1
    pieces = [extractor.feed(data[start : start + step]) for start in range(0, len(data), step)]
    return b"".join([*pieces, extractor.close()])
