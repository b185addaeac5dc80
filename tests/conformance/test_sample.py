# SPDX-License-Identifier: Apache-2.0
"""A fixed sample of the corpus has the official outcome; `make conformance` runs all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway import ubl
from gateway.pool import Case, CaseResult, Setup, engines_muted
from gateway.pool.cases import make_case_handler
from tests.conformance import scoring
from tests.official_packs import build_packs, manifest
from tests.shared import shared

LARGE, SMALL = 510, 48
NOW = datetime(2026, 11, 24, tzinfo=UTC)
RUNS = ("bundled fast", "official fast", "bundled saxon", "official saxon")

Handler = Callable[[Case], CaseResult]


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_packs(shared("rules"), tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def handlers(packs: Path) -> Iterator[dict[str, Handler]]:
    with pytest.MonkeyPatch.context() as patch:
        # Translations of an earlier program are not looked for.
        patch.setenv("XDG_CACHE_HOME", str(packs.parent / "cache"))
        yield {run: make_case_handler(Setup(packs=packs, policy=policy(run))) for run in RUNS}


def policy(run: str) -> ubl.Policy:
    rules, engine = run.split()
    return ubl.Policy(
        rules=rules, engine=engine, second_judge=False, shadow_share=0.0, all_layers=True
    )


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return manifest(shared("rules"))


def differences(run: str, handler: Handler, cases: Iterable[Any]) -> list[scoring.Difference]:
    cases = list(cases)
    corpus = shared("rules/corpus")
    with engines_muted():
        results = [
            handler(
                Case(
                    file=corpus / line["file"],
                    case=line["case"],
                    rule_set=line["ruleset"],
                    at=NOW,
                )
            ).line
            for line in cases
        ]
    return scoring.unknown(run, scoring.score(cases, results))


def is_valid(line: dict[str, Any]) -> bool:
    xsd = line["official"]["xsd"]
    return xsd is None or bool(xsd["valid"])


def is_quick(line: dict[str, Any]) -> bool:
    """What a schema refuses costs two seconds for each kind of document: few kinds are enough."""
    return is_valid(line) or (line["ruleset"] in scoring.BUNDLED and line["root"] == "Invoice")


@pytest.mark.parametrize("run", ["bundled fast", "official fast"])
def test_the_fast_engine(
    run: str, handlers: dict[str, Handler], lines: list[dict[str, Any]]
) -> None:
    asked = scoring.cases_for(lines, bundled=run.startswith("bundled"))
    cases = scoring.sample([line for line in asked if is_quick(line)], LARGE)
    assert len(cases) == LARGE
    assert differences(run, handlers[run], cases) == []


@pytest.mark.parametrize("run", ["bundled saxon", "official saxon"])
def test_saxon(run: str, handlers: dict[str, Handler], lines: list[dict[str, Any]]) -> None:
    """Only the rule sets of the product: each costs a second to compile."""
    pytest.importorskip("saxonche")
    asked = [line for line in lines if line["ruleset"] in scoring.BUNDLED and is_valid(line)]
    assert differences(run, handlers[run], scoring.sample(asked, SMALL)) == []
