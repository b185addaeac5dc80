# SPDX-License-Identifier: Apache-2.0
"""What the fuzzer found stays found: each document has the official verdict on every engine."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.pool import engines_muted
from tests.fuzz.court import (
    BUNDLED_FAST,
    BUNDLED_SAXON,
    OFFICIAL_FAST,
    OFFICIAL_SAXON,
    Court,
    Voice,
    failed,
)
from tests.official_packs import build_packs
from tests.shared import shared

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "validation-finds"
FINDS = tomllib.loads((FOLDER / "finds.toml").read_text(encoding="utf-8"))["find"]
each = pytest.mark.parametrize("find", FINDS, ids=lambda find: str(find["file"]))


@pytest.fixture(scope="module")
def bundled() -> Court:
    return Court(packs=None, pairs=())


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Court:
    packs = build_packs(shared("rules"), tmp_path_factory.mktemp("packs"))
    return Court(packs=packs, pairs=())


def test_every_document_is_on_the_list() -> None:
    assert sorted(find["file"] for find in FINDS) == sorted(p.name for p in FOLDER.glob("*.xml"))


@each
@pytest.mark.parametrize("voice", [BUNDLED_FAST, BUNDLED_SAXON], ids=" ".join)
def test_bundled_rules(bundled: Court, find: dict[str, Any], voice: Voice) -> None:
    assert_same(bundled, find, voice)


@each
@pytest.mark.parametrize("voice", [OFFICIAL_FAST, OFFICIAL_SAXON], ids=" ".join)
def test_official_rules(official: Court, find: dict[str, Any], voice: Voice) -> None:
    assert_same(official, find, voice)


def assert_same(court: Court, find: dict[str, Any], voice: Voice) -> None:
    if voice[1] == "saxon":
        pytest.importorskip("saxonche")
    data = (FOLDER / find["file"]).read_bytes()
    with engines_muted():
        verdicts = court.verdicts(find["rule_set"], data, voice)
        valid = court.judge(find["rule_set"], data).schema_valid
    expected = {tuple(pair) for pair in find["failed"]} if "failed" in find else None
    assert failed(verdicts) == expected, find["reason"]
    assert valid == find["schema_valid"]
