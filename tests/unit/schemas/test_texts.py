# SPDX-License-Identifier: Apache-2.0
"""Every Peppol and NLCIUS rule has its words in both languages, and no words lack a rule."""

from __future__ import annotations

import tomllib

import pytest

from tests.unit.schemas.judging import BILLING, GACCOUNT, NLCIUS, SCHEMAS, SELFBILLING, schema


@pytest.mark.parametrize(
    ("texts", "files", "count"),
    [
        ("peppol-2026.5/texts.toml", (BILLING, SELFBILLING), 165),
        ("nlcius-2.0.3.13/texts.toml", (NLCIUS, GACCOUNT), 46),
    ],
)
def test_words_and_rules_match(texts: str, files: tuple[str, ...], count: int) -> None:
    with (SCHEMAS / texts).open("rb") as file:
        words = tomllib.load(file)
    rules = {
        assertion.rule
        for name in files
        for pattern in schema(name).patterns
        for rule in pattern.rules
        for assertion in rule.assertions
    }
    assert set(words) == rules
    assert len(rules) == count
    for said in words.values():
        assert set(said) == {"en", "nl", "fix_en", "fix_nl"}
        assert all(text.strip().endswith(".") for text in said.values())
