# SPDX-License-Identifier: Apache-2.0
"""`validate`: exit statuses, forms and languages, folders, and what cannot be judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.safexml import parse
from tests.unit.ubl.examples import EXAMPLES, INVOICE, changed


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, arguments)], env={"COLUMNS": "200"})


def test_exit_statuses(tmp_path: Path) -> None:
    odd = tmp_path / "odd.xml"
    odd.write_bytes(changed(INVOICE, "#compliant#urn:fdc:nen.nl:nlcius:v1.0", "#odd"))
    good, bad = EXAMPLES / "si-ubl-invoice.xml", EXAMPLES / "five-mistakes.xml"
    assert run(good).exit_code == 0
    assert run(EXAMPLES / "warning-only.xml").exit_code == 0
    assert run(good, bad).exit_code == 1
    assert run(bad, odd).exit_code == 2
    assert "No rules are known" in run(odd).output


def test_a_report_for_people_in_dutch_and_english() -> None:
    dutch = run(EXAMPLES / "five-mistakes.xml", "--lang", "nl").output
    english = run(EXAMPLES / "five-mistakes.xml").output
    for words in ("niet in orde, 5 fouten, 0 waarschuwingen", "fout BR-CO-16", "regel 92, kolom 3"):
        assert words in dutch
    assert "cbc:PayableAmount = 578.53  in regel 96" in dutch
    for words in ("not valid, 5 errors, 0 warnings", "error BR-CO-16", "line 92, column 3"):
        assert words in english
    assert "1 fout, 0 waarschuwingen" in run(EXAMPLES / "wrong-total.xml", "--lang", "nl").output


def test_json_is_one_line_for_each_document() -> None:
    result = run(EXAMPLES / "five-mistakes.xml", EXAMPLES / "bis3-invoice.xml", "--json")
    first, second = (json.loads(line) for line in result.output.splitlines())
    assert (first["outcome"], first["errors"], len(first["findings"])) == ("invalid", 5, 5)
    assert first["engine"] == "fast+saxon"
    assert (second["outcome"], second["alias"]) == ("valid", "peppol-billing-2026.5")


def test_folders_are_searched(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.xml").write_bytes(INVOICE)
    (tmp_path / "b.xml").write_bytes(INVOICE)
    (tmp_path / "c.txt").write_text("no invoice")
    assert run(tmp_path).output.count(": valid") == 2
    (tmp_path / "empty").mkdir()
    assert "no .xml file" in run(tmp_path / "empty").output


@pytest.mark.parametrize("engine", ["fast", "saxon"])
def test_one_engine_alone(engine: str) -> None:
    result = run(EXAMPLES / "wrong-total.xml", "--json", "--engine", engine)
    line = json.loads(result.output)
    assert [layer["engine"] for layer in line["layers"]] == ["libxml2", engine, engine]
    assert [finding["rule_id"] for finding in line["findings"]] == ["BR-CO-15"]


def test_svrl_and_page(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    result = run(EXAMPLES / "wrong-total.xml", "--svrl", "--html", page, "--lang", "nl")
    assert parse(result.output.strip().encode())[0].get("id") == "BR-CO-15"
    assert 'lang="nl"' in page.read_text()


def test_another_day_and_other_rules() -> None:
    early = run(EXAMPLES / "si-ubl-invoice.xml", "--date", "2026-01-01")
    assert "applies from 2026-08-17" in early.output
    named = run(EXAMPLES / "si-ubl-invoice.xml", "--rule-set", "cen-ubl-1.3.16", "--json")
    assert json.loads(named.output)["rule_set"] == "eu.cen.en16931:ubl:1.3.16"
    assert run(EXAMPLES / "si-ubl-invoice.xml", "--date", "tomorrow").exit_code == 2


def test_what_stops_all(tmp_path: Path) -> None:
    unknown = run(EXAMPLES / "si-ubl-invoice.xml", "--rule-set", "nobody")
    assert (unknown.exit_code, "no rule set 'nobody'" in unknown.output) == (2, True)
    official = run(EXAMPLES / "si-ubl-invoice.xml", "--rules", "official", "--packs", tmp_path)
    assert (official.exit_code, "not installed here" in official.output) == (2, True)
    assert run(EXAMPLES / "si-ubl-invoice.xml", "--json", "--svrl").exit_code == 2
    assert run(tmp_path / "absent.xml").exit_code == 2
