# SPDX-License-Identifier: Apache-2.0
"""The catalogue that ships, and the choice of a rule set by document and day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from gateway.pool import schemas_folder
from gateway.ubl import (
    Catalogue,
    Choice,
    NoRuleSet,
    UnknownRuleSetError,
    amsterdam_day,
    choose,
    read_catalogue,
)
from tests.shared import shared

CATALOGUE = read_catalogue((schemas_folder() / "rule-sets.toml").read_bytes())
UBL = "{{urn:oasis:names:specification:ubl:schema:xsd:{0}-2}}{0}"
EN = "urn:cen.eu:en16931:2017"
BILLING = f"{EN}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
NLCIUS = f"{EN}#compliant#urn:fdc:nen.nl:nlcius:v1.0"
GACCOUNT = f"{NLCIUS}#conformant#urn:fdc:nen.nl:gaccount:v1.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALL = frozenset(CATALOGUE.rule_sets)


def pick(
    customization: str | None,
    root: str = "Invoice",
    *,
    profile: str | None = PROFILE,
    at: datetime = NOW,
    loaded: frozenset[str] = ALL,
    catalogue: Catalogue = CATALOGUE,
) -> Choice | NoRuleSet:
    name = root if "{" in root else UBL.format(root)
    return choose(
        catalogue, root=name, customization=customization, profile=profile, at=at, loaded=loaded
    )


def alias(*arguments: str, **more: datetime | frozenset[str]) -> str:
    chosen = pick(*arguments, **more)  # type: ignore[arg-type]
    assert isinstance(chosen, Choice), chosen
    return chosen.rule_set.alias


@pytest.mark.parametrize(
    ("customization", "root", "expected"),
    [
        (BILLING, "Invoice", "peppol-billing-2026.5"),
        (f"{BILLING}#conformant#urn:x", "CreditNote", "peppol-billing-2026.5"),
        (f"\n  {BILLING}\t", "Invoice", "peppol-billing-2026.5"),
        (BILLING.replace("billing", "selfbilling"), "Invoice", "peppol-selfbilling-2026.5"),
        (NLCIUS, "Invoice", "nlcius-2.0.3.13"),
        (f"{NLCIUS}#compliant#urn:fdc:setu.nl:invoice:v2.2", "Invoice", "nlcius-2.0.3.13"),
        (GACCOUNT, "Invoice", "nlcius-gaccount-1.0.2.13"),
        (GACCOUNT, "CreditNote", "nlcius-2.0.3.13"),
        (EN, "Invoice", "cen-ubl-1.3.16"),
        ("x urn:www.simplerinvoicing.org:si:si-ubl:ver1.2", "Order", "si-ubl-1.2.4-order"),
        ("urn:peppol:pint:billing-1@eu-1", "Invoice", "pint-eu-1.1.1"),
        ("urn:fdc:peppol.eu:poacc:trns:mlr:3", "ApplicationResponse", "peppol-mlr-2026.5"),
        (
            "urn:fdc:peppol.eu:poacc:trns:order_response:3",
            "OrderResponse",
            "peppol-order-response-2026.5",
        ),
        (
            "urn:fdc:peppol.eu:poacc:trns:order_response_advanced:3",
            "OrderResponse",
            "peppol-order-response-advanced-2026.5",
        ),
        ("urn:peppol:edec:mls:1.0", "ApplicationResponse", "peppol-mls-1.0.1"),
        (
            "urn:fdc:peppol.eu:edec:trns:end-user-statistics-report:1.1",
            "{urn:fdc:peppol:end-user-statistics-report:1.1}EndUserStatisticsReport",
            "peppol-eusr-1.1.5",
        ),
    ],
)
def test_the_document_says_whose_rules_apply(customization: str, root: str, expected: str) -> None:
    assert alias(customization, root) == expected


@pytest.mark.parametrize(
    ("customization", "root", "reason"),
    [
        (None, "Invoice", "customization_missing"),
        (" ", "Invoice", "customization_missing"),
        ("urn:something:else", "Invoice", "customization_unknown"),
        (BILLING, "Order", "customization_unknown"),
        (BILLING, "{urn:other}Invoice", "customization_unknown"),
        (f"{EN}#x", "Invoice", "customization_unknown"),
    ],
)
def test_no_rules_is_an_answer_with_a_reason(
    customization: str | None, root: str, reason: str
) -> None:
    answer = pick(customization, root)
    assert isinstance(answer, NoRuleSet)
    assert answer.reason == reason
    assert answer.notice.nl != answer.notice.en


def test_known_but_not_here() -> None:
    answer = pick(BILLING, loaded=frozenset({"nlcius-2.0.3.13"}))
    assert isinstance(answer, NoRuleSet)
    assert (answer.reason, answer.kind) == ("not_loaded", "peppol-billing")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        # Midnight in Amsterdam is 22:00 UTC in summer.
        (datetime(2026, 8, 16, 21, 59, tzinfo=UTC), "peppol-billing-2025.11"),
        (datetime(2026, 8, 16, 22, 0, tzinfo=UTC), "peppol-billing-2026.5"),
        # And 23:00 UTC in winter.
        (datetime(2026, 2, 22, 23, 0, tzinfo=UTC), "peppol-billing-2025.11"),
    ],
)
def test_a_release_begins_at_midnight_in_amsterdam(moment: datetime, expected: str) -> None:
    assert alias(BILLING, at=moment) == expected


def codes(answer: Choice | NoRuleSet) -> list[str]:
    assert isinstance(answer, Choice)
    return [notice.code for notice in answer.notices]


def test_without_a_successor_a_release_stays_in_force() -> None:
    only = frozenset({"peppol-billing-2025.11"})
    assert codes(pick(BILLING, loaded=only)) == ["rule_set_expired"]
    assert codes(pick(BILLING, at=datetime(2026, 5, 1, tzinfo=UTC), loaded=only)) == []


def test_a_coming_release_is_taken_where_there_is_no_other() -> None:
    early = pick(
        BILLING,
        at=datetime(2026, 3, 1, tzinfo=UTC),
        loaded=frozenset({"peppol-billing-2026.5"}),
    )
    assert codes(early) == ["rule_set_coming"]


def test_an_odd_profile_is_remarked() -> None:
    assert codes(pick(BILLING, profile="urn:odd")) == ["profile_unusual"]
    assert codes(pick(BILLING, profile=f" {PROFILE}\n")) == []
    assert codes(pick(EN, profile=None)) == []


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_day_in_amsterdam(moment: datetime, day: date) -> None:
    assert amsterdam_day(moment) == day


def test_a_moment_without_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="zone"):
        amsterdam_day(datetime(2026, 3, 29))  # noqa: DTZ001 - that is the point


def test_names_find_their_rule_set() -> None:
    by_id = CATALOGUE.named("eu.peppol.bis3:creditnote:2026.5")
    assert by_id is CATALOGUE.named("peppol-billing-2026.5")
    assert by_id.id_for("CreditNote") == "eu.peppol.bis3:creditnote:2026.5"
    with pytest.raises(UnknownRuleSetError):
        CATALOGUE.named("peppol-billing-1999.1")


def test_the_catalogue_is_sound() -> None:
    ids = Counter(name for one in CATALOGUE.rule_sets.values() for name in set(one.ids.values()))
    assert [name for name, number in ids.items() if number > 1] == []
    assert all(one.kind in CATALOGUE.kinds for one in CATALOGUE.rule_sets.values())
    folder = schemas_folder()
    files = [layer.file for one in CATALOGUE.rule_sets.values() for layer in one.layers]
    files += [file for schema in CATALOGUE.schemas.values() for file in schema.files.values()]
    assert [file for file in files if not (folder / file).is_file()] == []


def test_every_rule_set_of_the_corpus_is_known() -> None:
    text = shared("rules/corpus/manifest.jsonl").read_text(encoding="utf-8")
    wanted = {line.partition('"ruleset": "')[2].partition('"')[0] for line in text.splitlines()}
    assert wanted - set(CATALOGUE.rule_sets) == set()
