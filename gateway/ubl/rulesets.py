# SPDX-License-Identifier: Apache-2.0
"""Which rules are for which document on which day: the catalogue of rule sets, and the choice.

A kind ("Peppol BIS Billing") takes documents; a rule set is one of its releases, in force from a
day. The catalogue is data (`schemas/rule-sets.toml`); what of it is loaded, the caller knows. The
day is the day of processing in Europe/Amsterdam, never the document's own date: a release becomes
mandatory for everybody at once (Peppol release notes; NPA validation files, Changelog).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import UTC, date, datetime, timedelta

import msgspec

from gateway.errors import Fault, GatewayError
from gateway.ubl import notices
from gateway.ubl.notices import Notice

UBL_ROOT = "{{urn:oasis:names:specification:ubl:schema:xsd:{0}-2}}{0}"
_BLANK = " \t\r\n"


class UnknownRuleSetError(GatewayError):
    """A rule set was named that nobody knows, or that is not loaded here."""

    code = "rule_set_unknown"
    fault = Fault.CALLER


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One schema of rules: its name in verdicts, and its file."""

    name: str
    file: str


class SchemaFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """XSD files by the local name of the root element, of the namespaces given."""

    key: str
    namespace: str
    files: dict[str, str] = {}

    def has(self, root: str) -> bool:
        """Whether this root (`{namespace}name`) is in its namespace; not that there is a file."""
        name = root.rpartition("}")[2]
        return root == f"{{{self.namespace.format(root=name)}}}{name}"


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The documents that a family of rule sets is for."""

    key: str
    title: str
    roots: tuple[str, ...]
    equals: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The roots as `{namespace}name`."""
        return tuple(name if "{" in name else UBL_ROOT.format(name) for name in self.roots)

    def takes(self, root: str, customization: str) -> bool:
        """Whether a document with this root (`{namespace}name`) and CustomizationID is one."""
        if not (self.equals or self.starts or self.contains):
            return False
        if root not in self.names():
            return False
        return (
            (not self.equals or customization in self.equals)
            and (not self.starts or customization.startswith(self.starts))
            and all(part in customization for part in self.contains)
        )


class RuleSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One release of a kind. `layers` come with the product, `official` names those of a pack."""

    kind: str
    release: str
    alias: str
    ids: dict[str, str]
    valid_from: date | None = None
    valid_to: date | None = None
    status: str = "regular"
    schema: str | None = None
    layers: tuple[Layer, ...] = ()
    official: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def id_for(self, local_name: str) -> str:
        """The identifier for a root, as in `eu.peppol.bis3:invoice:2026.5`."""
        return self.ids.get(local_name) or next(iter(self.ids.values()), self.alias)

    def phase(self, day: date) -> str:
        """`coming`, `in_force` or `expired`, by its own dates."""
        if self.valid_from is not None and day < self.valid_from:
            return "coming"
        return "expired" if self.valid_to is not None and day > self.valid_to else "in_force"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The rule set for a document."""

    rule_set: RuleSet
    notices: tuple[Notice, ...] = ()


class NoRuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """No rules apply: `customization_missing`, `customization_unknown` or `not_loaded`."""

    reason: str
    notice: Notice
    kind: str | None = None


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: tuple[SchemaFiles, ...]
    kind: tuple[Kind, ...]
    rule_set: tuple[RuleSet, ...] = msgspec.field(name="rule-set")


