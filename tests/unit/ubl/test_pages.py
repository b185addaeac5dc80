# SPDX-License-Identifier: Apache-2.0
"""The report for machines and as a page: names of members, languages, nothing unescaped."""

from __future__ import annotations

import re

import pytest

from gateway.safexml import parse
from gateway.ubl import (
    Finding,
    Message,
    Notice,
    Outcome,
    Report,
    Severity,
    Value,
    as_json,
    render_page,
)

FINDING = Finding(
    rule_id="BR-CO-16",
    severity=Severity.FATAL,
    layer="cen",
    message=Message("Wrong <total>.", "Totaal <fout>."),
    fix=Message("Mend it.", "Herstel het."),
    location="/Invoice/cac:LegalMonetaryTotal",
    line=97,
    column=3,
    test="a = b",
    values=(Value("cbc:PayableAmount", "1<2", 101), Value("cbc:PrepaidAmount", None)),
)
REPORT = Report(
    outcome=Outcome.INVALID,
    rule_set="org.simplerinvoicing:invoice:2.0.3-13",
    alias="nlcius-2.0.3.13",
    title="SI-UBL 2.0 (NLCIUS)",
    release="2.0.3-13",
    engine="fast+saxon",
    errors=700,
    findings=(FINDING,),
    notices=(Notice(code="x", en="Mind this.", nl="Let op."),),
)


def test_machine_form_has_the_documented_members() -> None:
    line = as_json(REPORT, "nl")
    assert (line["outcome"], line["errors"], line["release"]) == ("invalid", 700, "2.0.3-13")
    (finding,) = line["findings"]  # type: ignore[misc]
    assert finding == {
        "rule_id": "BR-CO-16",
        "severity": "fatal",
        "layer": "cen",
        "rule_set": "org.simplerinvoicing:invoice:2.0.3-13",
        "location": "/Invoice/cac:LegalMonetaryTotal",
        "line": 97,
        "column": 3,
        "test": "a = b",
        "text": "Totaal <fout>.",
        "fix": "Herstel het.",
        "hint": None,
        "values": [
            {"path": "cbc:PayableAmount", "text": "1<2", "line": 101},
            {"path": "cbc:PrepaidAmount", "text": None, "line": None},
        ],
        "language": "nl",
    }


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nl",
            [
                "Niet in orde",
                "Totaal &lt;fout&gt;.",
                "Herstel het.",
                "regel 97",
                "ontbreekt",
                "Let op.",
            ],
        ),
        (
            "en",
            ["Not valid", "Wrong &lt;total&gt;.", "Mend it.", "line 97", "not there", "Mind this."],
        ),
    ],
)
def test_the_page_says_all_in_one_language(language: str, words: list[str]) -> None:
    page = render_page(REPORT, language=language, name='<x>&"')
    for word in [*words, "1&lt;2", "&lt;x&gt;&amp;", "first 1" if language == "en" else "eerste 1"]:
        assert word in page
    assert f'<html lang="{language}">' in page


def test_the_page_fetches_and_runs_nothing() -> None:
    page = render_page(REPORT)
    assert not re.search(r"<script|<link|<img|\bon\w+=|url\(|https?:", page)
    body = page.partition("<body>")[2].partition("</body>")[0]
    assert parse(f"<body>{body}</body>".encode()).tag == "body"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_page(outcome: Outcome) -> None:
    assert f'class="outcome {outcome.value}"' in render_page(Report(outcome=outcome))
