# SPDX-License-Identifier: Apache-2.0
"""Documents for the tests of this room: one that is valid, and changes of it."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
INVOICE = (EXAMPLES / "si-ubl-invoice.xml").read_bytes()
BIS_INVOICE = (EXAMPLES / "bis3-invoice.xml").read_bytes()


def changed(document: bytes, old: str, new: str, *, count: int | None = None) -> bytes:
    """The document with one text for another; the old one must be there, once unless counted."""
    found = document.count(old.encode())
    assert found == 1 or (count is not None and found >= count), f"{old!r} is there {found} times"
    return document.replace(old.encode(), new.encode(), count or 1)
