# SPDX-License-Identifier: Apache-2.0
"""Judges the SOAP part of a request: rows 3 to 13 of docs/architecture.md, in their order.

One page that calls the steps. It runs in one go and leaves nothing of the XML tree behind, since a
tree must stay in the thread that parsed it. What only the parts can show is still owed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from gateway import pki
from gateway.as4.ebms import find_message_id, read_user_message
from gateway.as4.errors import (
    AS4Error,
    PolicyNoncomplianceError,
    SOAPFaultError,
    Step,
    UnprotectedPartError,
)
from gateway.as4.signature import Expectation, SignedReference, verify_signature
from gateway.as4.soap import HEADER, MESSAGING, parse_soap, take_apart
from gateway.as4.usermessage import UserMessage
from gateway.as4.wsse import EncryptedKey, Encryption, find_security, read_encryption
from gateway.identifiers import PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A header that is signed by who it says. The parts are not proved yet.

    `digests` is canonical text of all signed references: equal for a true repeat. `soap` is the
    SOAP part as received, `reference_elements` what a receipt has to repeat.
    """

    user_message: UserMessage
    signer: pki.Certificate
    revocation: str
    references: tuple[SignedReference, ...]
    digests: str
    soap: bytes
    reference_elements: tuple[bytes, ...]

    @property
    def ping(self) -> bool:
        """Whether this is a test message, which is answered and never delivered."""
        return self.user_message.ping


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """How the parts of a verified message are opened: the key, and per part type and digest."""

    key: EncryptedKey | None
    mime_types: Mapping[str, str | None]
    digests: Mapping[str, bytes]


def verify_request(
    soap_part: bytes,
    *,
    keys: Sequence[pki.Unwrapper],
    trust: pki.TrustPolicy,
    revocation: pki.Revocation,
    at: datetime,
) -> tuple[Verified, PartPlan]:
    """Verify a SOAP part. Raises `AS4Error` or `SOAPFaultError`, with the message id if known."""
    root = parse_soap(soap_part)  # 3
    try:
        soap = take_apart(root)  # 3, 4, 5, 6
        user_message = read_user_message(soap.messaging, own_parties=_parties(keys))  # 6 to 9
        security = find_security(soap)  # 10
        encryption = read_encryption(security, soap)  # 10, 11
        content_ids = frozenset(part.content_id for part in user_message.parts)
        mime_types = _match_encryption(encryption, content_ids)  # 10
        signature = verify_signature(  # 11, 12, 13
            soap,
            security,
            Expectation(
                party=user_message.sending_ap,
                content_ids=content_ids,
                trust=trust,
                revocation=revocation,
                at=at,
            ),
        )
    except (AS4Error, SOAPFaultError) as error:
        error.message_id = _peek_message_id(root)
        raise
    verified = Verified(
        user_message=user_message,
        signer=signature.signer,
        revocation=signature.revocation,
        references=signature.references,
        digests=signature.digests,
        soap=soap_part,
        reference_elements=signature.reference_elements,
    )
    plan = PartPlan(
        key=encryption.key if encryption else None,
        mime_types=mime_types,
        digests=signature.part_digests,
    )
    return verified, plan


def _peek_message_id(root: etree._Element) -> str | None:
    found = root.findall(f"{HEADER}/{MESSAGING}")
    return find_message_id(found[0]) if len(found) == 1 else None


def _parties(keys: Sequence[pki.Unwrapper]) -> Collection[PartyId]:
    return {key.certificate.party_id for key in keys}


def _match_encryption(
    encryption: Encryption | None, content_ids: Collection[str]
) -> Mapping[str, str | None]:
    """Every payload part, and nothing else, must be encrypted."""
    parts = encryption.parts if encryption else ()
    mime_types = {part.content_id: part.mime_type for part in parts}
    if len(mime_types) != len(parts):
        raise PolicyNoncomplianceError("a part is encrypted twice", step=Step.SECURITY)
    if mime_types.keys() != content_ids:
        raise UnprotectedPartError(
            "exactly the payload parts must be encrypted",
            step=Step.SECURITY,
            unprotected=frozenset(content_ids) - mime_types.keys(),
        )
    return mime_types
