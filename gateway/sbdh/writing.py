# SPDX-License-Identifier: Apache-2.0
"""Put a business document into an envelope by joining bytes; the document's own are kept.

What leaves here has passed the checks that a receiver makes of a header. The document is not read
beyond its root element: the caller has parsed it before (`ubl.FactsReader`).

The envelope's own elements have a prefix, so that no element of the document that is in no
namespace falls into theirs.

Peppol Business Message Envelope 2.0.1, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from gateway import safexml
from gateway.identifiers import PARTICIPANT_SCHEME
from gateway.sbdh.checks import judge
from gateway.sbdh.envelope import (
    NAMESPACE,
    XML_MEDIA_TYPE,
    Envelope,
    EnvelopeError,
    InvalidEnvelopeError,
)
from gateway.sbdh.reading import MAX_DEPTH, MAX_HEADER_BYTES
from gateway.sbdh.structure import Header, Scope

_BOM = b"\xef\xbb\xbf"
_MAX_DECLARATION = 1024  # bytes; the usual one has 38
_LOOK = 1024  # bytes of the document that are parsed at a time until its root element is seen
_END = b"</sh:StandardBusinessDocument>"


def wrap(envelope: Envelope, document: Iterable[bytes]) -> Iterator[bytes]:
    """The envelope with the document in it, in pieces.

    Byte order mark and XML declaration of the document are left out, everything else is kept.
    The document must be well-formed; only its beginning is looked at, before this returns.
    Raises `InvalidEnvelopeError` where header and document do not fit or must not be sent.
    """
    if envelope.media_type != XML_MEDIA_TYPE or envelope.warnings:
        raise InvalidEnvelopeError("only a plain XML document is put into an envelope here")
    pieces = iter(document)
    head = [_without_declaration(pieces)]
    values = _values(envelope)
    header = _header(values).encode()
    _check(envelope, values, root=_root(head, pieces, limit=MAX_HEADER_BYTES - len(header)))
    return chain((header,), head, pieces, (_END,))


def _check(envelope: Envelope, values: Header, *, root: str) -> None:
    """What a receiver's checks make of the header that is about to be written."""
    if not root.rpartition(" ")[0]:
        raise InvalidEnvelopeError("the root element of the document is in no namespace")
    try:
        read = judge(values, root=root, attributes=[])
    except EnvelopeError as error:
        raise InvalidEnvelopeError(error.detail) from error
    if read != envelope:
        raise InvalidEnvelopeError("the header does not read back as it was written")


def _root(head: list[bytes], pieces: Iterator[bytes], *, limit: int) -> str:
    """Name of the document's root element; pieces that are read for it move to `head`."""
    found: list[tuple[str, int]] = []
    parser = safexml.StreamParser(
        start=lambda name, _: found.append((name, parser.offset)),
        end=lambda _: None,
        max_depth=MAX_DEPTH,
    )
    read = 0
    try:
        while not found and read <= limit:
            if read:
                head.append(next(pieces))
            for start in range(0, len(head[-1]), _LOOK):
                parser.feed(head[-1][start : start + _LOOK])
                if found:
                    break
            read += len(head[-1]) or 1
    except (safexml.MalformedXMLError, StopIteration) as error:
        raise InvalidEnvelopeError("the document does not begin as XML does") from error
    if not found or found[0][1] > limit:
        raise InvalidEnvelopeError("the root element of the document comes too late")
    return found[0][0]


def _values(envelope: Envelope) -> Header:
    scopes = [
        Scope(
            key="DOCUMENTID",
            value=envelope.document_type.value,
            scheme=envelope.document_type.scheme,
        ),
        Scope(key="PROCESSID", value=envelope.process.value, scheme=envelope.process.scheme),
        Scope(key="COUNTRY_C1", value=envelope.country_c1),
    ]
    if envelope.mls_type is not None:
        scopes.append(Scope(key="MLS_TYPE", value=envelope.mls_type))
    if envelope.mls_to is not None:
        scopes.append(Scope(key="MLS_TO", value=envelope.mls_to, scheme=PARTICIPANT_SCHEME))
    return Header(
        version="1.0",
        senders=[(PARTICIPANT_SCHEME, envelope.sender.value)],
        receivers=[(PARTICIPANT_SCHEME, envelope.receiver.value)],
        identification={
            "Standard": envelope.standard,
            "TypeVersion": envelope.type_version,
            "InstanceIdentifier": envelope.instance_id,
            "Type": envelope.type_name,
            "CreationDateAndTime": _date_time(envelope.created_at),
        },
        scopes=scopes,
    )


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


def _header(values: Header) -> str:
    identification = "".join(_leaf(name, value) for name, value in values.identification.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sh:StandardBusinessDocument xmlns:sh="{NAMESPACE}">'
        f"<sh:StandardBusinessDocumentHeader>{_leaf('HeaderVersion', values.version)}"
        f"{_partners('Sender', values.senders)}{_partners('Receiver', values.receivers)}"
        f"<sh:DocumentIdentification>{identification}</sh:DocumentIdentification>"
        f"<sh:BusinessScope>{''.join(map(_scope, values.scopes))}</sh:BusinessScope>"
        "</sh:StandardBusinessDocumentHeader>"
    )


def _partners(name: str, partners: list[tuple[str | None, str]]) -> str:
    return "".join(
        f'<sh:{name}><sh:Identifier Authority="{safexml.attribute(authority or "")}">'
        f"{safexml.text(value)}</sh:Identifier></sh:{name}>"
        for authority, value in partners
    )


def _scope(scope: Scope) -> str:
    scheme = "" if scope.scheme is None else _leaf("Identifier", scope.scheme)
    value = _leaf("InstanceIdentifier", scope.value)
    return f"<sh:Scope>{_leaf('Type', scope.key)}{value}{scheme}</sh:Scope>"


def _leaf(name: str, value: str) -> str:
    return f"<sh:{name}>{safexml.text(value)}</sh:{name}>"


def _date_time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
