# SPDX-License-Identifier: Apache-2.0
"""The documents that are changed, and the ones that lend their parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.official_packs import manifest

_ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = _ROOT / "examples"
RULES = _ROOT.parent / "shared" / "rules"

_OWN = {
    "bis3-invoice": "peppol-billing-2026.5",
    "bis3-credit-note": "peppol-billing-2026.5",
    "si-ubl-invoice": "nlcius-2.0.3.13",
    "si-ubl-credit-note": "nlcius-2.0.3.13",
    "warning-only": "peppol-billing-2026.5",
}
_LOOSE = {"nlcius-2.0.3.13", "peppol-billing-2026.5", "cen-ubl-1.3.16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A document, and the rule set that judges what is made of it."""

    name: str
    alias: str
    file: Path


def bases(only: Sequence[str] = ()) -> list[Base]:
    """Whole documents that their schema takes; where a rule set has none, its other ones.

    They come from the corpus, without it from the examples of the product.
    """
    found = list(_corpus()) if RULES.is_dir() else list(_examples())
    return [base for base in found if not only or base.alias in only]


def donors(only: Sequence[str] = ()) -> list[Path]:
    """Files whose parts may stand in for others, snippets included."""
    if not RULES.is_dir():
        return sorted(EXAMPLES.glob("*.xml"))
    lines = [line for line in manifest(RULES) if not only or line["ruleset"] in only]
    return [RULES / "corpus" / line["file"] for line in lines if line["kind"] != "mutant"]


def _corpus() -> Iterator[Base]:
    by_alias: dict[str, tuple[list[Base], list[Base]]] = {}
    for line in manifest(RULES):
        official = line["official"]
        if not official["layers"] or line["kind"] == "mutant":
            continue
        base = Base(name=line["case"], alias=line["ruleset"], file=RULES / "corpus" / line["file"])
        valid, rest = by_alias.setdefault(base.alias, ([], []))
        (valid if official["xsd"] and official["xsd"]["valid"] else rest).append(base)
    for valid, rest in by_alias.values():
        yield from valid or rest


def _examples() -> Iterator[Base]:
    for name, alias in _OWN.items():
        yield Base(name=name, alias=alias, file=EXAMPLES / f"{name}.xml")
        if alias in _LOOSE:
            yield Base(name=name, alias="cen-ubl-1.3.16", file=EXAMPLES / f"{name}.xml")
