# SPDX-License-Identifier: Apache-2.0
"""What a worker process does: some mutants of one document, judged and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gateway.pool import engines_muted
from gateway.safexml import MalformedXMLError
from tests.forge.ubl_mutants import RULES, SCHEMA, mutants
from tests.fuzz.bases import Base, donors
from tests.fuzz.borrowing import Lenders
from tests.fuzz.court import Court, Difference, parsed
from tests.fuzz.minimising import minimised

VALID, INVALID = "schema-valid", "not schema-valid"
_FEW = 2  # minimised documents of one difference, by one process


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Some mutants of one document; `wild` ones mostly fail their schema."""

    base: Base
    seed: str
    count: int
    wild: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One difference, with the smallest document that shows it; none for the third and later."""

    difference: Difference
    alias: str
    schema: str
    mutation: str
    document: bytes | None


@dataclass(slots=True)
class Outcome:
    """What a task gave. `documents` and `compared` count by schema validity."""

    documents: Counter[str] = field(default_factory=Counter)
    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    fired: int = 0
    errors: int = 0
    finds: list[Find] = field(default_factory=list)


_MUTED = ExitStack()
_COURT: list[Court] = []
_LENDERS: list[Lenders] = []
_SEEN: Counter[tuple[Difference, str]] = Counter()


def start(packs: Path | None, pairs: Sequence[str], only: Sequence[str]) -> None:
    """Called once in each process."""
    _MUTED.enter_context(engines_muted())
    _COURT.append(Court(packs=packs, pairs=pairs))
    _LENDERS.append(Lenders(donors(only)))


def run(task: Task) -> Outcome:
    outcome = Outcome()
    kinds = (*(SCHEMA if task.wild else RULES), *_LENDERS[0].kinds() * 2)
    document = task.base.file.read_bytes()
    for mutation, data in mutants(document, seed=task.seed, count=task.count, kinds=kinds):
        try:
            _judge(task.base.alias, mutation, data, outcome)
        except MalformedXMLError:  # a change that cannot be written down as XML
            outcome.documents["not XML"] += 1
    return outcome


def _judge(alias: str, mutation: str, data: bytes, outcome: Outcome) -> None:
    court = _COURT[0]
    judgement = court.judge(alias, data)
    schema = VALID if judgement.schema_valid else INVALID
    outcome.documents[schema] += 1
    outcome.fired += judgement.fired
    outcome.errors += judgement.errors
    for pair, number in judgement.compared.items():
        outcome.compared[pair, schema] += number
    if not judgement.differences:
        return
    if schema == INVALID and court.believes(alias, data):
        schema = VALID
    for difference in sorted(judgement.differences):
        _SEEN[difference, schema] += 1
        small = None
        if _SEEN[difference, schema] <= _FEW:
            small = _smallest(alias, data, difference, schema)
        outcome.finds.append(
            Find(
                difference=difference,
                alias=alias,
                schema=schema,
                mutation=mutation,
                document=small,
            )
        )


def _smallest(alias: str, data: bytes, difference: Difference, schema: str) -> bytes:
    court = _COURT[0]
    by_libxml2 = court.judge(alias, data).schema_valid

    def holds(candidate: bytes) -> bool:
        try:
            judgement = court.judge(alias, candidate)
        except MalformedXMLError:
            return False
        kept = difference in judgement.differences
        if not kept or schema == INVALID or judgement.schema_valid:
            return kept
        return not by_libxml2 and bool(court.believes(alias, candidate))

    return minimised(parsed(data), holds)
