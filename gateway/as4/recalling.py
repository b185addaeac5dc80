# SPDX-License-Identifier: Apache-2.0
"""Reads back from a request's own bytes what was sent, so that a reply can be judged later.

For people who look into captured messages; a running gateway keeps `Sent` instead. Nothing is
verified or decrypted: the request is taken to be the one that was sent.
"""

from __future__ import annotations

from typing import Final

from gateway import pki
from gateway.as4 import const
from gateway.as4.body import Body
from gateway.as4.elements import content
from gateway.as4.errors import InvalidHeaderError, PolicyNoncomplianceError, Step
from gateway.as4.mime import Headers, read_framing
from gateway.as4.orders import Sent
from gateway.as4.signature import SignedReference
from gateway.as4.soap import SIGNATURE, parse_soap, take_apart
from gateway.as4.wsse import find_security
from gateway.identifiers import InvalidIdentifierError, PartyId
from gateway.pki import xmldsig

_EB: Final = f"{{{const.EB}}}"


def recall_sent(headers: Headers, body: bytes) -> Sent:
    """What the sender of this request must have kept. Raises `AS4Error` and its kin."""
    soap = take_apart(parse_soap(_soap_part(headers, body)))
    unit = soap.messaging.find(_EB + "UserMessage")
    message_id = None if unit is None else unit.find(f"{_EB}MessageInfo/{_EB}MessageId")
    party = None if unit is None else unit.find(f"{_EB}PartyInfo/{_EB}To/{_EB}PartyId")
    if message_id is None or party is None:
        raise InvalidHeaderError("the request names no message or no receiver", step=Step.HEADER)
    try:
        receiving_ap = PartyId(content(party).strip())
        signature = xmldsig.read_signature(find_security(soap).findall(SIGNATURE)[0])
    except InvalidIdentifierError as error:
        raise InvalidHeaderError(error.detail, step=Step.HEADER) from error
    except pki.SignaturePolicyError as error:
        raise PolicyNoncomplianceError(error.detail, step=Step.ALGORITHMS) from error
    return Sent(
        message_id=content(message_id).strip(),
        receiving_ap=receiving_ap,
        references=tuple(
            SignedReference(
                uri=reference.uri,
                digest_algorithm=reference.digest_algorithm,
                digest_value=reference.digest_value,
            )
            for reference in signature.references
        ),
    )


def _soap_part(headers: Headers, body: bytes) -> bytes:
    whole = Body(max_bytes=len(body))
    whole.feed(body)
    whole.close()
    story = whole.soap_part(read_framing(headers))
    try:
        next(story)
    except StopIteration as end:
        return bytes(end.value)
    raise AssertionError("a closed body needs no more bytes")  # pragma: no cover
