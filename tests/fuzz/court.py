# SPDX-License-Identifier: Apache-2.0
"""All judges of one process, and what they disagree on about a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from gateway import ubl
from gateway.pool import Folder, schemas_folder
from gateway.schematron.errors import EngineError
from gateway.schematron.verdict import Verdict
from gateway.ubl.documents import read_document
from gateway.ubl.engines import CannotJudgeError, Judge, SaxonJudge

Voice = tuple[str, str]
BUNDLED_FAST: Voice = (ubl.BUNDLED, ubl.FAST)
BUNDLED_SAXON: Voice = (ubl.BUNDLED, ubl.SAXON)
OFFICIAL_FAST: Voice = (ubl.OFFICIAL, ubl.FAST)
OFFICIAL_SAXON: Voice = (ubl.OFFICIAL, ubl.SAXON)

ENGINES, RULES, SCHEMAS = "engines", "rules", "schemas"
NO_VERDICT = "no verdict"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that `who` says and `other` does not: a (rule, flag), an error, a schema verdict.

    `layer` is empty where whole chains are compared.
    """

    who: str
    other: str
    layer: str
    what: str


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What became of one document: `compared` counts layers by the pair of judges."""

    schema_valid: bool | None
    differences: frozenset[Difference]
    compared: Counter[str]
    fired: int
    errors: int


class Court:
    """Compares official rules on both engines, bundled ones on both, and the two with each other.

    `packs` is the folder of official packs; without it only bundled rules are heard. `pairs`
    chooses among `engines-official`, `engines-bundled`, `rules` and `schemas`.
    """

    def __init__(self, *, packs: Path | None, pairs: Sequence[str]) -> None:
        # Without kept translations: what is compared is the translator of this checkout.
        self.library = ubl.RuleLibrary(
            bundled=Folder(schemas_folder()), packs=Folder(packs) if packs else None
        )
        self._packs = packs
        self._pairs = pairs

    def judge(self, alias: str, data: bytes) -> Judgement:
        """Raises `MalformedXMLError`."""
        rule_set = self.library.catalogue.named(alias)
        document = read_document(data)
        judgement = Judgement(
            schema_valid=self._schema_valid(rule_set, document),
            differences=frozenset(),
            compared=Counter(),
            fired=0,
            errors=0,
        )
        found = set(self._schemas(rule_set, document, judgement))
        heard = self._heard(rule_set, document)
        for first, second in ((OFFICIAL_FAST, OFFICIAL_SAXON), (BUNDLED_FAST, BUNDLED_SAXON)):
            if first in heard:
                found |= set(_engines(first, second, heard, judgement))
        if OFFICIAL_SAXON in heard and BUNDLED_SAXON in heard:
            found |= set(_rules(heard, judgement))
        self.library.clear()
        judgement.differences = frozenset(found)
        return judgement

    def verdicts(self, alias: str, data: bytes, voice: Voice) -> dict[str, Verdict]:
        """What one judge says, by layer."""
        rule_set = self.library.catalogue.named(alias)
        found = self._verdicts(rule_set, read_document(data), voice, {})
        self.library.clear()
        return found

    def _schema_valid(self, rule_set: ubl.RuleSet, document: ubl.Document) -> bool | None:
        rules = ubl.OFFICIAL if self._packs else ubl.BUNDLED
        schema = self.library.schema(rule_set, document.name, rules)
        if schema is None:
            return None
        valid: bool = schema._libxml2.validate(document.root)
        return valid

    def believes(self, alias: str, data: bytes) -> bool | None:
        """Whether a document is valid, for one that libxml2 refused: xmlschema is asked, too."""
        rule_set, document = self.library.catalogue.named(alias), read_document(data)
        rules = ubl.OFFICIAL if self._packs else ubl.BUNDLED
        schema = self.library.schema(rule_set, document.name, rules)
        return None if schema is None else not schema.judge(document.root)

    def _schemas(
        self, rule_set: ubl.RuleSet, document: ubl.Document, judgement: Judgement
    ) -> Iterator[Difference]:
        if self._packs is None or SCHEMAS not in self._pairs:
            return
        ours = self.library.schema(rule_set, document.name, ubl.BUNDLED)
        theirs = self.library.schema(rule_set, document.name, ubl.OFFICIAL)
        if ours is None or theirs is None:
            return
        judgement.compared[SCHEMAS] += 1
        said = ours._libxml2.validate(document.root)
        if said != judgement.schema_valid:
            yield Difference("our schema", "the official one", "xsd", "valid" if said else "not")

    def _heard(
        self, rule_set: ubl.RuleSet, document: ubl.Document
    ) -> dict[Voice, dict[str, Verdict]]:
        wanted: set[Voice] = set()
        if "engines-official" in self._pairs:
            wanted |= {OFFICIAL_FAST, OFFICIAL_SAXON}
        if "engines-bundled" in self._pairs:
            wanted |= {BUNDLED_FAST, BUNDLED_SAXON}
        if RULES in self._pairs:
            wanted |= {OFFICIAL_SAXON, BUNDLED_SAXON}
        heard: dict[Voice, dict[str, Verdict]] = {}
        for voice in sorted(wanted):  # the fast engine first
            if rule_set.alias in self.library.loaded(voice[0]):
                before = heard.get((voice[0], ubl.FAST), {})
                heard[voice] = self._verdicts(rule_set, document, voice, before)
        return heard

    def _verdicts(
        self,
        rule_set: ubl.RuleSet,
        document: ubl.Document,
        voice: Voice,
        before: Mapping[str, Verdict],
    ) -> dict[str, Verdict]:
        """By layer; a layer that the fast engine does not take is left out."""
        found = {}
        for judge in self.library.judges(rule_set, *voice):
            if judge.engine != voice[1]:
                continue
            try:
                found[judge.layer] = _ask(judge, document, before.get(judge.layer))
            except CannotJudgeError:
                continue
            except (AssertionError, ArithmeticError, LookupError, TypeError) as crash:
                found[judge.layer] = Verdict(error=f"crash: {crash!r}")
            except (ValueError, AttributeError, RecursionError) as crash:
                found[judge.layer] = Verdict(error=f"crash: {crash!r}")
        return found


def _ask(judge: Judge, document: ubl.Document, before: Verdict | None) -> Verdict:
    """A verdict; where both engines end in an error, Saxon need not compile again to be sure."""
    if before is None or before.error is None or not isinstance(judge, SaxonJudge):
        return judge.judge(document)
    if judge._compiled is None:
        return judge.judge(document)
    try:
        judge._compiled._run(judge._desk.parsed(document))
    except EngineError as error:
        return Verdict(error=error.detail)
    return judge.judge(document)


def _engines(
    first: Voice, second: Voice, heard: dict[Voice, dict[str, Verdict]], judgement: Judgement
) -> Iterator[Difference]:
    """One schema on both engines: every layer, and how often each assertion failed."""
    for layer, one in heard[first].items():
        other = heard[second].get(layer)
        if other is None:
            continue
        judgement.compared[f"{ENGINES} {first[0]}"] += 1
        judgement.fired += len(other.failures)
        judgement.errors += other.error is not None
        yield from _apart(first, second, layer, (_said(one), _said(other)))


def _rules(heard: dict[Voice, dict[str, Verdict]], judgement: Judgement) -> Iterator[Difference]:
    """Bundled rules beside the official ones: the union of the layers, an error being one of it."""
    judgement.compared[RULES] += 1
    pair = []
    for voice in (BUNDLED_SAXON, OFFICIAL_SAXON):
        found = failed(heard[voice])
        pair.append({NO_VERDICT} if found is None else {" ".join(each) for each in found})
    yield from _apart(BUNDLED_SAXON, OFFICIAL_SAXON, "", (pair[0], pair[1]))


def failed(verdicts: Mapping[str, Verdict]) -> set[tuple[str, str]] | None:
    """The (rule, flag) of all layers together; None where one has no verdict."""
    if any(verdict.error is not None for verdict in verdicts.values()):
        return None
    return {pair for verdict in verdicts.values() for pair in verdict.failed}


def _said(verdict: Verdict) -> set[str]:
    if verdict.error is not None:
        crash = verdict.error.startswith("crash:")
        return {verdict.error.partition("(")[0] if crash else NO_VERDICT}
    return {f"{rule} {flag} {number}" for (rule, flag), number in verdict.counts().items()}


def _apart(
    first: Voice, second: Voice, layer: str, said: tuple[set[str], set[str]]
) -> Iterator[Difference]:
    one, other = " ".join(first), " ".join(second)
    left, right = said
    # Where one has no verdict, what the other found is no difference of its own.
    for errors in (left, right):
        broken = [what for what in errors if what == NO_VERDICT or what.startswith("crash")]
        if broken and left != right:
            names = (one, other) if errors is left else (other, one)
            yield Difference(*names, layer, broken[0])
            return
    yield from (Difference(one, other, layer, what) for what in left - right)
    yield from (Difference(other, one, layer, what) for what in right - left)


def parsed(data: bytes) -> etree._Element:
    """A tree to change."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
