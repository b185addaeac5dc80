# SPDX-License-Identifier: Apache-2.0
"""Results of `rules test` beside the official outcome of the corpus."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.official_packs import manifest as manifest  # noqa: PLC0414 - read with this, too

BUNDLED = (
    "cen-ubl-1.3.16",
    "peppol-billing-2026.5",
    "peppol-selfbilling-2026.5",
    "nlcius-2.0.3.13",
    "nlcius-gaccount-1.0.2.13",
)
"""The rule sets that ship with the product."""

SCHEMA_ONLY = "ubl-2.1-xsd"
OWN_ROOTS = ("Invoice", "CreditNote")
KNOWN = Path(__file__).with_name("known.toml")
MOST_KNOWN = 3  # on documents that their schema refuses; none on the others

FATAL, WARNING, NO_VERDICT, SCHEMA, MISSING = "fatal", "warning", "no verdict", "schema", "missing"
VALID, INVALID = "schema-valid", "not schema-valid"


@dataclass(frozen=True, slots=True)
class Difference:
    """One case that came out otherwise than officially; `what` says how, one line each."""

    case: str
    schema: str
    kinds: tuple[str, ...]
    what: tuple[str, ...]


@dataclass(slots=True)
class Score:
    """What a run gave: cases by schema validity, and the differences."""

    cases: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    differences: list[Difference] = field(default_factory=list)

    def count(self, kind: str, schema: str | None = None) -> int:
        """Cases with a difference of a kind."""
        return sum(kind in one.kinds for one in self.differences if schema in {None, one.schema})


def cases_for(lines: Iterable[Mapping[str, Any]], *, bundled: bool) -> list[Mapping[str, Any]]:
    """What is asked of a run: the bundled families, or all of the corpus."""
    if not bundled:
        return list(lines)
    return [
        line
        for line in lines
        if line["ruleset"] in BUNDLED
        or (line["ruleset"] == SCHEMA_ONLY and line["root"] in OWN_ROOTS)
    ]


def score(lines: Iterable[Mapping[str, Any]], results: Iterable[Mapping[str, Any]]) -> Score:
    """Compare, case by case: sets of (rule, flag), verdicts of the schema, and errors.

    Where an official layer has no verdict, ours must have none either; the rest of the set is then
    not compared, as one layer's rules cannot be told from another's.
    """
    by_case = {result["case"]: result for result in results}
    found = Score()
    for line in lines:
        official = line["official"]
        valid = official["xsd"] is None or official["xsd"]["valid"]
        schema = VALID if valid else INVALID
        found.cases[schema] += 1
        found.errors += _has_error(official)
        differences = tuple(_differences(line, by_case.get(line["case"])))
        if differences:
            kinds = tuple(sorted({kind for kind, _ in differences}))
            what = tuple(text for _, text in differences)
            found.differences.append(Difference(line["case"], schema, kinds, what))
    return found


def _has_error(official: Mapping[str, Any]) -> bool:
    return any("error" in layer for layer in official["layers"].values())


def _differences(
    line: Mapping[str, Any], result: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    if result is None:
        yield MISSING, "no result"
        return
    official = line["official"]
    schema = official["xsd"]
    if schema is not None and result["xsd_valid"] != schema["valid"]:
        yield SCHEMA, f"schema: official {schema['valid']}, here {result['xsd_valid']}"
    if _has_error(official) or "error" in result:
        if _has_error(official) != ("error" in result):
            yield NO_VERDICT, f"no verdict: only {'here' if 'error' in result else 'officially'}"
        return
    wanted = {(rule, flag) for rule, flag, _ in official["failed"]}
    given = {(rule, flag) for rule, flag, _ in result["failed"]}
    for rule, flag in sorted(wanted ^ given):
        word = "missed" if (rule, flag) in wanted else "false"
        yield flag if flag == WARNING else FATAL, f"{word}: {rule} {flag}"


def known(run: str, file: Path = KNOWN) -> dict[str, str]:
    """The differences of a run that are accepted: case and reason."""
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        one["case"]: one["reason"] for one in read.get("known", []) if run in one.get("runs", ())
    }


def unknown(run: str, found: Score, file: Path = KNOWN) -> list[Difference]:
    """The differences that fail a run: those not listed, and all on schema-valid documents."""
    listed = known(run, file)
    accepted = [
        one
        for one in found.differences
        if one.case in listed and one.schema == INVALID and SCHEMA not in one.kinds
    ]
    return [one for one in found.differences if one not in accepted[:MOST_KNOWN]]


def sample(lines: Iterable[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """A fixed choice by the hash of the names, round after round from each family."""
    families: dict[str, list[Mapping[str, Any]]] = {}
    for line in sorted(lines, key=_hash):
        families.setdefault(line["family"], []).append(line)
    return list(_rounds(list(families.values())))[:count]


def _rounds(families: Sequence[list[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
    for number in range(max((len(family) for family in families), default=0)):
        yield from (family[number] for family in families if number < len(family))


def _hash(line: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(f"sample/{line['case']}".encode()).digest()
