# SPDX-License-Identifier: Apache-2.0
"""Words for UBL elements in English and Dutch, out of a table."""

from __future__ import annotations

import re
from pathlib import Path

from generators.tables import rows


class Words:
    """The words of a table with the columns `name`, `nl` and `en`."""

    def __init__(self, table: Path) -> None:
        self._known = {row["name"]: row for row in rows(table)}

    def of(self, step: str) -> tuple[str, str]:
        """The English and the Dutch words for one step of a path, such as `cbc:IssueTime`.

        Raises KeyError when the table lacks the name.
        """
        name = step.partition(":")[2] or step
        row = self._known[name]
        return row["en"] or _split(name), row["nl"]

    def of_place(self, path: str) -> tuple[str, str]:
        """The elements around something, outermost first, between brackets; or nothing."""
        steps = [self.of(step) for step in path.split("/") if step]
        steps = [step for step in steps if step[1] != "-"]
        if not steps:
            return "", ""
        english, dutch = (", ".join(words) for words in zip(*steps, strict=True))
        return f" ({english})", f" ({dutch})"


def _split(name: str) -> str:
    """`CopyIndicator` as "copy indicator"."""
    return " ".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*", name)).lower()
