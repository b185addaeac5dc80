# SPDX-License-Identifier: Apache-2.0
"""One document on its way through the layers, and what is gathered there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from gateway.schematron import Verdict
from gateway.ubl import findings, notices
from gateway.ubl.choices import BOTH, BUNDLED, OFFICIAL
from gateway.ubl.comparing import blocks, compare, is_shadowed, joined
from gateway.ubl.documents import Document
from gateway.ubl.engines import FAST, SAXON, CannotJudgeError, Judge
from gateway.ubl.notices import Notice
from gateway.ubl.report import (
    Difference,
    LayerOutcome,
    LayerResult,
    Outcome,
    Report,
    Severity,
    severity_of,
)
from gateway.ubl.rule_library import RuleLibrary
from gateway.ubl.rulesets import RuleSet
from gateway.ubl.xpaths import Locator
from gateway.ubl.xsd import no_such_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How documents are judged here.

    `rules`: bundled, official, or both, where official ones decide and a difference is reported.
    `second_judge`: Saxon judges again before a rejection. `shadow_share`: the share (0 to 1) of
    accepted documents that Saxon judges, too, chosen by their digest. `all_layers`: run the rules
    on documents that their schema refuses.
    """

    rules: str = BUNDLED
    engine: str = FAST
    second_judge: bool = True
    shadow_share: float = 0.01
    all_layers: bool = False


@dataclass(slots=True, kw_only=True)
class Examination:
    """All that became known of one document, trees included; `report` is what leaves the room."""

    report: Report
    document: Document | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    schema_valid: bool | None = None


