# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests that run the whole application."""

from __future__ import annotations

from tests.functional.connected import road

__all__ = ["road"]
