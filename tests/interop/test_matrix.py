# SPDX-License-Identifier: Apache-2.0
"""The page about peers says what the run found, failures first of all."""

from __future__ import annotations

from datetime import date

import pytest

from tests.interop.matrix import CellReport
from tests.interop.matrix_page import page

DAY = date(2026, 11, 5)


def row(text: str, case: str) -> str:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {case} |")]
    return found


def test_a_cell_says_what_was_answered() -> None:
    text = page(
        [
            CellReport("to them", "not serviced", "as4", "passed", "EBMS:0004"),
            CellReport("to them", "not serviced", "manage.py", "passed"),
        ],
        day=DAY,
    )
    assert row(text, "not serviced") == "| not serviced | ✔ EBMS:0004 | ✔ |"
    assert "| as4 | 0.2.0 |" in text
    assert "5 November 2026" in text


def test_one_failure_is_enough() -> None:
    text = page(
        [
            CellReport("to us", "invoice", "as4", "passed", "EBMS:0004"),
            CellReport("to us", "invoice", "as4", "failed"),
            CellReport("to us", "invoice", "as4", "skipped"),
        ],
        day=DAY,
    )
    assert row(text, "invoice") == "| invoice | **fails** |"


def test_what_did_not_run_is_no_success() -> None:
    text = page([CellReport("to us", "invoice", "as4", "skipped")], day=DAY)
    assert row(text, "invoice") == "| invoice | not run |"


def test_ways_do_not_mix() -> None:
    text = page(
        [
            CellReport("to us", "invoice", "as4", "passed"),
            CellReport("look-up", "found", "manage.py", "failed"),
        ],
        day=DAY,
    )
    assert text.index("## From them to us") < text.index("## Look-ups")
    assert row(text, "invoice") == "| invoice | ✔ |"


def test_a_peer_that_is_not_introduced_is_an_error() -> None:
    with pytest.raises(AssertionError, match="no line in PEERS"):
        page([CellReport("to us", "invoice", "stranger", "passed")], day=DAY)
