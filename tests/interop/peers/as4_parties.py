# SPDX-License-Identifier: Apache-2.0
"""The parties of the package as4, made of what an order says in PEM."""

from __future__ import annotations

from typing import Any

from as4 import AS4ExternalParty, AS4InternalParty, AS4LocalPrivateKey
from as4.peppol import create_peppol_external_party, create_peppol_internal_party
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def certificate(pem: str) -> x509.Certificate:
    """One certificate."""
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def ourselves(order: Any) -> AS4InternalParty:
    """The party that an order makes of this peer."""
    key = load_pem_private_key(order["key"].encode("ascii"), password=None)
    return create_peppol_internal_party(
        order["party"], certificate(order["certificate"]), AS4LocalPrivateKey(key)
    )


def other(party: str, pem: str) -> AS4ExternalParty:
    """The party at the other end."""
    return create_peppol_external_party(party, certificate(pem))
