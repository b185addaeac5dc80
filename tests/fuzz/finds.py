# SPDX-License-Identifier: Apache-2.0
"""What the fuzzer found: counted, written down once for each difference, and told at the end."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.court import Difference
from tests.fuzz.worker import INVALID, VALID, Find, Outcome

_SLUG = str.maketrans({" ": "-", "/": "-", "'": "", ":": ""})


@dataclass(slots=True)
class Ledger:
    """The sums over all tasks; finds go to `folder` as they come."""

    folder: Path
    documents: Counter[str] = field(default_factory=Counter)
    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    fired: int = 0
    errors: int = 0
    finds: Counter[tuple[str, Difference]] = field(default_factory=Counter)
    by_alias: Counter[str] = field(default_factory=Counter)

    def add(self, alias: str, outcome: Outcome) -> None:
        self.documents += outcome.documents
        self.compared += outcome.compared
        self.fired += outcome.fired
        self.errors += outcome.errors
        self.by_alias[alias] += outcome.documents.total()
        for find in outcome.finds:
            key = (find.schema, find.difference)
            self.finds[key] += 1
            if find.document is not None:
                self._write(find, find.document)

    def _write(self, find: Find, document: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        said = find.difference
        kind = "valid" if find.schema == VALID else "invalid"
        text = "-".join((kind, said.who, said.layer, said.what)).translate(_SLUG)
        name = f"{text[:80]}-{hashlib.sha256(document).hexdigest()[:8]}"
        (self.folder / f"{name}.xml").write_bytes(document)
        lines = (
            f"rule set: {find.alias}",
            f"layer: {said.layer or 'all'}",
            f"schema: {find.schema}",
            f"{said.who} says: {said.what}",
            f"{said.other} does not",
            f"changed: {find.mutation}",
        )
        (self.folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def line(self) -> str:
        """One line of progress."""
        valid, invalid = self.documents[VALID], self.documents[INVALID]
        told = f"{valid} schema-valid, {invalid} not, {self.fired} failures, {self.errors} errors"
        return f"{told}, {len(self.finds)} differences"

    def report(self) -> str:
        """What is told at the end."""
        lines = [f"documents: {self.line()}", ""]
        for (pair, schema), number in sorted(self.compared.items()):
            differ = sum(
                n
                for (kind, said), n in self.finds.items()
                if kind == schema and _pair(said) == pair
            )
            lines.append(f"{pair:18} {schema:17} {number:8} compared {differ:6} differences")
        lines.append("")
        lines += [
            f"{alias:36} {number:7} documents" for alias, number in sorted(self.by_alias.items())
        ]
        lines.append("")
        for (schema, said), number in sorted(self.finds.items()):
            where = f" in {said.layer}" if said.layer else ""
            lines.append(f"{number:5} x {schema}: {said.who} alone says {said.what}{where}")
        return "\n".join(lines)

    @property
    def found(self) -> bool:
        """Whether anything differs on documents that their schema takes."""
        return any(schema == VALID for schema, _ in self.finds)


def _pair(said: Difference) -> str:
    if said.layer == "xsd":
        return "schemas"
    first, second = said.who.partition(" ")[0], said.other.partition(" ")[0]
    return f"engines {first}" if first == second else "rules"
