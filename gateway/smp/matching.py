# SPDX-License-Identifier: Apache-2.0
"""Which registration serves a document, and which endpoint a moment allows.

Sources: Policy for use of Identifiers 4.4.0, section 5.1.2 (exact and wildcard schemes); Peppol
SMP 1.4.0, section 4.3 (dates and transport profiles).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gateway.identifiers import (
    DOCUMENT_TYPE_EXACT,
    DocumentTypeId,
    ProcessId,
    TransportProfile,
)
from gateway.smp.errors import (
    EndpointNotActiveError,
    NoSupportedTransportError,
    ProcessNotSupportedError,
)
from gateway.smp.metadata import Endpoint, ServiceInformation

MAX_CANDIDATES = 8  # real customizations have at most three parts


def candidates(document_type: DocumentTypeId) -> tuple[DocumentTypeId, ...]:
    """The registrations that serve this document, best first.

    Under the exact scheme only the value itself, whatever signs it holds. Under the wildcard
    scheme the value, then its customization with `*` behind all parts, all but the last, and so on.
    """
    if document_type.scheme == DOCUMENT_TYPE_EXACT:
        return (document_type,)
    if "*" in document_type.value:  # that is a registration; no document has such a type
        return ()
    parts = document_type.customization_id.split("@")
    found = [document_type]
    for count in range(len(parts), 0, -1):
        if len(found) < MAX_CANDIDATES and all(parts[:count]):
            found.append(_registered(document_type, "@".join(parts[:count]) + "*"))
    return tuple(found)


def best_match(
    document_type: DocumentTypeId, registered: Iterable[DocumentTypeId]
) -> DocumentTypeId | None:
    """The registration that serves this document best, or None."""
    known = frozenset(registered)
    return next((wanted for wanted in candidates(document_type) if wanted in known), None)


def choose_endpoint(metadata: ServiceInformation, process: ProcessId, at: datetime) -> Endpoint:
    """The AS4 endpoint of this process that may be used at this moment.

    Raises `ProcessNotSupportedError`, `NoSupportedTransportError` or `EndpointNotActiveError`.
    A process is compared exactly; no other one stands in for it.
    """
    serving = [entry for entry in metadata.processes if entry.id == process]
    if not serving:
        raise ProcessNotSupportedError
    as4 = [
        endpoint
        for entry in serving
        for endpoint in entry.endpoints
        if endpoint.transport_profile == TransportProfile.AS4_V2
    ]
    if not as4:
        raise NoSupportedTransportError(
            "the receiver has no AS4 endpoint for this process", cause="transport_profile"
        )
    active = [endpoint for endpoint in as4 if endpoint.is_active(at)]
    if active:
        return active[0]  # more than one is against SMP 1.4.0 4.3; the first listed is taken
    early = any(entry.activation is not None and entry.activation > at for entry in as4)
    raise EndpointNotActiveError(
        "the receiver's endpoint is not active yet" if early else "the endpoint has expired",
        cause="not_yet_active" if early else "expired",
    )


def _registered(document_type: DocumentTypeId, customization: str) -> DocumentTypeId:
    value = f"{document_type.syntax}##{customization}::{document_type.version}"
    return DocumentTypeId(document_type.scheme, value)
