# SPDX-License-Identifier: Apache-2.0
"""Published artefacts as they are, installed and run on cases whose outcome is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.shared import shared

# Small ones of each form: a publisher's own stylesheet, one with a schema of its own, a source.
ALIASES = ("peppol-mls-1.0.1", "peppol-eusr-1.1.5", "peppol-invoice-response-2026.5")
CASES = 6  # of each rule set


def _cases(manifest: Path) -> Iterator[dict[str, Any]]:
    seen = dict.fromkeys(ALIASES, 0)
    with manifest.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            alias = line["ruleset"]
            if alias in seen and seen[alias] < CASES:
                seen[alias] += 1
                yield line


@pytest.mark.timeout(180)
@pytest.mark.parametrize("engine", ["fast", "saxon"])
def test_installed_packs_give_the_known_outcome(tmp_path: Path, engine: str) -> None:
    official, corpus = shared("rules/official"), shared("rules/corpus")
    names = [word for alias in ALIASES for word in ("--as", alias)]
    packs = ["--packs", str(tmp_path / "packs")]
    done = CliRunner().invoke(main, ["rules", "install", str(official), *names, *packs])
    assert done.exit_code == 0, done.output
    cases = list(_cases(corpus / "manifest.jsonl"))
    assert len(cases) == len(ALIASES) * CASES
    folder = tmp_path / "cases"
    folder.mkdir()
    kept = ("case", "ruleset")
    lines = [
        {"file": str(corpus / one["file"]), **{name: one[name] for name in kept}} for one in cases
    ]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    results = tmp_path / "results.jsonl"
    run = ["rules", "test", str(folder), "--rules", "official", "--engine", engine]
    done = CliRunner().invoke(main, [*run, "--results", str(results), *packs])
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in results.read_text().splitlines()]
    for case, line in zip(cases, found, strict=True):
        assert line["case"] == case["case"]
        assert line["xsd_valid"] == case["official"]["xsd"]["valid"], case["case"]
        assert sorted(line["failed"]) == sorted(case["official"]["failed"]), case["case"]
