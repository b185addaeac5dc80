# SPDX-License-Identifier: Apache-2.0
"""The table of figures in the README: `| what it is (`name`) | value |` below "## Figures"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "README.md"
HEADING = "## Figures"
_ROW = re.compile(r"\| *(?P<what>.+?) *\(`(?P<name>\w+)`\) *\| *(?P<value>[^|]+?) *\|")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure as the README has it."""

    what: str
    value: str


def figures(text: str | None = None) -> dict[str, Row]:
    """The rows by the name of the figure."""
    text = FILE.read_text(encoding="utf-8") if text is None else text
    section = text.partition(HEADING)[2].partition("\n## ")[0]
    return {
        row["name"]: Row(what=row["what"], value=row["value"]) for row in _ROW.finditer(section)
    }
