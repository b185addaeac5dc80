# SPDX-License-Identifier: Apache-2.0
"""Reference data beside the checkout that is not part of the product; tests skip without it."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2] / "shared"


def shared(name: str) -> Path:
    """A file or folder of the reference data, or a skip that names what is missing."""
    path = _ROOT / name
    if not path.exists():
        pytest.skip(f"reference data ../shared/{name} is not beside this checkout")
    return path
