# SPDX-License-Identifier: Apache-2.0
"""The interface as every test here meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api import API, running_api


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[API]:
    """The interface with its default limits."""
    async with running_api(tmp_path) as api:
        yield api
