# SPDX-License-Identifier: Apache-2.0
"""The chain: which layers run, who decides, what is told. Layers here are made up."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import pytest

from gateway.pool import Folder, schemas_folder
from gateway.schematron import Failure, Verdict
from gateway.ubl import (
    BOTH,
    BUNDLED,
    FAST,
    OFFICIAL,
    SAXON,
    Document,
    LayerOutcome,
    Outcome,
    Policy,
    Report,
    RuleLibrary,
    RuleSet,
    UnknownRuleSetError,
    Validation,
    report_as_svrl,
)
from gateway.ubl.engines import CannotJudgeError, Judge
from gateway.ubl.texts import RuleText
from tests.unit.ubl.examples import BIS_INVOICE, INVOICE, changed

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BROKEN = changed(INVOICE, "<cbc:IssueDate>2026-11-20", "<cbc:IssueDate>20-11-2026")
ODD = changed(INVOICE, "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0", "urn:odd")
CLEAN = Verdict()
TOTALS = (14,)


def failing(rule: str, flag: str = "fatal", number: int = 1) -> Verdict:
    failure = Failure(rule=rule, flag=flag, test="cbc:PayableAmount = 1", path=TOTALS, text="said")
    return Verdict(failures=(failure,) * number)


@dataclass
class FakeJudge:
    layer: str
    engine: str
    verdict: Verdict | Exception
    checksum: str = "00"
    asked: int = 0

    def judge(self, document: Document) -> Verdict:
        self.asked += 1
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict


@dataclass
class Bench:
    """A validation whose rules are what a test says."""

    fast: Mapping[str, Verdict | Exception] = field(default_factory=lambda: {"cen": CLEAN})
    saxon: Mapping[str, Verdict] = field(default_factory=dict)
    bundled: Mapping[str, Verdict] | None = None
    policy: Policy = field(default_factory=lambda: Policy(shadow_share=0.0))

    def __post_init__(self) -> None:
        self.judges = {
            FAST: [FakeJudge(name, FAST, verdict) for name, verdict in self.fast.items()],
            SAXON: [FakeJudge(name, SAXON, self.saxon.get(name, CLEAN)) for name in self.fast],
        }
        own = self.bundled or {}
        self.own = [FakeJudge(name, FAST, verdict) for name, verdict in own.items()]
        self.rule_library = _Library(self)
        seconds = itertools.count()
        self.validation = Validation(
            self.rule_library, policy=self.policy, clock=lambda: next(seconds) / 1000
        )

    def judge(self, data: bytes = INVOICE, **options: str) -> Report:
        return self.validation.validate(data, at=NOW, **options)

    @property
    def asked(self) -> dict[str, int]:
        return {name: sum(one.asked for one in judges) for name, judges in self.judges.items()}


class _Library(RuleLibrary):
    """The real catalogue and schemas, with the bench's judges."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bundled=Folder(schemas_folder()))
        self._bench = bench

    def loaded(self, rules: str) -> frozenset[str]:
        return frozenset(self.catalogue.rule_sets)

    def layer_names(self, rule_set: RuleSet, rules: str) -> tuple[str, ...]:
        return tuple(self._bench.fast)

    def judges(self, rule_set: RuleSet, rules: str, engine: str) -> tuple[Judge, ...]:
        if rules == BUNDLED and self._bench.bundled is not None:
            return tuple(self._bench.own)
        return tuple(self._bench.judges[engine])

    def texts(self, rule_set: RuleSet) -> Mapping[str, RuleText]:
        return {"BR-X": RuleText(en="Wrong.", nl="Fout.", fix_en="Mend it.", fix_nl="Herstel het.")}


def outcomes(report: Report) -> dict[str, str]:
    return {layer.name: layer.outcome.value for layer in report.layers}


def test_a_clean_document_is_valid_and_saxon_is_not_asked() -> None:
    bench = Bench()
    report = bench.judge()
    assert report.outcome is Outcome.VALID
    assert (report.rule_set, report.alias) == (
        "org.simplerinvoicing:invoice:2.0.3-13",
        "nlcius-2.0.3.13",
    )
    assert outcomes(report) == {"xsd": "valid", "cen": "valid"}
    assert (report.engine, dict(report.checksums)) == ("fast", {"cen": "00"})
    assert bench.asked == {FAST: 1, SAXON: 0}
    assert report.milliseconds > 0


