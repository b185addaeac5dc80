# SPDX-License-Identifier: Apache-2.0
"""The table of figures in the README can be read, and names figures that are measured."""

from __future__ import annotations

from benchmarks import readme

TEXT = """
## Figures

| what | measured |
|---|---|
| Sending, in R (`outbound_r`) | 2.0 (aim 2.2) |
| A row without a name | 7 |

## Next

| Not here (`inbound_r`) | 5 |
"""


def test_rows_are_found_by_name() -> None:
    rows = readme.figures(TEXT)
    assert set(rows) == {"outbound_r"}
    assert rows["outbound_r"] == readme.Row(what="Sending, in R", value="2.0 (aim 2.2)")
