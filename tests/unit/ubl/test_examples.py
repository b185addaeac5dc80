# SPDX-License-Identifier: Apache-2.0
"""The examples with mistakes: found one by one, told in both languages, gone when mended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway import ubl
from gateway.pool import Setup, build_validation
from tests.unit.ubl.examples import EXAMPLES

NOW = datetime(2026, 11, 24, tzinfo=UTC)
VALIDATION = build_validation(Setup(policy=ubl.Policy(second_judge=False, shadow_share=0.0)))


def judged(name: str) -> ubl.Report:
    return VALIDATION.validate((EXAMPLES / name).read_bytes(), at=NOW)


def found(name: str) -> list[tuple[str, str, int | None]]:
    return [(one.rule_id, one.severity.value, one.line) for one in judged(name).findings]


@pytest.mark.parametrize(
    "name",
    [
        "bis3-invoice.xml",
        "bis3-credit-note.xml",
        "si-ubl-invoice.xml",
        "si-ubl-credit-note.xml",
        "five-mistakes-mended.xml",
    ],
)
def test_good_examples_are_valid_without_a_word(name: str) -> None:
    report = judged(name)
    assert (report.outcome, report.findings, report.notices) == (ubl.Outcome.VALID, (), ())


def test_five_mistakes_are_five_findings() -> None:
    assert found("five-mistakes.xml") == [
        ("BR-07", "fatal", 2),
        ("BR-NL-3", "fatal", 19),
        ("BR-CO-09", "fatal", 26),
        ("BR-61", "fatal", 60),
        ("BR-CO-16", "fatal", 92),
    ]


@pytest.mark.parametrize("name", ["five-mistakes.xml", "wrong-total.xml", "warning-only.xml"])
def test_each_is_told_in_both_languages_with_a_cure(name: str) -> None:
    for finding in judged(name).findings:
        assert finding.message.en != finding.message.nl, finding.rule_id
        assert finding.fix is not None, finding.rule_id
        assert finding.fix.en != finding.fix.nl, finding.rule_id
        assert finding.values, finding.rule_id


def test_the_kin() -> None:
    assert found("wrong-total.xml") == [("BR-CO-15", "fatal", 2)]
    assert found("schema-mistake.xml") == [("XSD", "fatal", 8), ("XSD", "fatal", 101)]
    assert found("warning-only.xml") == [("UBL-CR-006", "warning", 2)]
    assert judged("warning-only.xml").outcome is ubl.Outcome.VALID
