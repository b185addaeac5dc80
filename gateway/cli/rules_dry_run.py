# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules dry-run`: what would fail from the day that coming rules apply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gateway import settings, ubl
from gateway.cli import stop
from gateway.cli.rule_options import packs_options
from gateway.cli.rules_install import read_day
from gateway.pool import Setup, build_library, engines_muted
from gateway.service.contents import plain_chunks
from gateway.store import Store

_ANY = click.Path(exists=True, path_type=Path)


@click.command("dry-run")
@click.argument("files", nargs=-1, type=_ANY)
@click.option(
    "--date",
    "day",
    metavar="YYYY-MM-DD",
    callback=read_day,
    help="Judge as on this day; default is the first of the next coming release.",
)
@click.option("--rule-set", metavar="ID", help="By this release instead.")
@click.option(
    "--sent-since",
    metavar="YYYY-MM-DD",
    callback=read_day,
    help="What was submitted since then, from the database of --config.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@packs_options
def dry_run(
    *,
    files: Sequence[Path],
    day: date | None,
    rule_set: str | None,
    sent_since: date | None,
    as_json: bool,
    packs: Path,
    config: Path | None,
) -> None:
    """Judge documents as today and as under coming rules, and report what would newly fail.

    FILES may be folders. Exit status 0: nothing newly fails. 1: something does. 2: nothing to do.
    """
    if bool(files) == (sent_since is not None):
        raise click.UsageError("Name files or folders, or say --sent-since.")
    if day is not None and rule_set is not None:
        raise click.UsageError("Choose --date or --rule-set.")
    library = build_library(Setup(packs=packs))
    trial = Trial(rule_library=library, now=datetime.now(UTC), rule_set=rule_set)
    if rule_set is None:
        trial.then = _moment(day or _next_day(library, trial.now))
    else:
        trial.kind = library.catalogue.named(rule_set).kind
    with engines_muted():
        asyncio.run(_judge(trial, files, sent_since, config))
    click.echo(json.dumps(trial.as_json())) if as_json else trial.show(Console())
    if not trial.judged:
        stop(2)
    if trial.newly_failing:
        stop(1)


@dataclass(slots=True, kw_only=True)
class Trial:
    """Both verdicts on each document, and what is counted of them."""

    rule_library: ubl.RuleLibrary
    now: datetime
    then: datetime | None = None
    rule_set: str | None = None
    kind: str | None = None
    judged: int = 0
    unchanged: int = 0
    newly_failing: list[str] = field(default_factory=list)
    by_rule: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    _validation: ubl.Validation | None = None

    def judge(self, name: str, data: bytes) -> None:
        """Judge one document twice."""
        if self._validation is None:
            policy = ubl.Policy(rules=ubl.CHOSEN, shadow_share=0.0)
            self._validation = ubl.Validation(self.rule_library, policy=policy)
        today = self._validation.validate(data, at=self.now)
        alias = self.rule_library.catalogue.rule_sets.get(today.alias or "")
        if alias is None or self.kind not in (None, alias.kind):
            self.unchanged += 1  # no rules judge it, or none of those that are asked about
            return
        later = self._validation.validate(data, at=self.then or self.now, rule_set=self.rule_set)
        self.judged += 1
        if later.alias:
            self.aliases.add(later.alias)
        known = {one.rule_id for one in today.findings if one.severity is ubl.Severity.FATAL}
        if later.outcome is not ubl.Outcome.INVALID or today.outcome is ubl.Outcome.INVALID:
            return
        self.newly_failing.append(name)
        for one in later.findings:
            if one.severity is ubl.Severity.FATAL and one.rule_id not in known:
                names = self.by_rule.setdefault((later.alias or "", one.rule_id), [])
                if name not in names:
                    names.append(name)
                self.texts.setdefault(one.rule_id, one.message.en)

    def as_json(self) -> dict[str, Any]:
        """The result for machines."""
        return {
            "judged": self.judged,
            "without_rules": self.unchanged,
            "rule_sets": sorted(self.aliases),
            "newly_failing": self.newly_failing,
            "by_rule": [
                {"rule_set": alias, "rule_id": rule, "text": self.texts[rule], "documents": names}
                for (alias, rule), names in self.by_rule.items()
            ],
        }

    def show(self, console: Console) -> None:
        """The result for people."""
        when = f"on {ubl.amsterdam_day(self.then)}" if self.then else "by the release named"
        console.print(
            f"{self.judged} documents judged as today and {when}"
            f" ({', '.join(sorted(self.aliases)) or 'no rules'}); {self.unchanged} without rules",
            highlight=False,
        )
        if not self.newly_failing:
            console.print("Nothing would newly fail.", style="green")
            return
        console.print(f"{len(self.newly_failing)} would newly fail:", style="red")
        table = Table("rule", "documents", "the first", "says", box=None)
        for (_, rule), names in sorted(self.by_rule.items(), key=lambda one: -len(one[1])):
            table.add_row(rule, str(len(names)), names[0], self.texts[rule])
        console.print(table)


async def _judge(
    trial: Trial, files: Sequence[Path], since: date | None, config: Path | None
) -> None:
    if since is None:
        for path in _documents(files):
            trial.judge(str(path), path.read_bytes())
        return
    if config is None:
        raise click.UsageError("--sent-since needs --config: the database is named there.")
    loaded = settings.load(config)
    store = Store.open(
        loaded.url(loaded.store.database), payload_folder=loaded.path(loaded.store.payloads)
    )
    try:
        async for name, data in _sent(store, _moment(since)):
            trial.judge(name, data)
    finally:
        await store.close()


async def _sent(store: Store, since: datetime) -> AsyncIterator[tuple[str, bytes]]:
    async for name in store.judged.sent_since(since):
        document = await store.documents.get(name, organisation=None)
        if document is not None:
            yield name, b"".join(plain_chunks(store.payloads, document.content))


def _documents(files: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        found += sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    return found


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)  # noon here is the same day in Amsterdam


def _next_day(library: ubl.RuleLibrary, now: datetime) -> date:
    """The first day of the next release that is here and not in force yet."""
    today = ubl.amsterdam_day(now)
    days = [
        one.valid_from
        for one in library.catalogue.rule_sets.values()
        if one.alias in library.loaded(ubl.CHOSEN) and one.valid_from and one.valid_from > today
    ]
    if not days:
        raise click.UsageError("No coming release is here; say --date or --rule-set.")
    return min(days)
