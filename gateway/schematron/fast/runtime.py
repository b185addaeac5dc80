# SPDX-License-Identifier: Apache-2.0
"""The names that generated code may use, and nothing besides."""

from __future__ import annotations

from typing import Any

from gateway.schematron.fast import atoms, dates, items, lazy, mixed, numbers, regexes, texts
from gateway.schematron.fast.matching import fits
from gateway.schematron.fast.nodes import EMPTY, in_order, ordered

RUNTIME: dict[str, Any] = {
    name: value
    for module in (atoms, dates, items, lazy, mixed, numbers, regexes, texts)
    for name, value in vars(module).items()
    if callable(value) and not name.startswith("_")
} | {"E": EMPTY, "fits": fits, "in_order": in_order, "ordered": ordered}
