# SPDX-License-Identifier: Apache-2.0
"""What makes this access point itself: its keys, whom it trusts, and its name in message ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway import pki


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """One seat of the network.

    `keys` open what others encrypted for us; two of them during a rollover. `revocation` gives the
    snapshot of revocation data that is fresh now. `host` is the right side of our message ids.
    """

    signer: pki.Signer
    keys: tuple[pki.Unwrapper, ...]
    trust: pki.TrustPolicy
    revocation: Callable[[], pki.Revocation]
    host: str
