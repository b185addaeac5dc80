# SPDX-License-Identifier: Apache-2.0
"""What an envelope says, as a value; its errors; its comparison with the AS4 header.

Peppol Business Message Envelope 2.0.1, section 2; Policy for use of Identifiers 4.4.0, Policy 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Fault, GatewayError
from gateway.identifiers import (
    PARTICIPANT_SCHEME,
    PROCESS_SCHEME,
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
    ProcessId,
)

NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
WRAPPER_NAMESPACE = "http://peppol.eu/xsd/ticc/envelope/1.0"
BINARY = f"{WRAPPER_NAMESPACE} BinaryContent"
TEXT = f"{WRAPPER_NAMESPACE} TextContent"

XML_MEDIA_TYPE = "application/xml"
MLS_TYPES = ("FAILURE_ONLY", "ALWAYS_SEND")  # release candidate 2.0.2, section 2.6.2

_COUNTRY = re.compile(r"[A-Z0-9][A-Z0-9]")  # Kosovo is XK or 1A
# Service Provider Identification Scheme 1.0.0, section 3.4, ignoring case
_MLS_TO = re.compile(
    r"0242:[0-9]{6}(?:-[0-9A-Z_]{3,12}(?:\.[0-9A-Z._~-]{3,24})?)?", re.IGNORECASE | re.ASCII
)


class EnvelopeError(GatewayError):
    """An envelope is not as it must be. `detail` is constant: peers may read it."""

    code = "ebms_error"
    fault = Fault.PEER


class EnvelopeMismatchError(EnvelopeError):
    """The envelope and the AS4 header say different things."""


class InvalidEnvelopeError(EnvelopeError):
    """An envelope that we were about to write would not pass our own checks."""

    code = "internal_error"
    fault = Fault.US


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The header of a business message: who sends what to whom.

    `standard`, `type_name` and `type_version` repeat the document type and are filled from it
    where they are left empty. `warnings` are constant sentences on what was tolerated when reading.
    `media_type` is that of a payload in a wrapper. Raises `InvalidEnvelopeError`.
    """

    sender: ParticipantId
    receiver: ParticipantId
    document_type: DocumentTypeId
    process: ProcessId
    country_c1: str
    instance_id: str
    created_at: datetime
    standard: str = ""
    type_name: str = ""
    type_version: str = ""
    mls_to: str | None = None
    mls_type: str | None = None
    warnings: tuple[str, ...] = ()
    media_type: str = XML_MEDIA_TYPE

    def __post_init__(self) -> None:
        if not self.standard and not self.type_name and not self.type_version:
            object.__setattr__(self, "standard", self.document_type.namespace)
            object.__setattr__(self, "type_name", self.document_type.local_name)
            object.__setattr__(self, "type_version", self.document_type.version)
        if self.created_at.tzinfo is None:
            raise InvalidEnvelopeError("the creation date has no time zone")
        if not self.instance_id.strip():
            raise InvalidEnvelopeError("the instance identifier is empty")
        if not is_country(self.country_c1):
            raise InvalidEnvelopeError("COUNTRY_C1 is not two capital letters")
        if self.process.scheme != PROCESS_SCHEME or "*" in self.document_type.value:
            raise InvalidEnvelopeError("document type or process cannot stand in an envelope")
        if self.mls_type is not None and self.mls_type not in MLS_TYPES:
            raise InvalidEnvelopeError("MLS_TYPE is neither FAILURE_ONLY nor ALWAYS_SEND")
        if self.mls_to is not None and not is_mls_receiver(self.mls_to):
            raise InvalidEnvelopeError("MLS_TO is not the identifier of a service provider")


def is_country(value: str) -> bool:
    """Whether the text has the shape of a country code."""
    return _COUNTRY.fullmatch(value) is not None


def is_mls_receiver(value: str) -> bool:
    """Whether the text names a service provider that can get a message level status."""
    return _MLS_TO.fullmatch(value) is not None


def match(
    envelope: Envelope,
    *,
    original_sender: str,
    original_sender_type: str | None,
    final_recipient: str,
    final_recipient_type: str | None,
    service: str,
    service_type: str | None,
    action: str,
) -> None:
    """Compare the envelope with what the AS4 header said. Raises `EnvelopeMismatchError`.

    Participant values compare without case, everything else exactly.
    """
    if original_sender_type != PARTICIPANT_SCHEME or not _same(original_sender, envelope.sender):
        raise EnvelopeMismatchError("Sender of the envelope differs from originalSender")
    if final_recipient_type != PARTICIPANT_SCHEME or not _same(final_recipient, envelope.receiver):
        raise EnvelopeMismatchError("Receiver of the envelope differs from finalRecipient")
    if (service_type, service) != (envelope.process.scheme, envelope.process.value):
        raise EnvelopeMismatchError("PROCESSID of the envelope differs from Service")
    if action != envelope.document_type.uri:
        raise EnvelopeMismatchError("DOCUMENTID of the envelope differs from Action")


def _same(value: str, participant: ParticipantId) -> bool:
    try:
        return ParticipantId(value) == participant
    except InvalidIdentifierError:
        return False
