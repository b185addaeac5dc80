# SPDX-License-Identifier: Apache-2.0
"""How results are compared with the official outcome, and which differences are accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conformance import scoring
from tests.conformance.scoring import FATAL, INVALID, NO_VERDICT, SCHEMA, VALID, WARNING


def line(name: str, *failed: list[Any], valid: bool = True, error: bool = False) -> dict[str, Any]:
    layer = {"failed": list(failed), **({"error": "x"} if error else {})}
    official = {"xsd": {"valid": valid}, "layers": {"cen": layer}, "failed": list(failed)}
    return {"case": name, "ruleset": "cen-ubl-1.3.16", "family": name[0], "official": official}


def result(
    name: str, *failed: list[Any], valid: bool = True, error: bool = False
) -> dict[str, Any]:
    found = {"case": name, "xsd_valid": valid, "failed": list(failed)}
    return {**found, "error": {"cen": "x"}} if error else found


ONE, TWO, WARN = ["R-1", "fatal", 1], ["R-2", "fatal", 3], ["W-1", "warning", 1]


def test_sets_are_compared_and_counts_are_not() -> None:
    found = scoring.score(
        [line("a", ONE, TWO), line("b", ONE), line("c", WARN), line("d", valid=False)],
        [result("a", ["R-2", "fatal", 9], ONE), result("b", TWO), result("c"), result("d")],
    )
    assert {one.case: (one.schema, one.kinds) for one in found.differences} == {
        "b": (VALID, (FATAL,)),
        "c": (VALID, (WARNING,)),
        "d": (INVALID, (SCHEMA,)),
    }
    assert found.differences[0].what == ("missed: R-1 fatal", "false: R-2 fatal")
    assert found.count(FATAL, VALID) == 1
    assert found.count(FATAL, INVALID) == 0


def test_no_verdict_must_be_none_here_too() -> None:
    lines = [line("a", ONE, error=True), line("b", error=True), line("c")]
    found = scoring.score(lines, [result("a", error=True), result("b"), result("c", error=True)])
    assert [(one.case, one.kinds) for one in found.differences] == [
        ("b", (NO_VERDICT,)),
        ("c", (NO_VERDICT,)),
    ]
    assert found.errors == 2


def test_a_case_without_result_differs() -> None:
    assert scoring.score([line("a")], []).differences[0].what == ("no result",)


def test_known_differences_are_accepted_where_the_schema_refuses(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    names = [f"x{number}" for number in range(scoring.MOST_KNOWN + 2)]
    entry = '[[known]]\ncase = "{}"\nruns = ["official fast"]\nreason = "why"\n'
    file.write_text("".join(entry.format(name) for name in [*names, "valid", "schema"]))
    lines = [line(name, ONE, valid=False) for name in names]
    lines += [line("valid", ONE), line("schema", valid=False)]
    results = [result(name, valid=False) for name in names] + [result("valid"), result("schema")]
    found = scoring.score(lines, results)
    left = [one.case for one in scoring.unknown("official fast", found, file)]
    assert left == [*names[scoring.MOST_KNOWN :], "valid", "schema"]
    assert len(scoring.unknown("bundled fast", found, file)) == len(lines)


def test_the_sample_is_the_same_and_spread_over_families() -> None:
    lines = [line(f"{family}{number}") for family in "abc" for number in range(9)]
    chosen = scoring.sample(lines, 6)
    assert sorted(one["family"] for one in chosen) == ["a", "a", "b", "b", "c", "c"]
    assert scoring.sample(list(reversed(lines)), 6) == chosen


def test_the_list_of_known_differences_is_readable() -> None:
    for run in ("bundled fast", "bundled saxon", "official fast", "official saxon"):
        assert len(scoring.known(run)) <= scoring.MOST_KNOWN
