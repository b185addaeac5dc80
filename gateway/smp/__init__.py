# SPDX-License-Identifier: Apache-2.0
"""Service metadata: names, records, their XML, signatures and matching, without I/O."""

from __future__ import annotations

from gateway.smp.errors import (
    DiscoveryError,
    EndpointNotActiveError,
    MetadataError,
    NoSupportedTransportError,
    NotRegisteredError,
    ProcessNotSupportedError,
    RedirectRefusedError,
    SignatureInvalidError,
)
from gateway.smp.matching import best_match, candidates, choose_endpoint
from gateway.smp.metadata import (
    Endpoint,
    Process,
    Redirect,
    ServiceGroup,
    ServiceInformation,
    ServiceMetadata,
    SignedServiceMetadata,
)
from gateway.smp.names import dns_name, group_path, metadata_path, smp_address, split_address
from gateway.smp.reading import parse_service_group, parse_service_metadata
from gateway.smp.registering import (
    RegistrationRefusedError,
    certificate_text,
    refuse_wildcard,
    registrable,
)
from gateway.smp.signing import sign, verify
from gateway.smp.subjects import same_subject
from gateway.smp.well_known import (
    BILLING,
    DEFAULT_DOCUMENT_TYPES,
    display_name,
    ubl_document_type,
)
from gateway.smp.writing import (
    build_complete_group,
    build_group_list,
    build_service_group,
    build_service_metadata,
)

__all__ = [
    "BILLING",
    "DEFAULT_DOCUMENT_TYPES",
    "DiscoveryError",
    "Endpoint",
    "EndpointNotActiveError",
    "MetadataError",
    "NoSupportedTransportError",
    "NotRegisteredError",
    "Process",
    "ProcessNotSupportedError",
    "Redirect",
    "RedirectRefusedError",
    "RegistrationRefusedError",
    "ServiceGroup",
    "ServiceInformation",
    "ServiceMetadata",
    "SignatureInvalidError",
    "SignedServiceMetadata",
    "best_match",
    "build_complete_group",
    "build_group_list",
    "build_service_group",
    "build_service_metadata",
    "candidates",
    "certificate_text",
    "choose_endpoint",
    "display_name",
    "dns_name",
    "group_path",
    "metadata_path",
    "parse_service_group",
    "parse_service_metadata",
    "refuse_wildcard",
    "registrable",
    "same_subject",
    "sign",
    "smp_address",
    "split_address",
    "ubl_document_type",
    "verify",
]
