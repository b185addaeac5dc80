# SPDX-License-Identifier: Apache-2.0
"""Which of the rule sets in a bundle are installed, under which names, from which day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from gateway.ubl.families import Family, Published
from gateway.ubl.packs import PackError
from gateway.ubl.published import (
    Bundle,
    Candidate,
    guess,
    recognise,
    rule_set_for,
    split_alias,
)
from gateway.ubl.rulesets import Catalogue, Layer, RuleSet, order_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One rule set to install; `is_told` if its pack has to say what it is."""

    rule_set: RuleSet
    family: Family
    layers: tuple[Layer, ...]
    is_told: bool

    @property
    def own(self) -> str:
        """The file that no other family has."""
        return next(one.file for one in self.layers if one.name == self.family.own)


@dataclass(slots=True, kw_only=True)
class Plan:
    """What is installed, and what is left in the bundle with the reason."""

    planned: list[Planned] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def plan(
    bundle: Bundle,
    published: Published,
    catalogue: Catalogue,
    *,
    names: Sequence[str] = (),
    valid_from: date | None = None,
) -> Plan:
    """What to install of a bundle: the rule sets named, else all but older ones.

    Raises `PackError` where it cannot be told what something is, or from when it applies.
    """
    found = recognise(bundle, published)
    if names:
        chosen = [_named(name, bundle, published, found.candidates) for name in names]
        result = Plan(planned=[_planned(one, catalogue) for one in chosen])
        told = valid_from is not None
    else:
        result = _all(bundle, published, catalogue, found.candidates)
        result.left += [(path, "not all of its layers are beside it") for path in found.incomplete]
        told = valid_from is not None and not any(one.is_told for one in result.planned)
        told = told and len({one.rule_set.valid_from for one in result.planned}) == 1
    result.planned = [_dated(one, valid_from, told=told) for one in result.planned]
    if valid_from is not None and not any(one.is_told for one in result.planned):
        raise PackError(
            f"{bundle.name} holds several known releases, each with a date of its own",
            advice="Name the one that --valid-from is for: add --as with its alias.",
        )
    return result


def _all(
    bundle: Bundle, published: Published, catalogue: Catalogue, candidates: Iterable[Candidate]
) -> Plan:
    result, unknown = Plan(), []
    for one in candidates:
        if one.alias is None or one.version is None:
            unknown.append(one)
            continue
        planned = _planned(one, catalogue)
        newest = catalogue.releases(one.family.kind)[-1]
        if planned.is_told and order_of(planned.rule_set.release) < order_of(newest.release):
            result.left.append((one.alias, "older than the releases known here (--as takes them)"))
        else:
            result.planned.append(planned)
    result.left += [(one.own, "without a release number (--as gives it)") for one in unknown]
    if not result.planned:
        raise _cannot_tell(bundle, published, unknown, result.left)
    return result


def _named(
    name: str, bundle: Bundle, published: Published, candidates: Sequence[Candidate]
) -> Candidate:
    """What is meant by an alias: by its release, else the only one of its family."""
    for one in candidates:
        if one.alias == name:
            return one
    split = split_alias(name, published)
    if split is None:
        raise PackError(
            f"{name!r} is no alias of a rule set",
            advice="Aliases are made of a kind and a release, as in peppol-billing-2026.11.",
        )
    family, version = split
    fits = [one.layers for one in candidates if one.family == family]
    fits = fits or guess(bundle, published).get(family.kind, [])
    if len(fits) == 1:
        return Candidate(family=family, layers=fits[0], alias=name, version=version)
    aliases = ", ".join(sorted(one.alias or one.own for one in candidates)) or "nothing"
    raise PackError(
        f"{bundle.name} holds no {name}, or several that it could be",
        advice=f"It was recognised to hold: {aliases}.",
    )


def _planned(candidate: Candidate, catalogue: Catalogue) -> Planned:
    assert candidate.version is not None, "candidates without one are named before"
    rule_set = rule_set_for(candidate.family, candidate.version, catalogue)
    return Planned(
        rule_set=rule_set,
        family=candidate.family,
        layers=candidate.layers,
        is_told=rule_set.alias not in catalogue.rule_sets,
    )


def _dated(one: Planned, valid_from: date | None, *, told: bool) -> Planned:
    """With its first day: the publisher's for a known release, the caller's for another."""
    if not (one.is_told or told):
        return one
    if valid_from is None:
        raise PackError(
            f"{one.rule_set.alias} is not known here, so nobody can tell from when it applies",
            advice="Give the first day with --valid-from YYYY-MM-DD, as its publisher says.",
        )
    dated = msgspec.structs.replace(one.rule_set, valid_from=valid_from, valid_to=None)
    return Planned(rule_set=dated, family=one.family, layers=one.layers, is_told=True)


def _cannot_tell(
    bundle: Bundle,
    published: Published,
    unknown: Sequence[Candidate],
    left: Sequence[tuple[str, str]],
) -> PackError:
    kinds = [one.family.kind for one in unknown]
    if not kinds and left:
        return PackError(
            f"{bundle.name} holds older releases only: {', '.join(name for name, _ in left)}",
            advice="Name those that you want with --as.",
        )
    kinds = kinds or sorted(guess(bundle, published))
    if not kinds:
        return PackError(
            f"{bundle.name} holds no rule set that is known here",
            advice="Known are: " + ", ".join(one.kind for one in published.family) + ".",
        )
    return PackError(
        f"{bundle.name} does not say which release it is",
        advice="Say it with --as, one of: " + ", ".join(f"{kind}-RELEASE" for kind in kinds) + ".",
    )
