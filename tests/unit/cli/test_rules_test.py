# SPDX-License-Identifier: Apache-2.0
"""`rules test`: one line for each case of a manifest, whatever its schema or its rules say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gateway.cli import main
from tests.unit.ubl.examples import INVOICE, changed

SUM = '<cbc:LineExtensionAmount currencyID="EUR">529.00</cbc:LineExtensionAmount>'


def corpus(folder: Path, cases: dict[str, tuple[bytes, str]]) -> Path:
    lines = []
    for name, (data, rule_set) in cases.items():
        (folder / f"{name}.xml").write_bytes(data)
        lines.append({"file": f"{name}.xml", "case": f"a/{name}", "ruleset": rule_set, "more": 1})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "manifest.jsonl").write_text(text)
    return folder


def run(folder: Path, *arguments: str) -> tuple[Result, list[dict[str, Any]]]:
    results = folder / "results.jsonl"
    command = ["rules", "test", str(folder), "--results", str(results), *arguments]
    result = CliRunner().invoke(main, command, env={"COLUMNS": "200"})
    text = results.read_text() if results.exists() else ""
    return result, [json.loads(line) for line in text.splitlines()]


def test_lines_as_they_are_scored(tmp_path: Path) -> None:
    bad_total = changed(INVOICE, SUM, SUM.replace("529", "530"))
    bad_date = changed(bad_total, "<cbc:IssueDate>2026-11-20", "<cbc:IssueDate>20-11-2026")
    broken = changed(INVOICE, SUM, SUM + SUM)
    folder = corpus(
        tmp_path,
        {
            "good": (INVOICE, "nlcius-2.0.3.13"),
            "rules": (bad_total, "nlcius-2.0.3.13"),
            "both": (bad_date, "cen-ubl-1.3.16"),
            "error": (broken, "cen-ubl-1.3.16"),
            "no-xml": (b"<a>", "cen-ubl-1.3.16"),
            "schema": (INVOICE, "ubl-2.1-xsd"),
            "envelope": (b"<a/>", "sbdh"),
        },
    )
    result, lines = run(folder, "--engine", "fast", "--jobs", "2")
    assert result.exit_code == 0, result.output
    by_case = {line["case"].removeprefix("a/"): line for line in lines}
    assert list(by_case) == ["good", "rules", "both", "error", "no-xml", "schema", "envelope"]
    assert by_case["good"] == {"case": "a/good", "xsd_valid": True, "failed": []}
    assert by_case["rules"]["failed"] == [["BR-CO-10", "fatal", 1], ["BR-CO-13", "fatal", 1]]
    assert by_case["both"]["xsd_valid"] is False
    assert ["BR-CO-10", "fatal", 1] in by_case["both"]["failed"]
    assert list(by_case["error"]["error"]) == ["cen"]
    assert by_case["no-xml"] == {"case": "a/no-xml", "xsd_valid": False, "failed": []}
    assert by_case["schema"] == {"case": "a/schema", "xsd_valid": True, "failed": []}
    assert by_case["envelope"] == {"case": "a/envelope", "xsd_valid": None, "failed": []}
    assert "cen: fast, nlcius: fast" in result.output


def test_rule_sets_that_are_not_here_are_counted_and_named(tmp_path: Path) -> None:
    cases = {
        "order": (INVOICE, "peppol-order-2026.5"),
        "odd-1": (INVOICE, "somebodys-own"),
        "odd-2": (INVOICE, "somebodys-own"),
        "good": (INVOICE, "cen-ubl-1.3.16"),
    }
    result, lines = run(corpus(tmp_path, cases))
    assert result.exit_code == 2
    assert [line["case"] for line in lines] == ["a/good"]
    assert "not here: somebodys-own, 2 cases" in result.output
    assert "not here: peppol-order-2026.5, 1 cases" in result.output
    only, lines = run(tmp_path, "--rule-set", "cen-ubl-1.3.16")
    assert (only.exit_code, len(lines)) == (0, 1)


def test_a_broken_manifest_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text('\n{"file": "a.xml"}\n')
    result, _ = run(tmp_path)
    assert (result.exit_code, "line 2" in result.output) == (1, True)


def test_a_missing_file_breaks_only_its_case(tmp_path: Path) -> None:
    folder = corpus(tmp_path, dict.fromkeys(("here", "gone"), (INVOICE, "cen-ubl-1.3.16")))
    (folder / "gone.xml").unlink()
    result, lines = run(folder)
    assert result.exit_code == 2
    assert "broken: a/gone" in result.output
    assert [("error" in line) for line in lines] == [False, True]


def test_bundled_and_official_rules_are_compared(tmp_path: Path) -> None:
    folder = corpus(tmp_path, {"good": (INVOICE, "cen-ubl-1.3.16")})
    pack = tmp_path / "packs" / "cen-ubl-1.3.16"
    pack.mkdir(parents=True)
    (pack / "pack.toml").write_text(
        'alias = "cen-ubl-1.3.16"\n[[layers]]\nname = "cen"\nfile = "own.sch"\n'
    )
    (pack / "own.sch").write_text(
        '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><pattern>'
        '<rule context="/*"><assert id="OWN-1" flag="warning" test="false()">always</assert>'
        "</rule></pattern></schema>"
    )
    result, (line,) = run(folder, "--rules", "both", "--packs", str(tmp_path / "packs"))
    assert result.exit_code == 0, result.output
    assert line["failed"] == [["OWN-1", "warning", 1]]
    assert line["differences"][0]["only_official"] == [["OWN-1", "warning"]]
