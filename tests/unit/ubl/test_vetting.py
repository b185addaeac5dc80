# SPDX-License-Identifier: Apache-2.0
"""Rules before they are installed: what is refused, what is compared, what Saxon gets alone."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest

from gateway import safexml, schematron
from gateway.pool import engines_muted, schemas_folder
from gateway.ubl import FAST, SAXON, LayerCheck, LayerSource, SchemaError, read_catalogue, vet
from gateway.ubl.trials import grown, mutants
from tests.rule_artefacts import schematron as rules
from tests.unit.ubl.examples import BIS_INVOICE

CATALOGUE = read_catalogue((schemas_folder() / "rule-sets.toml").read_bytes())
KIND = CATALOGUE.kinds["peppol-billing"]


@pytest.fixture(scope="module")
def saxon() -> schematron.Saxon:
    return schematron.Saxon()


def source(data: bytes) -> LayerSource:
    return LayerSource(name="one", file="one.sch", read=lambda _: data)


@dataclass
class Unlike:
    """Rules of which the engines get two different forms."""

    fast: LayerSource
    slow: LayerSource
    name: str = "one"

    def schema(self) -> schematron.Schema:
        return self.fast.schema()

    def stylesheet(self) -> bytes:
        return self.slow.stylesheet()


def check(one: object, saxon: schematron.Saxon, **more: object) -> LayerCheck:
    with engines_muted():
        return vet(one, KIND, [BIS_INVOICE], saxon, chance=Random(1), trials_wanted=12, **more)  # type: ignore[arg-type]


def test_rules_on_which_the_engines_agree(saxon: schematron.Saxon) -> None:
    found = check(source(rules("X-1", "cbc:ID and number(cbc:ID) != 5")), saxon)
    assert (found.engine, found.reason, found.differences, found.rules) == (FAST, "", 0, 1)
    assert found.documents > 12


def test_one_difference_and_saxon_judges_alone(saxon: schematron.Saxon) -> None:
    found = check(Unlike(source(rules("X-1", "cbc:ID")), source(rules("X-1", "false()"))), saxon)
    assert found.engine == SAXON
    assert found.differences > 1
    assert "X-1" in found.reason


def test_an_error_of_one_engine_counts_on_valid_documents(saxon: schematron.Saxon) -> None:
    unlike = Unlike(source(rules("X-1", "true()")), source(rules("X-1", "1 div 0 = 1")))
    found = check(unlike, saxon)
    assert found.engine == SAXON
    assert "error" in found.reason
    assert check(unlike, saxon, accepts=lambda _: False).engine == FAST


def test_what_the_fast_engine_refuses_is_named(saxon: schematron.Saxon) -> None:
    old = rules("X-1").replace(b'queryBinding="xslt2"', b'queryBinding="xslt"')
    found = check(source(old), saxon)
    assert (found.engine, found.documents) == (SAXON, 0)
    assert "XPath 1.0" in found.reason


def test_what_no_engine_takes_is_an_error(saxon: schematron.Saxon) -> None:
    with pytest.raises(SchemaError):
        check(source(rules("X-1", "this is no XPath (")), saxon)


def test_trials_are_the_same_each_time() -> None:
    root = safexml.parse_document(BIS_INVOICE)
    first = list(mutants(root, Random(1), 20))
    assert first == list(mutants(root, Random(1), 20))
    assert len(set(first)) > 15


def test_a_document_grows_from_the_contexts_of_rules() -> None:
    schema = source(rules("X-1", context="ubl:Invoice/cbc:Note[. = 'x'] | cbc:ID")).schema()
    root = grown(schema, KIND.names()[0], [("{urn:x}Said", "me")])
    names = [str(one.tag).rpartition("}")[2] for one in root.iter("*")]
    assert names == ["Invoice", "Said", "Note", "ID"]
