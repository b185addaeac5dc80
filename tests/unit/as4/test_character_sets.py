# SPDX-License-Identifier: Apache-2.0
"""Names of character sets: known in any spelling that is in use, and no codec that is none."""

from __future__ import annotations

import pytest

from gateway.as4.character_sets import is_known


@pytest.mark.parametrize(
    "name",
    ["UTF-8", "utf8", "UTF-16BE", "US-ASCII", "ISO-8859-1", "iso8859-16", "latin1", "windows-1252",
     "Shift_JIS", "EUC-KR", "GB18030", "Big5", "KOI8-U", "IBM850", "macintosh"],
)  # fmt: skip
def test_known(name: str) -> None:
    assert is_known(name)


@pytest.mark.parametrize(
    "name",
    ["", "UTF-9", "utf 8", "base64", "rot13", "hex", "zip", "bz2", "uu", "quopri", "x", "../utf_8",
     "utf-8\n", "\u0130SO-8859-1", "u" * 300],
)  # fmt: skip
def test_not_known(name: str) -> None:
    assert not is_known(name)