def test_warnings_are_told_and_do_not_block() -> None:
    bench = Bench(fast={"cen": failing("UBL-CR-001", "warning", 3)})
    report = bench.judge()
    assert (report.outcome, report.errors, report.warnings) == (Outcome.VALID, 0, 3)
    assert bench.asked[SAXON] == 0


@pytest.mark.parametrize("doubted", [failing("BR-X"), Verdict(error="XPTY0004")])
def test_nothing_is_rejected_before_saxon_says_so_too(doubted: Verdict) -> None:
    bench = Bench(fast={"cen": doubted}, saxon={"cen": CLEAN})
    report = bench.judge()
    assert (report.outcome, bench.asked) == (Outcome.VALID, {FAST: 1, SAXON: 1})
    (difference,) = report.differences
    assert (difference.layer, difference.first, difference.second) == ("cen", FAST, SAXON)


def test_both_engines_agree_on_a_rejection() -> None:
    report = Bench(fast={"cen": failing("BR-X")}, saxon={"cen": failing("BR-X")}).judge()
    assert (report.outcome, report.errors, report.differences) == (Outcome.INVALID, 1, ())
    (finding,) = report.findings
    assert (finding.message.nl, finding.message.en) == ("Fout.", "Wrong.")
    assert finding.location == "/Invoice/cac:LegalMonetaryTotal"
    assert (finding.line, finding.column) == (97, 3)
    assert [(value.path, value.text, value.line) for value in finding.values] == [
        ("cbc:PayableAmount", "587.53", 101)
    ]


def test_a_rule_without_a_text_of_ours_keeps_its_own() -> None:
    verdict = failing("PEPPOL-NEW")
    (finding,) = Bench(fast={"cen": verdict}, saxon={"cen": verdict}).judge().findings
    assert finding.message.en == finding.message.nl == "said"


def test_rules_that_cannot_end_reject_technically() -> None:
    error = Verdict(error="XPTY0004 two")
    report = Bench(fast={"cen": error, "nl": CLEAN}, saxon={"cen": error}).judge()
    assert outcomes(report) == {"xsd": "valid", "cen": "error", "nl": "valid"}
    assert (report.outcome, report.errors) == (Outcome.INVALID, 1)
    assert report.findings[0].rule_id == "RULES-NOT-FINISHED"
    assert "XPTY0004 two" in report.findings[0].message.nl


def test_the_engine_of_one_choice_is_not_questioned() -> None:
    bench = Bench(
        fast={"cen": failing("BR-X")}, policy=Policy(second_judge=False, shadow_share=1.0)
    )
    assert bench.judge().outcome is Outcome.INVALID
    assert bench.asked[SAXON] == 0


def test_acceptances_are_shadowed() -> None:
    bench = Bench(saxon={"cen": failing("BR-X")}, policy=Policy(shadow_share=1.0))
    report = bench.judge()
    assert (report.outcome, bench.asked[SAXON]) == (Outcome.INVALID, 1)
    assert report.differences[0].only_second == (("BR-X", "fatal"),)


def test_a_document_that_the_fast_engine_does_not_take_is_saxons() -> None:
    bench = Bench(fast={"cen": CannotJudgeError("deep")}, saxon={"cen": failing("W", "warning")})
    report = bench.judge()
    assert (report.warnings, report.engine, report.differences) == (1, SAXON, ())


def test_behind_a_failed_schema_no_rules_run() -> None:
    bench = Bench(fast={"cen": failing("BR-X")})
    report = bench.judge(BROKEN)
    assert outcomes(report) == {"xsd": "invalid", "cen": "skipped"}
    assert (report.outcome, report.errors, bench.asked[FAST]) == (Outcome.INVALID, 1, 0)
    assert (report.findings[0].rule_id, report.findings[0].line) == ("XSD", 8)


def test_all_layers_run_where_that_is_asked() -> None:
    bench = Bench(fast={"cen": failing("BR-X")}, policy=Policy(second_judge=False, all_layers=True))
    report = bench.judge(BROKEN)
    assert outcomes(report) == {"xsd": "invalid", "cen": "invalid"}
    assert (report.errors, len(report.findings)) == (2, 2)


