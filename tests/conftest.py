# SPDX-License-Identifier: Apache-2.0
"""Fixtures for every test; each family of them has its own file."""

from __future__ import annotations

from tests.pki_fixtures import (
    local_pki,
    production_pki,
    receiver_leaf,
    sender_leaf,
    smp_leaf,
)

pytest_plugins = ["tests.interop.matrix"]

__all__ = ["local_pki", "production_pki", "receiver_leaf", "sender_leaf", "smp_leaf"]
