# SPDX-License-Identifier: Apache-2.0
"""Fixtures of whole processes, and of two connected access points."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.site import Site, prepared_site
from tests.functional.connected import road

__all__ = ["road", "site"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A network with two access points that are not running; a test stops what it starts."""
    with prepared_site(tmp_path_factory.mktemp("site") / "net") as prepared:
        yield prepared