@dataclass(slots=True, kw_only=True)
class Run:
    """The steps, in the order in which `validation.py` calls them."""

    rule_library: RuleLibrary
    policy: Policy
    clock: Callable[[], float]
    document: Document
    notices: list[Notice] = field(default_factory=list)
    schema_valid: bool | None = None
    _results: list[LayerResult] = field(default_factory=list)
    _found: list[findings.Found] = field(default_factory=list)
    _differences: list[Difference] = field(default_factory=list)
    _verdicts: dict[str, Verdict] = field(default_factory=dict)
    _located: Locator | None = None

    def schema(self, rule_set: RuleSet) -> None:
        """The schema layer; a rule set without one has none."""
        if rule_set.schema is None:
            return
        start = self.clock()
        schema = self.rule_library.schema(rule_set, self.document.name, self._rules)
        expected = self.rule_library.expects(rule_set, self.document.name)
        # Rules for other documents match nothing in this one, which must not look like "valid".
        if schema is not None and (expected or self.policy.all_layers):
            faults = schema.judge(self.document.root)
        elif expected:
            self.notices.append(notices.NO_SCHEMA)
            self._add(findings.XSD_LAYER, LayerOutcome.SKIPPED, engine="", start=start)
            return
        else:
            faults = (no_such_root(self.document.name, tuple(rule_set.ids)),)
        self.schema_valid = not faults
        outcome = LayerOutcome.INVALID if faults else LayerOutcome.VALID
        engine = "xmlschema" if faults else "libxml2"
        self._add(findings.XSD_LAYER, outcome, engine=engine, start=start)
        if faults:
            self._found += findings.of_schema(faults, self._locator())

    def layers(self, rule_set: RuleSet) -> None:
        """All layers of rules, whatever the ones before say."""
        for number, judge in enumerate(self._judges(rule_set, self._rules)):
            start = self.clock()
            verdict, engine = self._judge(rule_set, number)
            self._verdicts[judge.layer] = verdict
            self._add(
                judge.layer,
                _outcome(verdict),
                engine=engine,
                start=start,
                judge=judge,
                verdict=verdict,
            )
            if verdict.failures or verdict.error is not None:
                texts = self.rule_library.texts(rule_set)
                self._found += findings.of_verdict(judge.layer, verdict, self._locator(), texts)
        if self.policy.rules == BOTH:
            judges = self._judges(rule_set, BUNDLED)
            own = [self._first(rule_set, BUNDLED, number)[0] for number in range(len(judges))]
            self._note(compare("*", (OFFICIAL, self._verdicts.values()), (BUNDLED, own)))

    def skip(self, rule_set: RuleSet) -> None:
        """Layers behind a failed schema are not run, and that is told."""
        for name in self.rule_library.layer_names(rule_set, self._rules):
            self._add(name, LayerOutcome.SKIPPED, engine="", start=self.clock())

    def end(self, rule_set: RuleSet | None) -> Examination:
        """The report, under the name of its rule set if there is one."""
        report = self._counted(Report(outcome=self._ended(rule_set), rules=self._rules))
        if rule_set is not None:
            report = msgspec.structs.replace(
                report,
                rule_set=rule_set.id_for(self.document.local_name),
                alias=rule_set.alias,
                title=self.rule_library.catalogue.kinds[rule_set.kind].title,
                release=rule_set.release,
                engine=joined(one.engine for one in self._results if one.name in self._verdicts),
            )
        self.rule_library.clear()
        return Examination(
            report=report,
            document=self.document,
            verdicts=self._verdicts,
            schema_valid=self.schema_valid,
        )

    @property
    def _rules(self) -> str:
        """Whose rules decide."""
        return OFFICIAL if self.policy.rules == BOTH else self.policy.rules

    def _judges(self, rule_set: RuleSet, rules: str) -> tuple[Judge, ...]:
        return self.rule_library.judges(rule_set, rules, self.policy.engine)

    def _judge(self, rule_set: RuleSet, number: int) -> tuple[Verdict, str]:
        """A layer's verdict, and the engine that gave it.

        Nothing that blocks is believed before Saxon says the same; of the rest a share is looked
        at twice. Where both looked, Saxon decides.
        """
        verdict, engine = self._first(rule_set, self._rules, number)
        if engine == SAXON or not self._is_doubted(verdict):
            return verdict, engine
        second = self.rule_library.judges(rule_set, self._rules, SAXON)[number]
        decided = second.judge(self.document)
        self._note(compare(second.layer, (engine, [verdict]), (SAXON, [decided])))
        return decided, f"{engine}+{SAXON}"

    def _first(self, rule_set: RuleSet, rules: str, number: int) -> tuple[Verdict, str]:
        """The verdict of the engine that comes first, for a document that it takes."""
        judge = self._judges(rule_set, rules)[number]
        try:
            return judge.judge(self.document), judge.engine
        except CannotJudgeError:
            judge = self.rule_library.judges(rule_set, rules, SAXON)[number]
            return judge.judge(self.document), judge.engine

    def _is_doubted(self, verdict: Verdict) -> bool:
        if not self.policy.second_judge:
            return False
        if blocks(verdict):
            return True
        share = self.policy.shadow_share
        return share > 0 and is_shadowed(self.document.digest(), share)

    def _note(self, difference: Difference | None) -> None:
        if difference is not None:
            self._differences.append(difference)

    def _locator(self) -> Locator:
        if self._located is None:
            self._located = Locator(self.document.root)
        return self._located

    def _add(
        self,
        name: str,
        outcome: LayerOutcome,
        *,
        engine: str,
        start: float,
        judge: Judge | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        counts = verdict.counts() if verdict is not None else {}
        self._results.append(
            LayerResult(
                name=name,
                outcome=outcome,
                engine=engine,
                milliseconds=(self.clock() - start) * 1000,
                counts=tuple((rule, flag, n) for (rule, flag), n in sorted(counts.items())),
                error=verdict.error if verdict is not None else None,
                checksum=judge.checksum if judge is not None else None,
            )
        )

    def _ended(self, rule_set: RuleSet | None) -> Outcome:
        if any(one.finding.severity is Severity.FATAL for one in self._found):
            return Outcome.INVALID
        no_schema = rule_set is not None and rule_set.schema and self.schema_valid is None
        return Outcome.NOT_JUDGED if rule_set is None or no_schema else Outcome.VALID

    def _counted(self, report: Report) -> Report:
        counts = [count for one in self._results for count in one.counts]
        schema = sum(1 for one in self._found if one.finding.layer == findings.XSD_LAYER)
        broken = sum(1 for one in self._results if one.outcome is LayerOutcome.ERROR)
        fatal = sum(n for _, flag, n in counts if severity_of(flag) is Severity.FATAL)
        return msgspec.structs.replace(
            report,
            errors=schema + broken + fatal,
            warnings=sum(n for *_, n in counts) - fatal,
            findings=findings.placed(self._found, self.document),
            layers=tuple(self._results),
            notices=tuple(self.notices),
            differences=tuple(self._differences),
        )


def _outcome(verdict: Verdict) -> LayerOutcome:
    if verdict.error is not None:
        return LayerOutcome.ERROR
    return LayerOutcome.INVALID if blocks(verdict) else LayerOutcome.VALID