class Catalogue:
    """All kinds and rule sets that are known, loaded or not."""

    def __init__(
        self, *, schemas: Iterable[SchemaFiles], kinds: Iterable[Kind], rule_sets: Iterable[RuleSet]
    ) -> None:
        self.schemas = {schema.key: schema for schema in schemas}
        self.kinds = {kind.key: kind for kind in kinds}
        self.rule_sets = {rule_set.alias: rule_set for rule_set in rule_sets}

    def extended(self, rule_sets: Iterable[RuleSet]) -> Catalogue:
        """The same with further releases, as installed packs bring them."""
        return Catalogue(
            schemas=self.schemas.values(),
            kinds=self.kinds.values(),
            rule_sets=[*self.rule_sets.values(), *rule_sets],
        )

    def named(self, name: str) -> RuleSet:
        """By alias or identifier. Raises `UnknownRuleSetError`."""
        if name in self.rule_sets:
            return self.rule_sets[name]
        for rule_set in self.rule_sets.values():
            if name in rule_set.ids.values():
                return rule_set
        raise UnknownRuleSetError(
            f"there is no rule set {name!r}",
            advice="`peppol-gateway rules list` shows those that there are.",
        )

    def releases(self, kind: str) -> list[RuleSet]:
        """All releases of a kind, oldest first."""
        found = [one for one in self.rule_sets.values() if one.kind == kind]
        return sorted(found, key=lambda one: (one.valid_from or date.min, order_of(one.release)))


def order_of(release: str) -> tuple[int, ...]:
    """A release number as it sorts: 2026.11 is after 2026.5."""
    return tuple(int(part) for part in re.findall(r"\d+", release))


def read_catalogue(data: bytes) -> Catalogue:
    """The catalogue out of `rule-sets.toml`. Raises `msgspec.ValidationError`: a fault of ours."""
    tables = msgspec.toml.decode(data, type=_Tables)
    return Catalogue(schemas=tables.schema, kinds=tables.kind, rule_sets=tables.rule_set)


def choose(
    catalogue: Catalogue,
    *,
    root: str,
    customization: str | None,
    profile: str | None,
    at: datetime,
    loaded: Container[str],
) -> Choice | NoRuleSet:
    """The rule set for a document that is processed at a moment.

    `root` is `{namespace}name`, `loaded` holds the aliases that can be run here. Of several loaded
    releases the latest that is in force is taken. A release without a loaded successor stays in
    force whatever the date, and a coming one is taken where there is no other, both with a notice.
    """
    wanted = (customization or "").strip(_BLANK)
    if not wanted:
        return NoRuleSet(reason="customization_missing", notice=notices.CUSTOMIZATION_MISSING)
    kind = next((one for one in catalogue.kinds.values() if one.takes(root, wanted)), None)
    if kind is None:
        notice = notices.customization_unknown(root.rpartition("}")[2], wanted)
        return NoRuleSet(reason="customization_unknown", notice=notice)
    releases = [one for one in catalogue.releases(kind.key) if one.alias in loaded]
    if not releases:
        notice = notices.not_loaded(kind.title)
        return NoRuleSet(reason="not_loaded", notice=notice, kind=kind.key)
    day = amsterdam_day(at)
    begun = [one for one in releases if one.phase(day) != "coming"]
    chosen = begun[-1] if begun else releases[0]
    said = _notices(kind, chosen, day, (profile or "").strip(_BLANK))
    return Choice(rule_set=chosen, notices=said)


def amsterdam_day(at: datetime) -> date:
    """The date in the Netherlands at a moment, without a time zone database.

    Summer time runs from 01:00 UTC on the last Sunday of March to that of October (directive
    2000/84/EC). Raises `ValueError` for a moment without a zone.
    """
    if at.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    moment = at.astimezone(UTC)
    summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    return (moment + timedelta(hours=2 if summer else 1)).date()


def _last_sunday(year: int, month: int) -> datetime:
    end = datetime(year, month, 31, 1, tzinfo=UTC)
    return end - timedelta(days=(end.weekday() + 1) % 7)


def _notices(kind: Kind, chosen: RuleSet, day: date, profile: str) -> tuple[Notice, ...]:
    found = []
    if chosen.phase(day) == "coming":
        found.append(notices.coming(chosen.alias, chosen.valid_from))
    if chosen.phase(day) == "expired":
        found.append(notices.expired(chosen.alias, chosen.valid_to))
    if kind.profiles and profile not in kind.profiles:
        found.append(notices.profile_unusual(kind.title, profile, kind.profiles[0]))
    return tuple(found)
