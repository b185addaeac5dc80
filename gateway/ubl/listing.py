# SPDX-License-Identifier: Apache-2.0
"""The rule sets that are known here: which of them judge today, and what they consist of.

See docs/api.md, rule sets.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from gateway.ubl.choices import BUNDLED, CHOSEN, OFFICIAL
from gateway.ubl.engines import SAXON
from gateway.ubl.rule_library import RuleLibrary
from gateway.ubl.rulesets import RuleSet, amsterdam_day


class RuleSetEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One release. `rules`: whose rules judge, `None` if none are loaded; `checksums`: by layer."""

    alias: str
    kind: str
    title: str
    release: str
    ids: tuple[str, ...]
    status: str
    valid_from: date | None
    valid_to: date | None
    phase: str
    in_force: bool
    rules: str | None
    checksums: dict[str, str]


def list_rule_sets(library: RuleLibrary, *, at: datetime) -> tuple[RuleSetEntry, ...]:
    """All releases that the catalogue knows; `in_force` are those that judge at this moment.

    Raises `SchemaError` and `PackError` for rules that cannot be read.
    """
    chosen = in_force(library, at=at)
    return tuple(
        _entry(library, one, at=at, is_in_force=one.alias in chosen)
        for one in library.catalogue.rule_sets.values()
    )


def in_force(library: RuleLibrary, *, at: datetime) -> frozenset[str]:
    """Aliases of the releases that judge documents processed at a moment, one for each kind."""
    day = amsterdam_day(at)
    loaded = library.loaded(CHOSEN)
    found: set[str] = set()
    for kind in library.catalogue.kinds:
        releases = [one for one in library.catalogue.releases(kind) if one.alias in loaded]
        begun = [one for one in releases if one.phase(day) != "coming"]
        found.update(one.alias for one in (begun or releases[:1])[-1:])
    return frozenset(found)


def _entry(
    library: RuleLibrary, rule_set: RuleSet, *, at: datetime, is_in_force: bool
) -> RuleSetEntry:
    rules = library.rules_of(rule_set)
    checksums = {}
    if rules is not None:
        origin = BUNDLED if rules == BUNDLED else OFFICIAL
        checksums = {one.layer: one.checksum for one in library.judges(rule_set, origin, SAXON)}
    return RuleSetEntry(
        alias=rule_set.alias,
        kind=rule_set.kind,
        title=library.catalogue.kinds[rule_set.kind].title,
        release=rule_set.release,
        ids=tuple(rule_set.ids.values()),
        status=rule_set.status,
        valid_from=rule_set.valid_from,
        valid_to=rule_set.valid_to,
        phase=rule_set.phase(amsterdam_day(at)),
        in_force=is_in_force,
        rules=rules,
        checksums=checksums,
    )
