# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a discovery answer. `code` is the outcome of a lookup, `cause` the detail.

The words are those of docs/api.md (lookups); the service adds how far the lookup had come.
"""

from __future__ import annotations

from gateway.errors import Fault, GatewayError


class DiscoveryError(GatewayError):
    """Somebody's DNS record, SMP answer or registration cannot be used."""

    fault = Fault.PEER

    def __init__(self, detail: str, *, cause: str, advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.cause = cause


class NotRegisteredError(DiscoveryError):
    """DNS says for certain that the participant has no usable registration.

    Causes: `nxdomain`, `nodata`, `no_smp_record`, `faulty_smp_address`.
    """

    code = "not_registered"


class MetadataError(DiscoveryError):
    """An SMP answered something that is no service metadata. Cause `not_xml` or `not_metadata`."""

    code = "smp_unavailable"
    retry = True


class RedirectRefusedError(DiscoveryError):
    """A redirect that is not followed. Cause `redirect_loop` or `redirect_address`."""

    code = "smp_unavailable"


class SignatureInvalidError(DiscoveryError):
    """The signature of a record, or what it covers, is not acceptable.

    Causes: `signature_missing`, `signature_form`, `signature_wrong`, `redirect_certificate`,
    `other_participant`, `other_document_type`.
    """

    code = "smp_signature_invalid"


class ProcessNotSupportedError(DiscoveryError):
    """The document type is taken, in another process."""

    code = "process_not_supported"

    def __init__(self) -> None:
        super().__init__(
            "the receiver takes this document type in another process", cause="process"
        )


class NoSupportedTransportError(DiscoveryError):
    """No endpoint speaks AS4. Cause `transport_profile` or `endpoint_address`."""

    code = "no_supported_transport"


class EndpointNotActiveError(DiscoveryError):
    """Every AS4 endpoint is outside its dates. Cause `not_yet_active` or `expired`."""

    code = "endpoint_not_active"
