# SPDX-License-Identifier: Apache-2.0
"""One Saxon for all tests of this room: a process must not have two time zones of its mind."""

from __future__ import annotations

import pytest

from gateway.schematron.saxon import Saxon


@pytest.fixture(scope="session")
def saxon() -> Saxon:
    pytest.importorskip("saxonche")
    return Saxon()