def test_official_rules_decide_over_ours_and_a_difference_is_told() -> None:
    bench = Bench(
        fast={"nlcius": failing("A", "warning")},
        bundled={"cen": failing("A", "warning"), "nl": failing("B", "warning")},
        policy=Policy(rules=BOTH, shadow_share=0.0),
    )
    report = bench.judge()
    assert (report.rules, report.warnings, report.outcome) == (OFFICIAL, 1, Outcome.VALID)
    (difference,) = report.differences
    assert (difference.first, difference.only_first) == (OFFICIAL, ())
    assert (difference.second, difference.only_second) == (BUNDLED, (("B", "warning"),))


def test_without_rules_the_schema_is_looked_at_and_nothing_is_claimed() -> None:
    report = Bench().judge(ODD)
    assert (report.outcome, outcomes(report)) == (Outcome.NOT_JUDGED, {"xsd": "valid"})
    assert [notice.code for notice in report.notices] == ["customization_unknown"]
    wrong = changed(ODD, "<cbc:IssueDate>2026-11-20", "<cbc:IssueDate>20-11-2026")
    assert Bench().judge(wrong).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "empty"), (b"%PDF-1.4", "a PDF"), (b"<a>\n<b></a>", "well-formed")]
)
def test_what_is_no_xml_is_invalid_with_a_reason(data: bytes, words: str) -> None:
    report = Bench().judge(data)
    assert (report.outcome, report.errors) == (Outcome.INVALID, 1)
    assert words in report.findings[0].message.en
    assert report.layers[0].outcome is LayerOutcome.INVALID


def test_rules_named_by_the_caller() -> None:
    report = Bench().judge(ODD, rule_set="cen-ubl-1.3.16")
    assert report.alias == "cen-ubl-1.3.16"
    other = Bench().judge(INVOICE, rule_set="peppol-order-2026.5")
    assert other.outcome is Outcome.INVALID
    assert "not Order" in other.findings[0].message.en
    with pytest.raises(UnknownRuleSetError):
        Bench().judge(rule_set="nobody")


def test_another_encoding_is_judged_with_a_notice() -> None:
    text = INVOICE.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    report = Bench().judge(text.encode("latin-1"))
    assert (report.outcome, [one.code for one in report.notices]) == (Outcome.VALID, ["encoding"])


def test_bis_between_two_dutch_parties_gets_a_hint() -> None:
    dutch = changed(BIS_INVOICE, ">BE<", ">NL<", count=2)
    assert [one.code for one in Bench().judge(dutch).notices] == ["domestic_form"]
    assert Bench().judge(BIS_INVOICE).notices == ()
    assert Bench().judge(INVOICE).notices == ()


def test_of_very_many_findings_each_rule_is_told() -> None:
    many = Verdict(
        failures=failing("A", "warning", 900).failures + failing("B", "warning").failures
    )
    report = Bench(fast={"cen": many}).judge()
    assert (report.warnings, len(report.findings)) == (901, 500)
    assert {finding.rule_id for finding in report.findings} == {"A", "B"}


def test_a_report_survives_json() -> None:
    report = Bench(fast={"cen": failing("BR-X")}, saxon={"cen": failing("BR-X")}).judge()
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_svrl_holds_the_failures_of_all_layers() -> None:
    bench = Bench(fast={"cen": failing("A", "warning"), "nl": failing("B", "warning")})
    svrl = report_as_svrl(bench.validation.examine(INVOICE, at=NOW))
    assert svrl is not None
    assert svrl.count(b"failed-assert ") == 2
    assert b'id="B" flag="warning"' in svrl
    assert report_as_svrl(bench.validation.examine(b"", at=NOW)) is None


def test_the_shadow_share_follows_the_documents_digest() -> None:
    share = int.from_bytes(hashlib.sha256(INVOICE).digest()[:4]) / 2**32
    for limit, asked in ((share * 0.99, 0), (min(share * 1.01, 1.0), 1)):
        bench = Bench(policy=Policy(shadow_share=limit))
        bench.judge()
        assert bench.asked[SAXON] == asked
