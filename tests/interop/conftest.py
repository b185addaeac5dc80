# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the peers, and our side for them."""

from __future__ import annotations

from tests.interop.as4_peers import network, ours, peers, receiving, sending
from tests.interop.smp_fixtures import (
    expired_smp,
    finder,
    looking_sender,
    our_smp,
    phoss,
    phoss_lab,
    publisher,
    registrar,
    second_phoss,
    session,
    stores,
)

__all__ = [
    "expired_smp",
    "finder",
    "looking_sender",
    "network",
    "our_smp",
    "ours",
    "peers",
    "phoss",
    "phoss_lab",
    "publisher",
    "receiving",
    "registrar",
    "second_phoss",
    "sending",
    "session",
    "stores",
]
