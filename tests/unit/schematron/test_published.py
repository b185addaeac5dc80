# SPDX-License-Identifier: Apache-2.0
"""Published rule sets: both front ends read the same, and every way to Saxon says the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.schematron.iso import read_iso
from gateway.schematron.lean import lean
from gateway.schematron.model import Schema
from gateway.schematron.saxon import Saxon, SaxonLayer
from gateway.schematron.skeleton import read_skeleton
from gateway.schematron.stylesheet import to_xslt
from tests.shared import shared

SI_12 = "si-ubl-1.2.4/{}/si-ubl-1.2"
NLCIUS = "nlcius-2.0.3.13/{}/si-ubl-2.0"
# Stylesheet and source where their places do not follow from each other.
PLACES = {
    "en16931-ubl-1.3.16/xslt/EN16931-UBL-validation.xslt": (
        "en16931-ubl-1.3.16/schematron/EN16931-UBL-validation.sch"
    ),
}
RELEASES = ("nlcius-2.0.3.12", "nlcius-2.0.3.13", "si-ubl-1.2.4")
LAYERS = {
    "cen-ubl-1.3.16": {"cen": "en16931-ubl-1.3.16/xslt/EN16931-UBL-validation.xslt"},
    "peppol-billing-2026.5": {
        "cen": "peppol-billing-2026.5/xslt/CEN-EN16931-UBL.xslt",
        "peppol": "peppol-billing-2026.5/xslt/PEPPOL-EN16931-UBL.xslt",
    },
    "peppol-selfbilling-2026.5": {
        "peppol-sb": "peppol-billing-2026.5/xslt/PEPPOL-EN16931-UBL-SB.xslt"
    },
    "nlcius-2.0.3.13": {"nlcius": NLCIUS.format("xslt") + ".3.13.xslt"},
    "nlcius-gaccount-1.0.2.13": {"gaccount": NLCIUS.format("xslt") + "-ext-gaccount-1.0.13.xslt"},
    "si-ubl-1.2.4-invoice": {"si12": SI_12.format("xsl") + ".xsl"},
    "si-ubl-1.2.4-order": {"si12po": SI_12.format("xsl") + "-purchaseorder.xsl"},
    "peppol-mls-1.0.1": {"mls": "peppol-mls-1.0.1/schematron/peppol-mls-1.0.1.xslt"},
    "peppol-eusr-1.1.5": {
        "eusr": "peppol-eusr-1.1.5/xslt/peppol-end-user-statistics-reporting-1.1.5.xslt"
    },
    "peppol-order-2026.5": {"t01": "peppol-post-award-2026.5/xslt/PEPPOLBIS-T01.xslt"},
    "pint-eu-1.1.1": {"eu": "peppol-pint-eu-1.1.1/xslt/PINT-jurisdiction-aligned-rules.xslt"},
}
CASES_PER_RULE_SET = 3  # and one that ends in a dynamic error, where there is one


def source_of(stylesheet: Path, official: Path) -> Path:
    """The Schematron source beside a published stylesheet."""
    relative = stylesheet.relative_to(official).as_posix()
    if relative in PLACES:
        return official / PLACES[relative]
    folder = "sch"
    if relative.startswith((*RELEASES, "peppol-mls")):
        folder = "schematron"
    return stylesheet.parents[1] / folder / f"{stylesheet.stem}.sch"


def from_source(source: Path) -> Schema:
    return read_iso(
        source.read_bytes(), lambda path: (source.parent / path).read_bytes(), base=source.name
    )


def assertions(schema: Schema) -> Iterator[tuple[str, str, str, str, object]]:
    """All that counts of the assertions, blanks in expressions taken together."""
    for pattern in schema.patterns:
        for rule in pattern.rules:
            context = " ".join(rule.context.split())
            for each in rule.assertions:
                yield each.rule, each.flag, context, " ".join(each.test.split()), each.text


def test_every_published_stylesheet_says_what_its_source_says() -> None:
    official = shared("rules/official")
    stylesheets = sorted(official.rglob("*.xsl")) + sorted(official.rglob("*.xslt"))
    assert len(stylesheets) > 30
    for stylesheet in stylesheets:
        read = read_skeleton(stylesheet.read_bytes())
        source = from_source(source_of(stylesheet, official))
        assert list(assertions(read)) == list(assertions(source)), stylesheet.name
        assert read.xpath_1 == source.xpath_1, stylesheet.name
        assert [key.name for key in read.keys] == [key.name for key in source.keys]
        bodies = [(each.name, each.parameters) for each in read.functions]
        assert bodies == [(each.name, each.parameters) for each in source.functions]


def sample(rule_set: str) -> list[dict[str, Any]]:
    """A fixed choice of the corpus's cases of one rule set."""
    cases = [
        case
        for line in _manifest()
        if (case := json.loads(line))["ruleset"] == rule_set and case["official"]["layers"]
    ]
    cases.sort(key=lambda case: hashlib.sha256(case["case"].encode()).hexdigest())
    broken = [case for case in cases if _broken(case)]
    sound = [case for case in cases if not _broken(case)]
    return sound[:CASES_PER_RULE_SET] + broken[:1]


@cache
def _manifest() -> list[str]:
    return shared("rules/corpus/manifest.jsonl").read_text(encoding="utf-8").splitlines()


def _broken(case: dict[str, Any]) -> bool:
    return any("error" in layer for layer in case["official"]["layers"].values())


def ways(saxon: Saxon, stylesheet: Path, official: Path) -> dict[str, SaxonLayer]:
    """One published layer as it is, lean, from its source, and read and generated again."""
    data = stylesheet.read_bytes()
    return {
        "published": saxon.compile(data),
        "lean": saxon.compile(lean(data)),
        "source": saxon.compile(to_xslt(from_source(source_of(stylesheet, official)))),
        "generated": saxon.compile(to_xslt(read_skeleton(data))),
    }


@pytest.mark.parametrize("rule_set", LAYERS)
def test_every_way_gives_the_official_outcome(saxon: Saxon, rule_set: str) -> None:
    official, corpus = shared("rules/official"), shared("rules/corpus")
    layers = {
        name: ways(saxon, official / path, official) for name, path in LAYERS[rule_set].items()
    }
    cases = sample(rule_set)
    assert cases
    for case in cases:
        data = (corpus / case["file"]).read_bytes()
        root, document = etree.fromstring(data), saxon.parse(data)
        for name, engines in layers.items():
            expected = case["official"]["layers"][name]
            for way, layer in engines.items():
                verdict = layer.judge(document, root)
                counts = sorted([*key, count] for key, count in verdict.counts().items())
                found = (counts, verdict.error is not None)
                assert found == (expected["failed"], "error" in expected), (case["case"], way)
