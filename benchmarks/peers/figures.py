# SPDX-License-Identifier: Apache-2.0
"""The samples of a comparison: medians, ratios, their stable names, and the table of them.

A figure is `peers_STEM_UNIT` for us and `peers_STEM_WHO_UNIT` for another; `peers_STEM_WHO_x` is
the ratio of their CPU to ours, `peers_STEM_WHO_UNIT_x` that of another unit. A ratio above 1 is in
our favour, whatever the unit.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping

from rich.table import Table

US = "ours"
MORE_IS_BETTER = frozenset({"per_second"})
CPU = frozenset({"cpu_ms", "cpu_s"})
# Stems of ours alone, and with whose values of another stem they are compared.
COMPARED = {"in_checked": "in", "out_engine": "out", "smp_first": "smp"}


class Figures:
    """Samples by stem, unit and whose they are."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, str], dict[str, list[float]]] = {}

    def add(self, stem: str, who: str, values: Mapping[str, float]) -> None:
        """One sample of each unit."""
        for unit, value in values.items():
            samples = self._samples.setdefault((stem, unit), {})
            samples.setdefault(who, []).append(value)

    def medians(self) -> Iterator[tuple[str, str, dict[str, float]]]:
        """Stem, unit and the median of everybody who was measured."""
        for (stem, unit), samples in self._samples.items():
            yield stem, unit, {who: statistics.median(taken) for who, taken in samples.items()}

    def as_dict(self) -> dict[str, float]:
        """Everything by its name."""
        named: dict[str, float] = {}
        for stem, unit, medians in self.medians():
            for who, value in medians.items():
                whose = "" if who == US else f"_{who}"
                named[f"peers_{stem}{whose}_{unit}"] = _rounded(value)
            for who, ratio in self.ratios(stem, unit).items():
                kind = "x" if unit in CPU else f"{unit}_x"
                named[f"peers_{stem}_{who}_{kind}"] = _rounded(ratio)
        return named

    def ratios(self, stem: str, unit: str) -> dict[str, float]:
        """How many times better than the others we are, by whom; none where we did not run."""
        ours = self._samples[(stem, unit)].get(US)
        others = self._samples.get((COMPARED.get(stem, stem), unit), {})
        if not ours:
            return {}
        mine = statistics.median(ours)
        found = {}
        for who, taken in others.items():
            theirs = statistics.median(taken)
            above, below = (mine, theirs) if unit in MORE_IS_BETTER else (theirs, mine)
            if who != US and below:
                found[who] = above / below
        return found

    def table(self, title: str) -> Table:
        """Ours, theirs and the ratios."""
        table = Table(title=title, title_justify="left")
        for name in ("figure", US, "theirs", "in our favour above 1"):
            table.add_column(name, justify="left" if name == "figure" else "right")
        for stem, unit, medians in self.medians():
            ours = f"{_rounded(medians[US]):g}" if US in medians else ""
            ratios = self.ratios(stem, unit)
            others = [who for who in {**medians, **ratios} if who != US]
            theirs = [f"{who} {_rounded(medians[who]):g}" for who in others if who in medians]
            favour = [f"{who} {_rounded(ratios[who]):g}" for who in others if who in ratios]
            table.add_row(f"{stem}_{unit}", ours, "\n".join(theirs), "\n".join(favour))
        return table


def _rounded(value: float) -> float:
    return float(f"{value:.3g}") if abs(value) < 1000 else float(round(value))
