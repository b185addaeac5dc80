# SPDX-License-Identifier: Apache-2.0
"""Judges one business document: parse, choose the rules, schema, layers of rules, report.

Two engines, one verdict: what the fast engine finds clean is accepted, and Saxon judges again
whatever it would reject, so that a mistake of our compiler never rejects a good document. Where two
judges disagree the report says so; whoever runs this raises the alarm.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from gateway.safexml import MalformedXMLError
from gateway.ubl import findings, notices
from gateway.ubl.choices import BUNDLED, OFFICIAL
from gateway.ubl.documents import CAC, CBC, Document, read_document
from gateway.ubl.notices import Notice
from gateway.ubl.report import LayerOutcome, LayerResult, Outcome, Report
from gateway.ubl.rule_library import RuleLibrary
from gateway.ubl.rulesets import NoRuleSet, RuleSet, choose
from gateway.ubl.running import Examination, Policy, Run

_SCHEMA_ONLY = "ubl-2.1-xsd"
_BIS = "peppol-billing"
_PARTIES = ("AccountingSupplierParty", "AccountingCustomerParty")
_COUNTRY = f"{CAC}Party/{CAC}PostalAddress/{CAC}Country/{CBC}IdentificationCode"


class Validation:
    """Judges documents by one policy. `clock` gives seconds and measures only."""

    def __init__(
        self, library: RuleLibrary, *, policy: Policy, clock: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._library = library
        self._policy = policy
        self._clock = clock

    def warm(self, rule_set: str) -> None:
        """Compile what the policy needs for a rule set, before the first document.

        Raises as `examine` does.
        """
        chosen = self._library.catalogue.named(rule_set)
        decided = self._library.decide(chosen, self._policy.rules)
        rules = BUNDLED if decided == BUNDLED else OFFICIAL
        self._library.judges(chosen, rules, self._policy.engine)
        for root in self._library.catalogue.kinds[chosen.kind].names():
            schema = self._library.schema(chosen, root, rules)
            if schema is not None:
                schema.load()

    def validate(self, data: bytes, *, at: datetime, rule_set: str | None = None) -> Report:
        """The report on a document that is processed at a moment, see `examine`."""
        return self.examine(data, at=at, rule_set=rule_set).report

    def examine(self, data: bytes, *, at: datetime, rule_set: str | None = None) -> Examination:
        """Judge a document, by its own rules or those of the rule set named.

        Raises `UnknownRuleSetError` for a name without rules here, `SchemaError` and `PackError`
        for rules that cannot be used, `EngineError` where an engine does not start.
        """
        # 1. Bytes to a tree, within limits.
        try:
            document = read_document(data)
        except MalformedXMLError as error:
            return _unreadable(error)
        # 2. Whose rules.
        chosen, said = self._choose(document, at, rule_set)
        policy = self._policy_for(chosen or self._library.catalogue.named(_SCHEMA_ONLY))
        run = Run(rule_library=self._library, policy=policy, clock=self._clock, document=document)
        run.notices.extend([*said, *_of_encoding(document)])
        if chosen is None:
            run.schema(self._library.catalogue.named(_SCHEMA_ONLY))
            return run.end(None)
        # 3. The schema.
        run.schema(chosen)
        # 4. The layers of rules, if the schema allows.
        if run.schema_valid is not False or self._policy.all_layers:
            run.layers(chosen)
        else:
            run.skip(chosen)
        # 5. What is told of it.
        if chosen.kind == _BIS and _is_domestic(document):
            run.notices.append(notices.DOMESTIC)
        return run.end(chosen)

    def _policy_for(self, rule_set: RuleSet) -> Policy:
        """The policy with the operator's choice in it, where that is what it says."""
        rules = self._library.decide(rule_set, self._policy.rules)
        return dataclasses.replace(self._policy, rules=rules)

    def _choose(
        self, document: Document, at: datetime, name: str | None
    ) -> tuple[RuleSet | None, Sequence[Notice]]:
        catalogue = self._library.catalogue
        if name is not None:
            return catalogue.named(name), ()
        choice = choose(
            catalogue,
            root=document.name,
            customization=document.customization,
            profile=document.profile,
            at=at,
            loaded=self._library.loaded(self._policy.rules),
        )
        if isinstance(choice, NoRuleSet):
            return None, (choice.notice,)
        return choice.rule_set, choice.notices


def _of_encoding(document: Document) -> Iterable[Notice]:
    return () if document.encoding == "utf-8" else (notices.other_encoding(document.encoding),)


def _is_domestic(document: Document) -> bool:
    found = [document.root.findtext(f"{CAC}{party}/{_COUNTRY}") for party in _PARTIES]
    return all(country is not None and country.strip() == "NL" for country in found)


def _unreadable(error: MalformedXMLError) -> Examination:
    layer = LayerResult(name=findings.XML_LAYER, outcome=LayerOutcome.INVALID, engine="libxml2")
    finding = findings.of_malformed(error)
    return Examination(
        report=Report(outcome=Outcome.INVALID, errors=1, findings=(finding,), layers=(layer,)),
        schema_valid=False,
    )
