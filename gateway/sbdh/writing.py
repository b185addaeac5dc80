# SPDX-License-Identifier: Apache-2.0
"""Put a business document into an envelope by joining bytes; the document's own are kept.

What leaves here has passed the checks that a receiver makes of a header. The document is not read
beyond its root element: the caller has parsed it before (`ubl.FactsReader`).

Peppol Business Message Envelope 2.0.1, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from gateway import safexml
from gateway.identifiers import PARTICIPANT_SCHEME
from gateway.sbdh.envelope import (
    NAMESPACE,
    XML_MEDIA_TYPE,
    Envelope,
    EnvelopeError,
    InvalidEnvelopeError,
)
from gateway.sbdh.reading import EnvelopeReader

_BOM = b"\xef\xbb\xbf"
_MAX_DECLARATION = 1024  # bytes; the usual one has 38
_END = b"</StandardBusinessDocument>"


def wrap(envelope: Envelope, document: Iterable[bytes]) -> Iterator[bytes]:
    """The envelope with the document in it, in pieces.

    Byte order mark and XML declaration of the document are left out, everything else is kept.
    The document must be well-formed; only its beginning is looked at, before this returns.
    Raises `InvalidEnvelopeError` where header and document do not fit or must not be sent.
    """
    if envelope.media_type != XML_MEDIA_TYPE or envelope.warnings:
        raise InvalidEnvelopeError("only a plain XML document is put into an envelope here")
    pieces = iter(document)
    first = _without_declaration(pieces)
    head = [_header(envelope).encode(), first]
    _check(envelope, head, pieces)
    return chain(head, pieces, (_END,))


def _check(envelope: Envelope, head: list[bytes], pieces: Iterator[bytes]) -> None:
    """Read back what was written, as far as the document's root element."""
    reader = EnvelopeReader()
    try:
        for piece in head:
            reader.feed(piece)
        while reader.header is None:
            head.append(next(pieces))
            reader.feed(head[-1])
    except EnvelopeError as error:
        raise InvalidEnvelopeError(error.detail) from error
    except StopIteration as error:
        raise InvalidEnvelopeError("the document ends before its root element") from error
    if reader.header != envelope:
        raise InvalidEnvelopeError("the header does not read back as it was written")


def _without_declaration(pieces: Iterator[bytes]) -> bytes:
    head = b""
    while len(head) < len(_BOM) + len(b"<?xml "):
        piece = next(pieces, None)
        if piece is None:
            break
        head += piece
    head = head.removeprefix(_BOM)
    if not (head.startswith(b"<?xml") and head[5:6] in (b" ", b"\t", b"\r", b"\n")):
        return head
    while b"?>" not in head and len(head) < _MAX_DECLARATION:
        piece = next(pieces, None)
        if piece is None:
            break
        head += piece
    try:
        safexml.refuse_other_encoding(head)
    except safexml.MalformedXMLError as error:
        raise InvalidEnvelopeError(error.detail) from error
    _, found, rest = head.partition(b"?>")
    if not found:
        raise InvalidEnvelopeError("the XML declaration of the document does not end")
    return rest


def _header(envelope: Envelope) -> str:
    scopes = [
        _scope("DOCUMENTID", envelope.document_type.value, envelope.document_type.scheme),
        _scope("PROCESSID", envelope.process.value, envelope.process.scheme),
        _scope("COUNTRY_C1", envelope.country_c1),
    ]
    if envelope.mls_type is not None:
        scopes.append(_scope("MLS_TYPE", envelope.mls_type))
    if envelope.mls_to is not None:
        scopes.append(_scope("MLS_TO", envelope.mls_to, PARTICIPANT_SCHEME))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<StandardBusinessDocument xmlns="{NAMESPACE}">'
        "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>"
        f"{_partner('Sender', envelope.sender.value)}"
        f"{_partner('Receiver', envelope.receiver.value)}"
        "<DocumentIdentification>"
        f"<Standard>{safexml.text(envelope.standard)}</Standard>"
        f"<TypeVersion>{safexml.text(envelope.type_version)}</TypeVersion>"
        f"<InstanceIdentifier>{safexml.text(envelope.instance_id)}</InstanceIdentifier>"
        f"<Type>{safexml.text(envelope.type_name)}</Type>"
        f"<CreationDateAndTime>{_date_time(envelope.created_at)}</CreationDateAndTime>"
        "</DocumentIdentification>"
        f"<BusinessScope>{''.join(scopes)}</BusinessScope>"
        "</StandardBusinessDocumentHeader>"
    )


def _partner(name: str, value: str) -> str:
    return (
        f'<{name}><Identifier Authority="{PARTICIPANT_SCHEME}">{safexml.text(value)}'
        f"</Identifier></{name}>"
    )


def _scope(key: str, value: str, scheme: str | None = None) -> str:
    identifier = f"<Identifier>{safexml.text(scheme)}</Identifier>" if scheme else ""
    return (
        f"<Scope><Type>{key}</Type><InstanceIdentifier>{safexml.text(value)}"
        f"</InstanceIdentifier>{identifier}</Scope>"
    )


def _date_time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
