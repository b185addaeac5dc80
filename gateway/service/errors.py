# SPDX-License-Identifier: Apache-2.0
"""Errors that use cases and their ports raise, beside those of the rooms below."""

from __future__ import annotations

from gateway.errors import Fault, GatewayError


class UnreachableError(GatewayError):
    """A server could not be reached, or did not answer in time; `cause` names how."""

    code = "connection_failed"
    fault = Fault.NETWORK
    retry = True

    def __init__(self, detail: str, *, cause: str = "connection", advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.cause = cause  # "connection", "tls", "timeout", "too_large", "broken_answer"


class AddressRefusedError(GatewayError):
    """An address that we do not connect to: wrong scheme or port, or a private network."""

    code = "connection_failed"
    fault = Fault.PEER


class DNSUnavailableError(GatewayError):
    """DNS gave no authoritative answer: time limit, SERVFAIL, REFUSED, nonsense."""

    code = "dns_unavailable"
    fault = Fault.NETWORK
    retry = True

    def __init__(self, detail: str, *, cause: str = "servfail", advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.cause = cause  # "servfail", "timeout", "broken_answer"


class StorageFullError(GatewayError):
    """The disk has no room; nothing was accepted."""

    code = "dependency_unavailable"
    retry = True


class StoreUnavailableError(GatewayError):
    """The database cannot be used now; nothing was accepted."""

    code = "dependency_unavailable"
    retry = True


class DuplicateDocumentError(GatewayError):
    """The same business document was submitted before; `document_id` is the first one."""

    code = "duplicate_document"
    fault = Fault.CALLER

    def __init__(self, document_id: str) -> None:
        super().__init__(
            "this document was submitted before",
            advice="Look at the first one; send with duplicate_policy=allow if both are meant.",
        )
        self.document_id = document_id


class IdempotencyKeyTakenError(GatewayError):
    """The idempotency key was used before, or is being used by a request that still runs."""

    code = "request_in_progress"
    fault = Fault.CALLER
    retry = True


class NotFoundError(GatewayError):
    """There is no such thing, or it is not the caller's."""

    code = "not_found"
    fault = Fault.CALLER


class PointedError(GatewayError):
    """One member of what the caller sent is wrong; `pointer` is its JSON Pointer as fragment."""

    code = "malformed_request"
    fault = Fault.CALLER

    def __init__(
        self, detail: str, *, pointer: str, advice: str = "", member_code: str | None = None
    ) -> None:
        super().__init__(detail, advice=advice)
        self.pointer = pointer
        self.member_code = member_code or self.code
