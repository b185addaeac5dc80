# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway rules list`: the rule sets, from when they apply, and who judges by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from gateway import ubl
from gateway.cli.rule_options import packs_options
from gateway.pool import Setup, build_library

_STATES = {"coming": "blue", "in force": "green", "past": "dim", "not here": "dim"}


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule set.")
@click.option("--all", "everything", is_flag=True, help="Also those that are not here.")
@packs_options
def list_rules(*, as_json: bool, everything: bool, packs: Path) -> None:
    """Show the rule sets: bundled and installed, past, in force and coming.

    One of each kind is in force. A release without a loaded successor stays in force, whatever its
    own last day.
    """
    library = build_library(Setup(packs=packs))
    at = datetime.now(UTC)
    rows = [_row(library, one) for one in ubl.list_rule_sets(library, at=at)]
    shown = [row for row in rows if everything or row["state"] != "not here"]
    if as_json:
        for row in shown:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table(box=None)
    table.add_column("alias", no_wrap=True)
    for name in ("state", "from", "judged by", "here are"):
        table.add_column(name, no_wrap=name != "here are")
    for row in shown:
        table.add_row(
            row["alias"],
            row["state"],
            row["valid_from"] or "",
            row["judges"] or "",
            ", ".join(_ways(row)),
            style=_STATES[row["state"]],
        )
    Console().print(table)
    for alias, pack in library.packs.items():
        if alias not in library.catalogue.rule_sets:
            Console().print(f"schemas: {alias}, {len(pack.checksums)} files", style="dim")


def _row(library: ubl.RuleLibrary, entry: ubl.RuleSetEntry) -> dict[str, Any]:
    pack = library.packs.get(entry.alias)
    schema_alone = not library.catalogue.rule_sets[entry.alias].official
    return {
        "alias": entry.alias,
        "ids": list(dict.fromkeys(entry.ids)),
        "kind": entry.kind,
        "title": entry.title,
        "release": entry.release,
        "state": _state(entry, is_here=entry.rules is not None or schema_alone),
        "valid_from": _iso(entry.valid_from),
        "valid_to": _iso(entry.valid_to),
        "bundled": entry.alias in library.loaded(ubl.BUNDLED),
        "official": pack is not None,
        "choice": library.choices.get(entry.kind),
        "judges": entry.rules,
        "checksums": entry.checksums,
        "source": pack.source if pack else None,
        "installed": _iso(pack.installed) if pack else None,
        "layers": [msgspec.to_builtins(one) for one in pack.checks] if pack else [],
    }


def _state(entry: ubl.RuleSetEntry, *, is_here: bool) -> str:
    if not is_here:
        return "not here"
    if entry.phase == "coming":
        return "coming"
    return "in force" if entry.in_force or entry.rules is None else "past"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _ways(row: dict[str, Any]) -> Iterator[str]:
    """In which ways a release is here, and the layers that only Saxon takes."""
    slow = [one["layer"] for one in row["layers"] if one["engine"] != ubl.FAST]
    if row["bundled"]:
        yield "bundled"
    if row["official"]:
        yield "official" + (f" ({', '.join(slow)}: Saxon)" if slow else "")
