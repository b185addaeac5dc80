# SPDX-License-Identifier: Apache-2.0
"""Path building: which issuing CA and which root stand above a certificate.

A chain is judged at a moment inside the validity of all its members, so the result does not depend
on time and may be remembered for as long as the process runs; `trust.py` judges the dates at each
use. The verifier of the cryptography library checks signatures, basic constraints, key usage and
path length of the authorities (RFC 5280, section 6.1).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from gateway.pki.certificates import Certificate
from gateway.pki.errors import UntrustedError

Chain: TypeAlias = tuple[Certificate, ...]

MAX_REMEMBERED = 4096  # (certificate, policy) pairs that were found good; the network has hundreds

# Peppol leafs have a critical extended key usage and no alternative name, which the library's own
# policy for end entities refuses; trust.py checks what matters of a leaf.
_AUTHORITIES = ExtensionPolicy.webpki_defaults_ca()
_LEAFS = ExtensionPolicy.permit_all()


class ChainCache:
    """A bounded memory of chains that were found good, least recently used out first.

    Only good ones are kept, so a stranger cannot push entries out. Safe for several threads.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, tuple[Chain, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> tuple[Chain, ...] | None:
        """What was remembered for `key`."""
        with self._lock:
            chains = self._entries.get(key)
            if chains is not None:
                self._entries.move_to_end(key)
            return chains

    def put(self, key: Hashable, chains: tuple[Chain, ...]) -> None:
        """Remember `chains`, and forget the entry that was not used for longest if need be."""
        with self._lock:
            self._entries[key] = chains
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


CHAINS: Final = ChainCache(MAX_REMEMBERED)


def signed_itself(certificate: Certificate) -> bool:
    """Whether a certificate is a root: its own name as issuer, its own key under it."""
    if not certificate.self_issued:
        return False
    try:
        certificate.x509.verify_directly_issued_by(certificate.x509)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def build_chains(
    certificate: Certificate,
    *,
    roots: tuple[Certificate, ...],
    issuers: tuple[Certificate, ...],
) -> tuple[Chain, ...]:
    """Every good chain from `certificate` to an anchor. Raises `UntrustedError` if there is none.

    With issuers the second member is one of them, whoever else a root has signed; with roots the
    last one is a root. A CA may stand in the policy in two editions, hence several chains.
    """
    candidates = list(_candidates(certificate, roots=roots, issuers=issuers))
    if not candidates:
        raise UntrustedError(
            f"the issuer {certificate.issuer} is not an authority that is trusted here"
        )
    good = tuple(chain for chain in candidates if _holds(chain))
    if not good:
        raise UntrustedError(
            f"the certificate does not verify under its issuer {certificate.issuer}"
        )
    return good


def _candidates(
    certificate: Certificate,
    *,
    roots: tuple[Certificate, ...],
    issuers: tuple[Certificate, ...],
) -> Iterator[Chain]:
    for issuer in issuers or roots:
        if issuer.subject_name != certificate.issuer_name:
            continue
        if not issuers or not roots:
            yield (certificate, issuer)
            continue
        for root in roots:
            if root.subject_name == issuer.issuer_name:
                yield (certificate, issuer, root)


def _holds(chain: Chain) -> bool:
    verifier = (
        PolicyBuilder()
        .store(Store([chain[-1].x509]))
        .time(max(member.not_before for member in chain))
        .max_chain_depth(len(chain) - 2)
        .extension_policies(ca_policy=_AUTHORITIES, ee_policy=_LEAFS)
        .build_client_verifier()
    )
    try:
        found = verifier.verify(chain[0].x509, [member.x509 for member in chain[1:-1]])
    except VerificationError:
        return False
    return len(found.chain) == len(chain)
