# SPDX-License-Identifier: Apache-2.0
"""Whose rules judge: what an operator chose, and what a release is there as."""

from __future__ import annotations

import pytest

from gateway.ubl import BOTH, BUNDLED, OFFICIAL, PackError, choices_page, read_choices
from gateway.ubl.choices import resolve


@pytest.mark.parametrize(
    ("choice", "bundled", "official", "judges"),
    [
        (None, True, True, BUNDLED),
        (None, False, True, OFFICIAL),
        (None, False, False, None),
        (BUNDLED, True, True, BUNDLED),
        (BUNDLED, False, True, OFFICIAL),  # a new release that only its publisher has
        (OFFICIAL, True, True, OFFICIAL),
        (OFFICIAL, True, False, None),  # never quietly something else
        (BOTH, True, True, BOTH),
        (BOTH, False, True, OFFICIAL),
        (BOTH, True, False, None),
    ],
)
def test_what_a_choice_means(
    choice: str | None, bundled: bool, official: bool, judges: str | None
) -> None:
    assert resolve(choice, bundled=bundled, official=official) == judges


def test_the_file_says_what_was_written() -> None:
    choices = {"peppol-billing": OFFICIAL, "nlcius": BOTH}
    assert read_choices(choices_page(choices)) == choices
    assert read_choices(choices_page({})) == {}


@pytest.mark.parametrize("data", [b"[rules", b"[other]\n", b'[rules]\nnlcius = "mine"\n', b"\xff"])
def test_a_broken_file_is_told(data: bytes) -> None:
    with pytest.raises(PackError, match="choices"):
        read_choices(data)
